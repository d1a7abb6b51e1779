"""What is said about the algorithm Train, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from .. import paths
from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Trains a model that sharpens images like those it learns from."),
        long=tr(
            "Give a training set, as Make a training set writes it, or the two images of a scene, and a name. How "
            "large the network is follows from the number of samples and the time. It learns in another Python, so "
            "that nothing it does can harm QGIS, in two stages: first with kernels that are made from the truth, then "
            "with those that the diffusion finds. A report shows how it learns, beside doing nothing and beside "
            "classical methods; its path is in the log, and a browser that shows it renews it by itself. "
            "Cancel as you like: what was learnt up to the last checkpoint is kept. The images stay on this computer."
        ),
        parameters={
            "TRAININGSET": tr("The folder that Make a training set has written. Empty: the two images below."),
            "SPECTRAL": tr(
                "Where there is no training set: the image to learn from, or several where each band has a file of its "
                "own. A training set is made of it first, with default settings, and kept beside the model."
            ),
            "PANCHROMATIC": tr("The image of one band and finer pixels that belongs to it."),
            "NAME": tr("What the model is called, such as the sensor and the place; no other may be called so."),
            "MINUTES": tr(
                "How long the network learns. Ten minutes show whether it will come to something, hours are normal."
            ),
            "RESUME": tr(
                "Go on with the training of this name that was stopped or ended otherwise, up to MINUTES in all. Where "
                "there is none, one is begun."
            ),
            "START": tr(
                "A model, as a file or by its name, whose fusion network learns on. It must take such samples. Empty: "
                "begin with a new network."
            ),
            "DEVICE": tr("What the network computes on. AUTO takes a graphics card where PyTorch can use one."),
            "BACKBONE": tr("The fusion network. AUTO takes SWIFT, the fastest; PANNEXT is the one of the paper."),
            "STEPS": tr("How many steps both stages take together, in place of MINUTES; so a run can be repeated."),
            "SEED": tr("Of the first weights and of the order in which the network sees the samples."),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OUTPUT": tr(
                "A model file; its name ends in .safetensors. The run with its checkpoints lies beside it. Empty: a "
                "file in {folder}, where Pansharpen finds it."
            ).format(folder=paths.models()),
        },
        outputs={
            "REPORT": tr("The page that shows how the network learned, and what it came to."),
            "OUTPUT_MODEL": tr("Name and version of the model, as KNOWN_MODEL of Pansharpen takes the name."),
            "OUTPUT_DEVICE": tr("What the network computed on."),
            "ERGAS": tr("The error of the model on samples that it did not learn from; less is better."),
            "SAM": tr("The angle between its colours and the true ones, in degrees; less is better."),
            "Q2N": tr("How like the truth its images are, at most 1; more is better."),
            "EXP_ERGAS": tr("The same of the image that it is given, which is only enlarged."),
            "EXP_SAM": tr("The same of the image that it is given."),
            "EXP_Q2N": tr("The same of the image that it is given."),
            "CLASSICAL": tr("The classical method that comes nearest to the truth on these samples."),
            "CLASSICAL_ERGAS": tr("Its error there."),
            "STEPS_DONE": tr("How many steps were made, in all stages."),
            "EPOCHS": tr("How often all samples were seen, on average."),
            "SECONDS": tr("How long this run took."),
        },
    )
