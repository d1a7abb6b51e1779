"""What is said about the algorithm Pansharpen, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from .. import paths
from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Brings a multispectral image to the pixel size of its panchromatic partner."),
        long=tr(
            "The result has the colours of the one and the detail of the other, and the number type of the "
            "multispectral image. The images may differ in extent and coordinate system, and their pixel sizes need "
            "no whole ratio. Memory stays bounded however large they are. A file beside the result, ending in "
            ".ksdiff.json, keeps what was asked and what came of it."
        ),
        parameters={
            "SPECTRAL": tr(
                "One image, or several where each band has a file of its own. Bands are counted on from file to file, "
                "in the order of the list."
            ),
            "PANCHROMATIC": tr(
                "The image of one band and finer pixels. The result lies on its grid and in its coordinate system."
            ),
            "METHOD": tr(
                "How detail is brought in. KSDIFF takes a trained model: the one that is named, or else the one made "
                "for this sensor, or for any; where none can run, MTF-GLP-FS with a warning. It had the least error on "
                "all real scenes we measured, and takes several times as long as the others. Of these MTF-GLP-FS was "
                "best on average; GSA and BDSD-PC come next. BROVEY and SFIM keep the hue of every pixel. GIHS and GS "
                "are simple, and weak where bands lie outside what the panchromatic image sees. EXP adds no detail; it "
                "shows what enlarging alone would give."
            ),
            "KNOWN_MODEL": tr(
                "One of the models that are there: those that come with the plugin, your own in {folder}, and those of "
                "the folders in the options of the provider. It takes the place of the method. Empty: with the method "
                "KSDIFF the one made for this sensor is chosen among them."
            ).format(folder=paths.models()),
            "MODEL": tr(
                "Instead of a known model, the file of any, or a model's name. Models compute in another Python, so "
                "that nothing they do can harm QGIS: that of the provider's options, or the one that Set up "
                "environment made."
            ),
            "ADAPT": tr(
                "For so many minutes a model for any sensor first learns from this very pair, made coarser so that the "
                "truth is known: 2 take a good part of what is left of the error. 0: not at all. To keep what it "
                "learns, use Adapt a model to a scene. A run that adapts cannot be gone on with."
            ),
            "SENSOR": tr(
                "Which instrument took the images: it tells how each band blurs, and which bands are red, green and "
                "blue. AUTO finds it from file names, metadata and band names, and says so in the log."
            ),
            "EXTENT": tr("Only this part of the panchromatic image, in any coordinate system. Empty: all of it."),
            "BANDS": tr(
                "Which multispectral bands to sharpen, counted from 1 over all files, in the order wanted in the "
                "result; such as 3 2 1. Methods that work with an intensity (BROVEY, GIHS, GS, GSA, BDSD-PC, BT-H) "
                "make it from the chosen bands, so another choice changes their pixels. Empty: all."
            ),
            "NODATA": tr("The value that marks missing pixels, in place of what the files declare."),
            "RESAMPLING": tr(
                "How the multispectral image is enlarged before detail is added. The polynomial with 23 taps keeps "
                "most; the others are those of GDAL."
            ),
            "REGISTER": tr(
                "What is done where the multispectral image lies off. REPORT: that is measured, and said where it is "
                "more than 0.3 panchromatic pixels; nothing is moved, unless a model is used, neither image names a "
                "coordinate system and it is 0.4 or more: then as with GLOBAL. GLOBAL: the image is moved back as a "
                "whole, which resamples nothing. LOCAL: it is also moved back from place to place, along a smooth "
                "field, where the images were not laid onto the same terrain, for example."
            ),
            "PAN_BAND": tr("Which band of the panchromatic file to use, where it has more than one."),
            "WEIGHTS": tr(
                "For BROVEY and GIHS: how much each chosen band takes part in the panchromatic image, such as "
                "0.3 0.4 0.3. Empty: as known of the sensor, or estimated from the images."
            ),
            "COVERAGE": tr(
                "INTERSECTION: the result covers what both images cover. UNION: it covers what either of them covers, "
                "with nodata where one is missing."
            ),
            "DATA_TYPE": tr("The number type of the result. SAME: that of the multispectral image."),
            "FORMAT": tr("GTIFF: a tiled GeoTIFF. COG: a cloud-optimised GeoTIFF, with overviews."),
            "OVERVIEWS": tr("Add reduced copies, so that a large result is shown quickly."),
            "DEVICE": tr("What a model computes on. AUTO takes a graphics card where PyTorch can use one."),
            "SEED": tr("Of the noise that a model begins with: the same seed gives the same result."),
            "CONTEXT": tr(
                "What a model adapts itself to. SCENE: to the image as a whole. TILE: to each part of it, which takes "
                "a few times as long, and may suit images of very different parts better."
            ),
            "RESUME": tr(
                "Where an earlier run with the same parameters was stopped or killed, go on with what it had done."
            ),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OPTIONS": tr(
                "GDAL creation options for the result, such as COMPRESS=ZSTD|BLOCKXSIZE=256; they win over our own."
            ),
            "OUTPUT": tr("A GeoTIFF; its name ends in .tif."),
            "SHIFTS": tr(
                "Points all over the images with the shift there: dx to the right, dy downwards, length, in "
                "panchromatic pixels, and the correlation it was found by. A GeoPackage or GeoJSON. Empty: none."
            ),
        },
        outputs={
            "OUTPUT_METHOD": tr("As METHOD takes it, for the next step of a model."),
            "OUTPUT_MODEL": tr("Its name and version; empty without one."),
            "OUTPUT_DEVICE": tr("What the model computed on; empty without one."),
            "ERROR_BEFORE": tr(
                "Of the model before it was adapted, on parts of the pair made coarser that it did not learn from, as "
                "a share of the error of MTF-GLP-FS; empty without adapting."
            ),
            "ERROR_AFTER": tr("The same after it was adapted; empty without adapting."),
            "OUTPUT_SENSOR": tr("The sensor chosen or recognised, as SENSOR takes it."),
            "RATIO": tr("Multispectral pixel size over panchromatic pixel size."),
            "SHIFT": tr("How far the multispectral image lies off, in panchromatic pixels; empty if not measurable."),
            "SHIFT_X": tr("Its part to the right; empty if not measurable."),
            "SHIFT_Y": tr("Its part downwards; empty if not measurable."),
            "APPLIED_X": tr("The part to the right of the shift that was taken away; 0 with REPORT."),
            "APPLIED_Y": tr("Its part downwards."),
            "VALID_SHARE": tr("From 0 to 1."),
            "SECONDS": tr("How long the run took."),
            "PEAK_MB": tr("The most that QGIS and the run together held, in megabytes."),
        },
    )
