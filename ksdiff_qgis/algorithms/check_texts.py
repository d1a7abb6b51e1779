"""What is said about the algorithm Check, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Says what there is to run models with: a Python with PyTorch, and the devices that compute."),
        long=tr(
            "Models run in a Python of their own, beside QGIS. It is the one named in the options of the provider or "
            "in the environment variable KSDIFF_PYTHON; else one that was set up by 'Set up environment'; else that "
            "of QGIS. Each device has to do a real computation and to get it right. Nothing is changed and nothing is "
            "fetched. That nothing was found is an answer, not an error: USABLE is 0 then."
        ),
        parameters={
            "PYTHON": tr(
                "The program of a Python to ask in place of the one that would be used; such as /opt/conda/bin/python."
            ),
        },
        outputs={
            "USABLE": tr("1 where models can be run, else 0."),
            "PYTHON_USED": tr("The program; empty where none can be used."),
            "PYTHON_VERSION": tr("Such as 3.12.4."),
            "TORCH": tr("Such as 2.13.0+cpu."),
            "NUMPY": tr("Such as 2.4.6."),
            "SAFETENSORS": tr("Such as 0.8.0."),
            "DEVICE": tr("A graphics card before the processor; such as cuda:0."),
            "DEVICES": tr("All devices that computed rightly, with commas between; such as cpu,cuda:0."),
            "PROBLEM": tr("Each Python that was asked and cannot run models, and why."),
            "FOLDER": tr("Where 'Set up environment' makes environments."),
            "FREE_MB": tr("What is free there, in megabytes."),
            "SECONDS": tr("How long the check took."),
        },
    )
