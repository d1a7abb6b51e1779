"""What is said about the algorithm Simulate, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Makes a pair coarser by its own ratio, so that the original multispectral image is the truth."),
        long=tr(
            "This is Wald's protocol: each band is blurred as its sensor would have seen it with larger pixels. "
            "Sharpen the coarser pair and compare the result with the reference, which lies on the same grid, pixel by "
            "pixel. What does not fill a coarser pixel at the right and lower edge is left out of all three images. "
            "Missing pixels take no part, and memory stays bounded however large the images are."
        ),
        parameters={
            "SPECTRAL": tr(
                "One image, or several where each band has a file of its own, all on one grid and in the coordinate "
                "system of the panchromatic image."
            ),
            "PANCHROMATIC": tr("The image of one band and finer pixels."),
            "CONVENTION": tr(
                "GEOMETRIC keeps everything where the georeferencing puts it, with any ratio and offset. TOOLBOX "
                "filters and thins out as the reference toolbox of the field does, for numbers that compare with "
                "papers: ratios 2, 4, 8 and 16, aligned pixels without gaps, images that fit into memory."
            ),
            "SENSOR": tr(
                "Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, "
                "metadata and band names, and says so in the log."
            ),
            "EXTENT": tr("Only this part of the panchromatic image, in any coordinate system. Empty: all of it."),
            "BANDS": tr(
                "Which multispectral bands to take, counted from 1 over all files, in the order wanted in the result; "
                "such as 3 2 1. Empty: all."
            ),
            "NODATA": tr("The value that marks missing pixels, in place of what the files declare."),
            "PAN_BAND": tr("Which band of the panchromatic file to use, where it has more than one."),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OUTPUT_PAN": tr("A GeoTIFF on the grid of the reference; its name ends in .tif."),
            "OUTPUT_MS": tr("A GeoTIFF with pixels larger than those of the reference by the ratio."),
            "OUTPUT_REFERENCE": tr("A GeoTIFF that holds the original multispectral image, unchanged but cut."),
        },
        outputs={
            "OUTPUT_SENSOR": tr("The sensor chosen or recognised, as SENSOR takes it."),
            "RATIO": tr("Multispectral pixel size over panchromatic pixel size."),
            "SHIFT": tr("How far the multispectral image lies off, in panchromatic pixels; empty if not measurable."),
            "VALID_SHARE_PAN": tr("From 0 to 1."),
            "VALID_SHARE_MS": tr("From 0 to 1."),
            "SECONDS": tr("How long the run took."),
            "PEAK_MB": tr("The most that QGIS and the run together held, in megabytes."),
        },
    )
