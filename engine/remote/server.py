"""The worker: makes kernels of a model and fuses tiles, or adapts it, and ends when nobody can ask any more."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Optional

from ..errors import EngineError, WorkerError
from .inside import begin, leave
from .protocol import MOST_LINE, VERSION, Arrays, decoded, encoded, no_room, put, take

if TYPE_CHECKING:
    from ..methods.fuser import LocalFuser

_log = logging.getLogger(__name__)


def main(threads: str) -> None:
    """Answer what comes on stdin, so many requests at once, until it is closed; then end at once."""
    desk = _Desk(begin(), os.getcwd())
    with ThreadPoolExecutor(int(threads)) as pool:
        # This thread only listens, so that the end of the client is noticed in the middle of any computation.
        for line in iter(lambda: sys.stdin.buffer.readline(MOST_LINE), b""):
            pool.submit(desk.answer, decoded(line))
        leave()


class _Desk:
    """One model at most, and the kernels by the number of the request that brought them."""

    def __init__(self, answers: BinaryIO, folder: str) -> None:
        self._answers, self._folder = answers, folder
        self._turn = threading.Lock()
        self._fuser: Optional[LocalFuser] = None
        self._kernels: dict[int, Arrays] = {}

    def answer(self, request: dict[str, Any]) -> None:
        number = request["id"]
        try:
            arrays = take(os.path.join(self._folder, f"{number}.in"), request["arrays"])
            values, made = self._done(number, request["do"], request["values"], arrays)
            try:
                listed = put(os.path.join(self._folder, f"{number}.out"), made)
            except OSError as error:
                raise no_room(os.path.dirname(self._folder), error) from error
            reply = {"id": number, "values": values, "arrays": listed}
        except EngineError as error:
            reply = _refusal(number, error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the client has to hear of it
            _log.exception("Request %d failed", number)
            fact = f"The worker failed to {request.get('do')} ({type(error).__name__}: {error})."
            reply = _refusal(number, WorkerError(fact, "Use fewer threads or the device cpu, or another method."))
        with self._turn:
            self._answers.write(encoded(reply))
            self._answers.flush()

    def _done(self, number: int, do: str, values: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        if do == "hello":
            return self._hello(**values), {}
        if do == "adapt":
            return _adapted(**values), {}
        fuser = self._fuser
        if fuser is None:
            raise AssertionError("asked before a model was loaded")  # pragma: no cover
        if do == "keep":
            self._kernels[number] = arrays
            return {"kept_as": number}, {}
        windows = [(arrays[f"pan {index}"], arrays[f"ms {index}"]) for index in range(len(arrays) // 2)]
        if do == "settle":
            return {}, fuser.settle(windows, values["shares"])
        kernels = [self._kernels[kept] for kept in values["kernels"]]
        fused = fuser.fuse_each(windows, kernels, values["margin"])
        return {}, {f"fused {index}": image for index, image in enumerate(fused)}

    def _hello(self, version: int, model: str, device: str, seed: int) -> dict[str, Any]:
        _check_version(version)
        with _imports():
            import torch

            from ..methods.fuser import LocalFuser
        # Each thread a tile by itself: two that share one tile after the other take 1.2 to 1.8 times as long for
        # them, as they wait for each other after every step.
        torch.set_num_threads(1)
        self._fuser = fuser = LocalFuser.load(model, device, seed)
        told = {"near": fuser.near, "step": fuser.step, "room": fuser.room, "facts": fuser.facts}
        return {"version": VERSION, **told}


def _adapted(version: int, task: dict[str, Any]) -> dict[str, Any]:
    _check_version(version)
    with _imports():
        from ..training.adaptation import Task, adapt
    told = Task(**{**task, "sensors": tuple(task["sensors"])})
    return adapt(told, lambda: True)  # who wants it to end ends the worker


def _check_version(version: int) -> None:
    if version != VERSION:
        raise WorkerError(
            f"The worker speaks version {VERSION} of its language, and version {version} is asked for.",
            "Restart QGIS, so that all of the plugin is of one version.",
        )


@contextmanager
def _imports() -> Iterator[None]:
    """Say in a sentence that PyTorch is missing."""
    try:
        yield
    except (ImportError, OSError) as error:  # OSError: a library of PyTorch's that Windows cannot load
        raise WorkerError(
            f"PyTorch cannot be loaded by {sys.executable} ({error}).",
            "Mend or choose another environment: it needs torch, numpy and safetensors.",
        ) from error


def _refusal(number: int, error: EngineError) -> dict[str, Any]:
    return {"id": number, "error": [type(error).__name__, error.fact, error.remedy]}
