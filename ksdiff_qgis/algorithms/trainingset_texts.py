"""What is said about the algorithm that makes training sets, in its dialog, on the command line and in the docs."""

from __future__ import annotations

from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Cuts samples out of images, for a model to learn from and to be measured on."),
        long=tr(
            "Each pair is made coarser by its own ratio, so that its original multispectral image is the truth. "
            "Places with clouds, missing or saturated pixels or too little texture are left out, and so are pairs "
            "whose images do not lie on each other; the log and the report say what was left out and why. A part of "
            "the ground is held out to measure on: whole images where there are enough, else a strip at one end, "
            "with ground between that is not used. A panchromatic image, a multispectral one and a folder for the "
            "result are enough. The result is a folder for Train; it is made whole, or not at all. The images stay "
            "on this computer."
        ),
        parameters={
            "PANS": tr("One image of one band and finer pixels for each scene."),
            "MSS": tr(
                "The image that belongs to each panchromatic one, in the same order. With a single panchromatic image, "
                "several files that hold a band each are taken for one scene. All scenes need the same bands."
            ),
            "FOLDER": tr(
                "A folder that is searched, with those below it, for pan.tif beside ms.tif (and clouds.tif), a_pan.tif "
                "beside a_ms.tif, and .h5 files; besides the images above, or in place of them."
            ),
            "H5": tr("A file of patches as PanCollection has them, with gt, ms and pan; besides all others."),
            "SENSOR": tr(
                "Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, "
                "metadata and band names."
            ),
            "MOST": tr(
                "How many samples there are at most, to learn from and to measure on together. Where there are fewer "
                "places, each is drawn up to eight times, with another blur and another shift."
            ),
            "VALIDATION": tr(
                "Which part of the ground is kept to measure on. With 0 there are samples to learn from only."
            ),
            "CLOUDS": tr(
                "A raster, or one for each pair, that is not 0 where clouds and their shadows are, in the coordinate "
                "system of the images and of any pixel size. Where it ends, the sky is taken to be clear."
            ),
            "LIMIT": tr(
                "In panchromatic pixels: a pair whose images lie farther off each other, as measured, is left out."
            ),
            "BANDS": tr("Which multispectral bands to take, counted from 1 over all files; such as 3 2 1. Empty: all."),
            "NODATA": tr("The value that marks missing pixels, in place of what the files declare."),
            "PATCH": tr("In pixels of the multispectral image. A training cannot look at larger parts than this."),
            "TEXTURE": tr(
                "How much the liveliest band of a sample has to vary (its standard deviation), as a share of what is "
                "bright in the scene. 0 leaves nothing out."
            ),
            "SEED": tr("Of the choice of samples and of their blur and shift; the same seed makes the same set."),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OUTPUT": tr("A folder that does not exist yet, or is empty."),
        },
        outputs={
            "SAMPLES": tr("All of them."),
            "TRAINING": tr("Each with a blur and a shift of its own."),
            "VALIDATION_SAMPLES": tr("From ground that nothing is learnt from."),
            "LEFT_OUT": tr("How many of the places that were looked at are not in the set; the report says why."),
            "BANDS_COUNT": tr("Of the multispectral images."),
            "RATIO": tr("Multispectral pixel size over panchromatic pixel size; the greatest where several differ."),
            "OUTPUT_SENSOR": tr("The sensor chosen or recognised, GENERIC where there are several."),
            "REPORT": tr("A page with numbers and some of the samples, inside the folder."),
            "MANIFEST": tr("The same in numbers, as JSON, inside the folder."),
            "SECONDS": tr("How long the run took."),
            "PEAK_MB": tr("The most that QGIS and the run together held, in megabytes."),
        },
    )
