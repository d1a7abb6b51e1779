"""What is said about the algorithm Setup, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Makes an environment with PyTorch, numpy and safetensors, in which models run."),
        long=tr(
            "It lies in a folder of your own, beside QGIS, and touches neither QGIS's Python nor any other. The log "
            "says first what is fetched, from where, how much, and into which folder: about 250 MB to fetch and 1 GB "
            "on disk for the processor, 4 and 8 GB for a graphics card of NVIDIA's. Stopping removes what was begun. "
            "An environment that works is left alone. The proxy is that of QGIS's network options. Where a Python "
            "with PyTorch is there already, name it in the options of the provider instead; nothing is needed then."
        ),
        parameters={
            "VARIANT": tr(
                "AUTO takes the build for CUDA where the driver of an NVIDIA card is new enough, else that for the "
                "processor; on macOS that uses Apple's GPU too. CPU and CUDA insist."
            ),
            "DRY_RUN": tr("Say what would be fetched and run, with commands to copy, and do nothing."),
            "UPDATE": tr("Make the environment again; where that fails, the old one comes back."),
            "WHEELS": tr("Take all packages from this folder of *.whl files, without any network."),
            "INDEX_URL": tr("Take all packages from this index, such as that of a company; it begins with https://."),
            "PYTHON": tr(
                "The program of the Python to make the environment from, 3.9 to 3.14. Empty: that of QGIS, or one "
                "that is installed."
            ),
        },
        outputs={
            "OUTPUT_PYTHON": tr("The program; it is found by itself from now on."),
            "OUTPUT_VARIANT": tr("CPU, CU126, CU128, or OWN where wheels or an index were given."),
            "MADE": tr("1 where it was made, 0 where it was there already or with DRY_RUN."),
            "TORCH": tr("Such as 2.13.0+cpu; empty with DRY_RUN."),
            "NUMPY": tr("Such as 2.4.6; empty with DRY_RUN."),
            "SAFETENSORS": tr("Such as 0.8.0; empty with DRY_RUN."),
            "DEVICE": tr("A graphics card before the processor; such as cuda:0."),
            "DEVICES": tr("All devices that computed rightly, with commas between; such as cpu,cuda:0."),
            "FOLDER": tr("Remove it to get rid of the environment."),
            "DOWNLOAD_MB": tr("An estimate; empty where nobody can tell."),
            "DISK_MB": tr("An estimate; empty where nobody can tell."),
            "FREE_MB": tr("What is free there, in megabytes."),
            "COMMANDS": tr("What is run, one command a line."),
            "SECONDS": tr("How long the run took."),
        },
    )
