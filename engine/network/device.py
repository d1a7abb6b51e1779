"""Where a network computes: the one place that turns a name into a device, or says why there is none."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from typing import Callable

import torch

from ..errors import RequestError

DEVICES = ("auto", "cpu", "cuda", "mps")
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def resolve(name: str) -> torch.device:
    """Return the device of that name; "auto" takes the best there is.  Raise RequestError where there is none."""
    there: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "cpu": lambda: True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, is_there in there.items() if is_there()))
    if name not in there:
        raise RequestError(f"There is no device '{name}'.", f"Choose one of {', '.join(DEVICES)}.")
    if not there[name]():
        raise RequestError(
            f"This computer has no device '{name}' that PyTorch {torch.__version__} can use.",
            "Choose auto or cpu, or install a PyTorch made for the graphics card.",
        )
    return torch.device(name)


def describe(device: torch.device) -> str:
    """Return the device in words, with the name of a graphics card."""
    if device.type == "cuda":
        return f"{device.type} ({torch.cuda.get_device_name(device)})"
    return device.type


@contextlib.contextmanager
def one_thread_each() -> Iterator[None]:
    """Let each thread that runs a network from now on do so by itself; afterwards all is as before.

    Threads that share out tiles waste no time waiting for each other, and the last bits of a result, which depend on
    how many threads share an operation, do not depend on how many share the tiles.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def keep_memory() -> None:
    """Let glibc keep what it has once been given: to map each activation anew takes up to a third of the time."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):  # musl has none
            library.mallopt(_M_MMAP_THRESHOLD, 1 << 30)
            library.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
