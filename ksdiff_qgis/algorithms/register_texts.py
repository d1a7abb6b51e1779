"""What is said about the algorithm Register, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Measures how far a multispectral image lies off its panchromatic partner."),
        long=tr(
            "The shift is measured for the scene as a whole and in windows all over it, to about a tenth of a "
            "panchromatic pixel, from the mix of bands that comes nearest to the panchromatic image. Nothing is "
            "changed: to take the shift away, choose GLOBAL or LOCAL for it in Pansharpen. More than 0.3 pixels blur "
            "and colour edges."
        ),
        parameters={
            "SPECTRAL": tr("One image, or several where each band has a file of its own."),
            "PANCHROMATIC": tr("The image of one band and finer pixels."),
            "SENSOR": tr(
                "Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, "
                "metadata and band names."
            ),
            "EXTENT": tr(
                "An extent that both images share a part of; shifts are measured all over what both images show."
            ),
            "BANDS": tr(
                "Which multispectral bands to compare with the panchromatic image, counted from 1 over all files. "
                "Empty: all; those that do not resemble it count little."
            ),
            "NODATA": tr("The value that marks missing pixels, in place of what the files declare."),
            "PAN_BAND": tr("Which band of the panchromatic file to use, where it has more than one."),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OUTPUT": tr(
                "Points all over the images with the shift there: dx to the right, dy downwards, length, in "
                "panchromatic pixels, and the correlation it was found by. A GeoPackage or GeoJSON. Empty: none."
            ),
        },
        outputs={
            "DX": tr(
                "How far the multispectral image lies to the right, in panchromatic pixels; empty if not measurable."
            ),
            "DY": tr("How far it lies down; empty if not measurable."),
            "LENGTH": tr("How far it lies off in all; empty if not measurable."),
            "CORRELATION": tr("Of the images once the shift is taken away, 0 to 1; empty if not measurable."),
            "LOCAL": tr("In how many windows a shift could be measured."),
            "LOCAL_GREATEST": tr("The longest shift of a window, in panchromatic pixels; empty if there is none."),
            "LOCAL_SPREAD": tr(
                "How far half of the windows at least lie from their middle, in panchromatic pixels; empty if there "
                "are fewer than four."
            ),
            "REPORT": tr("What was found, in words, with the warnings."),
            "SECONDS": tr("How long the run took."),
            "PEAK_MB": tr("The most that QGIS and the run together held, in megabytes."),
        },
    )
