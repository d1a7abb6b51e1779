"""The network of a model file at work in this process: kernels out of windows, and images fused by them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..errors import MethodError
from ..modelfile.store import load_model
from ..network.device import describe, resolve
from ..network.diffusion import keyed_noise
from ..network.ksdiff import KSDiff
from .neural import Kernels, Scaled


class LocalFuser:
    """A network on a device, with the seed of its noise; see `neural.Fuser`."""

    def __init__(self, network: KSDiff, device: torch.device, seed: int = 0) -> None:
        self._network = network.to(device).eval()
        self._device = device
        self._seed = seed
        self.near, self.step = network.backbone.reach, network.backbone.step
        self.facts = {"device": describe(device), "torch": str(torch.__version__)}
        # A processor takes several tiles at once, a graphics card one after the other.
        self._turn = contextlib.nullcontext() if device.type == "cpu" else threading.Lock()

    @classmethod
    def load(cls, path: str, device: str, seed: int) -> LocalFuser:
        """Return the model of a file.  Raise ModelFileError where it is not sound, RequestError without the device."""
        chosen = resolve(device)  # first, as it costs nothing
        return cls(load_model(path)[1], chosen, seed)

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> dict[str, Any]:
        total: dict[str, npt.NDArray[np.float64]] = {}
        with self._computing():
            for (pan, ms_up), share in zip(windows, shares):
                images = self._tensor(pan[None, None]), self._tensor(ms_up[None])
                made = self._network.kernels(*images, self._latent(*images))
                for name, kernel in made.items():
                    part = share * kernel.cpu().numpy().astype(np.float64)
                    total[name] = total[name] + part if name in total else part
        return total

    def fuse(self, pan: Scaled, ms_up: Scaled, kernels: Kernels) -> Scaled:
        try:
            with self._computing():
                images = self._tensor(pan[None, None]), self._tensor(ms_up[None])
                known = {name: self._tensor(kernel) for name, kernel in kernels.items()}
                fused: Scaled = self._network.fuse_with(*images, known)[0].cpu().numpy()
        except torch.cuda.OutOfMemoryError as error:
            raise MethodError(
                "The memory of the graphics card is too small for the tiles, or other programs hold it.",
                "Choose smaller tiles, close other programs, or choose the device cpu.",
            ) from error
        return fused

    def _latent(self, pan: Tensor, ms_up: Tensor) -> Optional[Tensor]:
        """Return z, (1, tokens, latent).  All windows begin with the same noise: the seed alone decides."""
        given = self._network.architecture
        if given.prior == "none":
            return None
        noise = keyed_noise(self._seed, (1, given.tokens, given.latent)).to(self._device)
        return self._network.sample(self._network.condition(pan, ms_up), noise)

    def _tensor(self, values: npt.ArrayLike) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self._device)

    @contextlib.contextmanager
    def _computing(self) -> Iterator[None]:
        with self._turn, torch.inference_mode():
            yield
