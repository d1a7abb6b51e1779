"""The network of a model file at work in this process: kernels out of windows, and images fused by them."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..errors import MethodError
from ..modelfile.store import load_model
from ..network.device import describe, keep_memory, resolve
from ..network.diffusion import keyed_noise
from ..network.ksdiff import KSDiff
from ..network.layers import Precise
from .neural import Kernels, Scaled

_MOST_KNOWN = 64  # sets of kernels that stay on the device; a scene in cells has one for each
_AT_ONCE = 16  # windows that kernels are made of at once
_TRIAL = 256  # pixels on a side of the image by which the need of memory is measured
_SHARE = 0.5  # of the memory of a card that is free may be taken: it is needed beside, and by others
_SMALLER = 0.75  # than its tile has a half to be, or halving goes on without an end in sight
_log = logging.getLogger(__name__)


class LocalFuser:
    """A network on a device, with the seed of its noise; see `neural.Fuser`.

    On a graphics card of NVIDIA tiles are fused in half precision, but for the layers that see images or make them:
    of a trained PanNeXt no pixel changed by more than 0.4 counts of 11 bits.  The bfloat16 of processors has three bits
    less and changed some by 1.6, though in the linear layers alone.
    """

    def __init__(self, network: KSDiff, device: torch.device, seed: int = 0) -> None:
        self._network = network.to(device).eval()
        self._device = device
        self._seed = seed
        self.near, self.step = network.backbone.reach, network.backbone.step
        self.facts = {"device": describe(device), "torch": str(torch.__version__)}
        self._on_card = _is_card(device)
        if self._on_card:
            for name in ("stem", "head"):
                setattr(network.backbone, name, Precise(getattr(network.backbone, name)))
        # A processor takes several tiles at once, a graphics card one after the other.
        self._turn = contextlib.nullcontext() if device.type == "cpu" else threading.Lock()
        self._looking_up = threading.Lock()
        self._known: OrderedDict[tuple[int, ...], tuple[list[Any], dict[str, Tensor]]] = OrderedDict()
        self._most_pixels: Optional[int] = None  # at once, where more have not fitted into memory
        self.room = self._room() if self._on_card else None

    @classmethod
    def load(cls, path: str, device: str, seed: int) -> LocalFuser:
        """Return the model of a file.  Raise ModelFileError where it is not sound, RequestError without the device."""
        chosen = resolve(device)  # first, as it costs nothing
        if chosen.type == "cpu":
            keep_memory()
        return cls(load_model(path)[1], chosen, seed)

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> dict[str, Any]:
        total: dict[str, npt.NDArray[np.float64]] = {}
        with self._computing():
            for some in _of_one_size(windows):
                images = self._images([windows[index] for index in some])
                made = self._network.kernels(*images, self._latent(*images))
                weights = np.array([shares[index] for index in some])
                for name, kernel in made.items():
                    part = np.einsum("b,b...->...", weights, kernel.cpu().numpy().astype(np.float64))[None]
                    total[name] = total[name] + part if name in total else part
        return total

    def fuse(self, pan: Scaled, ms_up: Scaled, kernels: Kernels, margin: int = 0) -> Scaled:
        return self.fuse_each([(pan, ms_up)], [kernels], margin)[0]

    def fuse_each(
        self, windows: Sequence[tuple[Scaled, Scaled]], kernels: Sequence[Kernels], margin: int = 0
    ) -> list[Scaled]:
        pixels = sum(ms_up[0].size for _, ms_up in windows)
        with self._computing():
            if self._most_pixels is None or pixels <= self._most_pixels:
                with contextlib.suppress(torch.cuda.OutOfMemoryError):
                    return list(self._fused(windows, [self._tensors(one) for one in kernels], margin))
                self._note_lack(windows)
        # What has failed is free by now, as its frames are gone.
        if len(windows) > 1:
            middle = len(windows) // 2
            parts = slice(middle), slice(middle, None)
            return [made for part in parts for made in self.fuse_each(windows[part], kernels[part], margin)]
        halves = self._halves(*windows[0], margin)
        made = [self.fuse(*images, kernels[0])[:, rows, cols] for images, (rows, cols) in halves]
        return [np.concatenate(made, axis=_longer(windows[0][1]) + 1)]

    def _fused(self, windows: Sequence[tuple[Scaled, Scaled]], known: list[dict[str, Tensor]], margin: int) -> Scaled:
        kernels = known[0]
        if len(known) > 1:
            kernels = {name: torch.cat([one[name] for one in known]) for name in kernels}
        with torch.autocast("cuda", torch.float16, enabled=self._on_card):
            fused = self._network.fuse_with(*self._images(windows), kernels, margin).float()
        if not self._on_card:
            return np.asarray(fused.cpu().numpy())
        host = torch.empty(fused.shape, pin_memory=True)
        host.copy_(fused)
        return np.asarray(host.numpy())

    def _images(self, windows: Sequence[tuple[Scaled, Scaled]]) -> tuple[Tensor, Tensor]:
        """Return PAN, with what comes with it, and MS of windows of one size, as batches."""
        pan, ms_up = ([window[which] for window in windows] for which in (0, 1))
        pan = [image.reshape(-1, *image.shape[-2:]) for image in pan]
        together = ((images[0][None] if len(images) == 1 else np.stack(images)) for images in (pan, ms_up))
        first, second = map(self._tensor, together)
        return first, second

    def _room(self) -> int:
        """Return how many pixels the memory of a card holds at once, by what an image takes."""
        given = self._network.architecture
        generator = np.random.default_rng(0)
        pan, ms_up = (
            generator.random((channels, _TRIAL, _TRIAL), np.float32) for channels in (1 + given.guides, given.bands)
        )
        kernels = self.settle([(pan[:, :64, :64], ms_up[:, :64, :64])], [1.0])
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(self._device)
        free, before = torch.cuda.mem_get_info(self._device)[0], torch.cuda.memory_allocated(self._device)
        self.fuse(pan, ms_up, kernels)
        taken = torch.cuda.max_memory_allocated(self._device) - before
        return int(_SHARE * free * _TRIAL**2 / max(1, taken))

    def _note_lack(self, windows: Sequence[tuple[Scaled, Scaled]]) -> None:
        count, (height, width) = len(windows), windows[0][1].shape[1:]
        if self._most_pixels is None:
            several = f"{count} times " if count > 1 else ""
            _log.warning(
                "The memory of the graphics card is too small for %s%d x %d pixels: halving.", several, height, width
            )
        self._most_pixels = count * height * width - 1
        if self._on_card:
            torch.cuda.empty_cache()

    def _halves(
        self, pan: Scaled, ms_up: Scaled, margin: int
    ) -> list[tuple[tuple[Scaled, Scaled], tuple[slice, slice]]]:
        """Return the images of two halves, each with all that it depends on, and where in each what is kept lies.

        Raise MethodError where with these a half would not be much smaller than the whole.
        """
        axis, shape = _longer(ms_up), ms_up.shape[1:]
        length = shape[axis]
        middle = length // 2 // self.step * self.step
        begin = (middle - self.near) // self.step * self.step
        if max(middle + self.near, length - begin) > _SMALLER * length:
            raise MethodError(
                "The memory of the graphics card is too small for the tiles, or other programs hold it.",
                "Choose smaller tiles, close other programs, or choose the device cpu.",
            )
        halves = []
        for first, end, kept in (
            (0, middle + self.near, slice(margin, middle)),
            (begin, length, slice(middle - begin, length - begin - margin)),
        ):
            seen = [slice(None), slice(None)]
            seen[axis] = slice(first, end)
            inside = [slice(margin, side - margin) for side in shape]
            inside[axis] = kept
            rows, cols = seen
            halves.append(((pan[..., rows, cols], ms_up[:, rows, cols]), (inside[0], inside[1])))
        return halves

    def _tensors(self, kernels: Kernels) -> dict[str, Tensor]:
        """Return kernels on the device, where those of the same arrays stay from tile to tile."""
        key = tuple(map(id, kernels.values()))
        with self._looking_up:
            if key not in self._known:  # the arrays are kept beside, so that no others get their ids
                made = {name: self._tensor(kernel) for name, kernel in kernels.items()}
                self._known[key] = list(kernels.values()), made
            self._known.move_to_end(key)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
            return self._known[key][1]

    def _latent(self, pan: Tensor, ms_up: Tensor) -> Optional[Tensor]:
        """Return z, (B, tokens, latent).  All windows begin with the same noise: the seed alone decides."""
        given = self._network.architecture
        if given.prior == "none":
            return None
        noise = keyed_noise(self._seed, (1, given.tokens, given.latent)).to(self._device)
        return self._network.sample(self._network.condition(pan, ms_up), noise.expand(len(pan), -1, -1))

    def _tensor(self, values: npt.ArrayLike) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(values, np.float32))
        # From pinned memory a card fetches by itself.  Other devices take float32, and MPS has no float64 at all.
        return tensor.pin_memory().to(self._device, non_blocking=True) if self._on_card else tensor.to(self._device)

    @contextlib.contextmanager
    def _computing(self) -> Iterator[None]:
        with self._turn, torch.inference_mode():
            yield


def _is_card(device: torch.device) -> bool:
    return device.type == "cuda"


def _of_one_size(windows: Sequence[tuple[Scaled, Scaled]]) -> Iterator[list[int]]:
    """Yield the numbers of windows that are as large as each other, some at once."""
    by_size: dict[tuple[int, ...], list[int]] = {}
    for index, (_, ms_up) in enumerate(windows):
        by_size.setdefault(ms_up.shape, []).append(index)
    for same in by_size.values():
        for first in range(0, len(same), _AT_ONCE):
            yield same[first : first + _AT_ONCE]


def _longer(images: Scaled) -> int:
    return int(images.shape[2] > images.shape[1])
