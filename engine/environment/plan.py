"""What making an environment would do: which packages, from where, how much, into which folder, by which commands."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
from dataclasses import dataclass
from typing import Optional

from ..errors import InputError
from .child import Ticks, cleaned, heard
from .pythons import Interpreter, inside

TORCH = "2.13.0"
_TORCH_OF_39 = "2.8.0"  # the last for Python 3.9
_TORCH_OF_INTEL_MACS = "2.2.2"  # the last for macOS x86-64: Python up to 3.12, and numpy before 2
_WHEELS = "https://download.pytorch.org/whl/"
_DRIVERS = ((570, "cu128"), (560, "cu126"))  # the NVIDIA driver that each build for CUDA needs at least
# Megabytes to fetch and on disk, everything together; rounded up from Linux with PyTorch 2.13, others estimated.
_SIZES = {"cpu": (250, 1000), "macos": (150, 700), "cu126": (3500, 7500), "cu128": (3800, 8000)}
_SPREAD = 5  # how many times its size a wheel takes on disk, its copy while it is unpacked included
_INSTALL = (
    "-m",
    "pip",
    "install",
    "--only-binary",
    ":all:",
    "--no-cache-dir",
    "--progress-bar",
    "off",
    "--retries",
    "2",
)


@dataclass(frozen=True)
class Plan:
    """An environment to make; sizes in MB, None where nobody can tell."""

    python: Interpreter
    folder: str
    variant: str  # "cpu", "cu126", "cu128", or "own": whatever the user's index or wheels hold
    reason: str  # why this variant, as a sentence
    requirements: tuple[str, ...]
    source: str  # where the packages come from
    own_wheels: bool
    download_mb: Optional[int]
    disk_mb: Optional[int]
    commands: tuple[tuple[str, ...], ...]  # the first makes the environment, the others fill it

    @property
    def program(self) -> str:
        """Return the Python of the environment."""
        return inside(self.folder)

    @property
    def digest(self) -> str:
        """Return what tells an environment made by another plan apart."""
        told = json.dumps([self.requirements, self.variant, self.python.version[:2]])
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def free_mb(self) -> int:
        """Return the free space where the environment would lie; the folder need not exist."""
        place = self.folder
        while not os.path.isdir(place) and os.path.dirname(place) != place:
            place = os.path.dirname(place)
        return shutil.disk_usage(place).free // 10**6


def plan(python: Interpreter, folder: str, variant: str, wheels: str, index_url: str, driver: Optional[int]) -> Plan:
    """Return the plan for an environment under `folder`.

    `variant` is "auto", "cpu" or "cuda"; `driver`, the major version of NVIDIA's, None without one.  `wheels`, a
    folder, and `index_url` win over the indices that are known.  Raise InputError where there is no such PyTorch.
    """
    torch, requirements = _requirements(python)
    if wheels:
        chosen, reason, source = "own", "The packages are those of the folder.", os.path.abspath(wheels)
    elif index_url:
        chosen, reason, source = "own", "The packages are those of the index given.", index_url
    else:
        chosen, reason = _variant(python, variant, driver)
        source = _WHEELS + chosen if python.system != "darwin" else "PyPI"
    # Short names: on Windows a path has 260 characters, and PyTorch needs 150 of them.
    where = os.path.join(os.path.abspath(folder), f"py3.{python.version[1]}-torch{torch}-{chosen}")
    fill = (inside(where), *_INSTALL)
    if wheels:
        installs = [(*fill, "--no-index", "--find-links", source, *requirements)]
    elif index_url:
        installs = [(*fill, "--index-url", index_url, *requirements)]
    elif python.system == "darwin":
        installs = [(*fill, *requirements)]
    else:  # PyTorch alone from its own index, which holds old versions of what others need
        installs = [(*fill, "--index-url", source, requirements[0]), (*fill, *requirements[1:])]
    download, disk = _sizes(chosen, python.system, wheels)
    return Plan(
        python,
        where,
        chosen,
        reason,
        requirements,
        source,
        bool(wheels),
        download,
        disk,
        ((python.path, "-m", "venv", where), *installs),
    )


def driver_version(limit_s: float = 10.0) -> Ticks[Optional[int]]:
    """Return the major version of NVIDIA's driver; None where none answers."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    command = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        code, said = yield from heard(command, cleaned(os.environ), limit_s)
    except (OSError, TimeoutError):
        return None
    versions = [int(match.group(1)) for match in (re.match(r"(\d+)\.\d+", line) for line in said) if match]
    return min(versions) if versions and code == 0 else None


def _requirements(python: Interpreter) -> tuple[str, tuple[str, ...]]:
    if python.system == "darwin" and python.machine == "x86_64":
        if python.version[:2] > (3, 12):
            raise InputError(
                f"PyTorch for Macs with an Intel processor ended with Python 3.12, and this is "
                f"3.{python.version[1]} ({python.path}).",
                "Install Python 3.12 from python.org and name its program.",
            )
        return _TORCH_OF_INTEL_MACS, (f"torch=={_TORCH_OF_INTEL_MACS}", "numpy<2", "safetensors")
    torch = TORCH if python.version[:2] > (3, 9) else _TORCH_OF_39
    return torch, (f"torch=={torch}", "numpy", "safetensors")


def _variant(python: Interpreter, wanted: str, driver: Optional[int]) -> tuple[str, str]:
    """Return the build of PyTorch and why.  Raise InputError where CUDA was asked for and cannot be."""
    if wanted == "cpu":
        return "cpu", "The build for the CPU was asked for."
    if python.system == "darwin":
        why = "macOS has no CUDA; the build for it uses Apple's GPU where there is one."
    elif python.machine not in ("x86_64", "amd64"):
        why = f"For processors of the kind {python.machine} only the build for the CPU is known."
    elif driver is None:
        why = "No NVIDIA driver answers."
    else:
        for least, build in _DRIVERS:
            if driver >= least:
                return build, f"The NVIDIA driver {driver} runs the build {build}."
        why = f"The NVIDIA driver {driver} is too old: {_DRIVERS[-1][0]} is the least."
    if wanted == "cuda":
        raise InputError(f"PyTorch for CUDA cannot be set up. {why}", "Update the driver, or choose the CPU.")
    return "cpu", why


def _sizes(variant: str, system: str, wheels: str) -> tuple[Optional[int], Optional[int]]:
    if wheels:
        try:
            sizes = [entry.stat().st_size for entry in os.scandir(wheels) if entry.name.endswith(".whl")]
        except OSError as error:
            raise InputError(f"The folder {wheels} cannot be looked into ({error.strerror}).", "Correct it.") from error
        if not sizes:
            raise InputError(f"The folder {wheels} holds no wheels.", "Put the files *.whl of all packages there.")
        return 0, math.ceil(sum(sizes) * _SPREAD / 1e6)
    if variant == "own":
        return None, None
    return _SIZES["macos" if system == "darwin" else variant]
