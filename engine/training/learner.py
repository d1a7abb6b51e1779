"""The network in one stage of its training: its steps, and all that a step depends on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from ..data.sampling import Batch
from ..errors import InputError
from ..network.kernels import no_decay
from ..network.ksdiff import KSDiff
from .config import TrainingConfig
from .distributed import Processes
from .ema import Average
from .stages import Autocast, Draw, Stage
from .validation import Stopped

_BETAS = (0.9, 0.999)
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # AdamW's memory of each weight
_COMPILED = "TORCHINDUCTOR_CACHE_DIR"  # where PyTorch's compiler keeps what it has made


def precision_of(name: str, device: torch.device) -> str:
    """Return "bf16" or "off" for a setting that may be "auto": bf16 where the hardware computes with it."""
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "off"
    # A third faster and more where the processor has the instructions; slower than float32 where they are emulated.
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # not in each PyTorch
    return "bf16" if device.type == "cpu" and probe is not None and probe() else "off"


def autocast_of(precision: str, device: torch.device) -> Autocast:
    """Return what makes a context in which convolutions and products are computed in that precision."""
    if precision == "off":
        return nullcontext
    return partial(torch.autocast, device.type, torch.bfloat16)


class Learner:
    """The network, the average of its weights, and AdamW, for one stage; all processes hold the same."""

    def __init__(self, network: KSDiff, stage: Stage, config: TrainingConfig, processes: Processes) -> None:
        self.network = network.to(processes.device).train()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if stage.number > 1:
            network.truth_encoder.eval()
        self._stage, self._config, self._processes = stage, config, processes
        self._trained = stage.trained(network)
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in self._trained)
        self.average = Average(network, self._trained, config.ema)
        bare = no_decay(network)
        groups: list[dict[str, Any]] = [
            {"params": [value for name, value in self._trained.items() if name not in bare]},
            {"params": [value for name, value in self._trained.items() if name in bare], "weight_decay": 0.0},
        ]
        with _no_compiler_s_folder():
            self._optimizer = torch.optim.AdamW(
                groups,
                betas=_BETAS,
                weight_decay=config.weight_decay,
                fused=processes.device.type in ("cpu", "cuda"),
            )
        self._autocast = autocast_of(precision_of(config.precision, processes.device), processes.device)

    def step(self, number: int, batch: Batch, rate: float, going: Callable[[], bool]) -> Tensor:
        """Learn from this process's share of a batch in step `number` of the stage.

        Return the losses of the image and of the latent, and the norm of the gradients, (3,), float32, on the device.
        Raise Stopped once `going` says no; nothing has been learnt then.
        """
        config, pieces = self._config, self._config.accumulate
        self._optimizer.zero_grad(set_to_none=True)
        share = len(batch.pan)
        told = torch.zeros(3, device=self._processes.device)
        for begin in range(0, share, share // pieces):
            part = slice(begin, begin + share // pieces)
            piece = replace(batch, pan=batch.pan[part], ms_up=batch.ms_up[part], truth=batch.truth[part])
            losses = self._stage.losses(self.network, piece, self._draw(number, share, part), self._autocast)
            if not going():
                raise Stopped
            (losses.total / pieces).backward()  # type: ignore[no-untyped-call]
            told[:2] += torch.stack([losses.image, losses.latent]).detach() / pieces
            if not going():
                raise Stopped
        self._processes.average(self._trained.values())
        told[2] = clip_grad_norm_(self._trained.values(), config.clip)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self.average.update(number)
        return told

    def tensors(self) -> dict[str, Tensor]:
        """Return all that the next step depends on, by name; not copies."""
        found = {f"network/{name}": value for name, value in self.network.state_dict().items()}
        found.update({f"average/{name}": value for name, value in self.average.network.state_dict().items()})
        for name, parameter in self._trained.items():
            for moment, value in self._optimizer.state.get(parameter, {}).items():
                found[f"optimizer/{name}/{moment}"] = value
        return found

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go back to what `tensors` returned, in this process or another.  Raise InputError for other tensors."""
        try:
            self.network.load_state_dict(_under("network/", tensors))
            self.average.network.load_state_dict(_under("average/", tensors))
        except RuntimeError as error:
            raise InputError(
                "The checkpoint does not hold the weights of its network.", "Begin anew in another folder."
            ) from error
        moments: dict[int, dict[str, Any]] = {}
        order = [parameter for group in self._optimizer.param_groups for parameter in group["params"]]
        names = {id(parameter): name for name, parameter in self._trained.items()}
        for place, parameter in enumerate(order):
            kept = {moment: tensors.get(f"optimizer/{names[id(parameter)]}/{moment}") for moment in _MOMENTS}
            if kept["step"] is not None:
                # In the layout of the weights, which a file does not keep.
                moments[place] = {
                    moment: value if moment == "step" else torch.empty_like(parameter, requires_grad=False).copy_(value)
                    for moment, value in kept.items()
                    if value is not None
                }
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})

    def _draw(self, number: int, share: int, part: slice) -> Draw | None:
        if not self._stage.needs_draw:
            return None
        first = self._processes.rank * share
        numbers = range(first + part.start, first + part.stop)
        draw = Draw.of(self._config.seed, self._stage.number, number, numbers, self.network.architecture)
        return draw.on(self._processes.device)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


@contextmanager
def _no_compiler_s_folder() -> Iterator[None]:
    """Let the folder go that PyTorch's compiler makes when the first optimizer loads it: nothing is compiled here.

    What the user has set stays.
    """
    if _COMPILED in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="ksdiff-") as folder:
        os.environ[_COMPILED] = folder
        try:
            yield
        finally:
            os.environ.pop(_COMPILED, None)
