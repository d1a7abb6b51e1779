"""What is said about the algorithm Adapt, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from .. import paths
from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Lets a model for any sensor learn from a scene, and writes the model that it becomes."),
        long=tr(
            "The pair is made coarser by its own ratio, so that the original multispectral image is the truth, and the "
            "model learns what it misses there. On parts of the scene that it does not learn from, the model as it was "
            "competes with what it becomes: the best is written, so that it is never worse there. Use the result as "
            "Model of Pansharpen, for this scene and for others of the same sensor; Pansharpen can also adapt a model "
            "by itself, without keeping it. The images stay on this computer."
        ),
        parameters={
            "SPECTRAL": tr(
                "One image, or several where each band has a file of its own, all on one grid and in the coordinate "
                "system of the panchromatic image."
            ),
            "PANCHROMATIC": tr("The image of one band and finer pixels."),
            "KNOWN_MODEL": tr(
                "The model to begin with, which must be one for any bands: one of those that come with the plugin, "
                "your own in {folder}, and those of the folders in the options of the provider. Empty: one is chosen "
                "among them."
            ).format(folder=paths.models()),
            "MODEL": tr(
                "Instead of a known model, the file of any. It computes in another Python, so that nothing it does can "
                "harm QGIS."
            ),
            "MINUTES": tr("How long the model learns. Longer is better for some minutes, and changes little then."),
            "SENSOR": tr(
                "Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, "
                "metadata and band names, and says so in the log."
            ),
            "EXTENT": tr(
                "Learn from this part of the panchromatic image alone, in any coordinate system. Empty: from all of it."
            ),
            "BANDS": tr(
                "Which multispectral bands to learn from, counted from 1 over all files; such as 3 2 1. Empty: all."
            ),
            "NODATA": tr("The value that marks missing pixels, in place of what the files declare."),
            "PAN_BAND": tr("Which band of the panchromatic file to use, where it has more than one."),
            "DEVICE": tr("What a model computes on. AUTO takes a graphics card where PyTorch can use one."),
            "SEED": tr("Of the order in which the model sees what it learns from."),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OUTPUT": tr("A model file; its name ends in .safetensors."),
        },
        outputs={
            "OUTPUT_MODEL": tr("Its name and version."),
            "OUTPUT_DEVICE": tr("What the model computed on."),
            "OUTPUT_SENSOR": tr("The sensor chosen or recognised, as SENSOR takes it."),
            "ERROR_BEFORE": tr(
                "Of the model to begin with, on parts of the pair made coarser that it did not learn from, as a share "
                "of the error of MTF-GLP-FS."
            ),
            "ERROR_AFTER": tr("The same of the model that it became."),
            "STEPS": tr("How often it learned from a few samples."),
            "SECONDS": tr("How long the run took."),
            "PEAK_MB": tr("The most that QGIS and the run together held, in megabytes."),
        },
    )
