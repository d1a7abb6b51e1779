"""Several processes that train as one: each takes its share of a batch, and their gradients are averaged.

They are started by torchrun, one per GPU or, on a CPU, as many as wanted; alone, everything here does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Optional

import torch
from torch import Tensor, distributed, nn

from ..errors import RequestError, WorkerError

_PATIENCE = timedelta(hours=1)  # the others wait while the first one validates and writes


@dataclass(frozen=True)
class Processes:
    """This process among `world`; the first, rank 0, is the one that measures, writes and talks."""

    rank: int = 0
    world: int = 1
    device: torch.device = torch.device("cpu")  # noqa: RUF009 - frozen
    words: Optional[Any] = None  # the group for a few numbers on the CPU, which cost no wait for a GPU

    @classmethod
    def joined(cls, device: torch.device) -> Processes:
        """Join the processes that torchrun started, on the GPU of this one's number where `device` is CUDA's.

        Raise RequestError where they do not find each other.
        """
        world = int(os.environ.get("WORLD_SIZE", "1"))
        if world == 1:
            return cls(device=device)
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(device)
        try:
            distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_PATIENCE)
            words = distributed.new_group(backend="gloo", timeout=_PATIENCE)
        except (RuntimeError, ValueError) as error:
            raise RequestError(
                f"The {world} processes cannot find each other ({error}).",
                "Start them with torchrun, or start one without WORLD_SIZE in its environment.",
            ) from error
        return cls(distributed.get_rank(), world, device, words)

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def leave(self) -> None:
        """Part from the others."""
        if self.world > 1:
            distributed.destroy_process_group()

    def agree(self, mine: Sequence[float]) -> list[float]:
        """Return the sums of each process's numbers, so that all decide alike."""
        if self.world == 1:
            return list(mine)
        numbers = torch.tensor(mine, dtype=torch.float64)
        with _spoken():
            distributed.all_reduce(numbers, group=self.words)
        return list(numbers.tolist())

    def share(self, network: nn.Module) -> None:
        """Give all processes the weights of the first."""
        if self.world > 1:
            with _spoken():
                for value in network.state_dict().values():
                    distributed.broadcast(value, 0)

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its mean over the processes, all of them in one message."""
        if self.world == 1:
            return
        gradients: list[Tensor] = [each.grad for each in parameters if each.grad is not None]
        # Each gradient is laid out as its weights are, which is the same in all processes.
        message = torch.cat([gradient.detach().reshape(-1) for gradient in gradients])
        with _spoken():
            distributed.all_reduce(message)
        message /= self.world
        start = 0
        for gradient in gradients:
            gradient.copy_(message[start : start + gradient.numel()].view(gradient.shape))
            start += gradient.numel()


@contextmanager
def _spoken() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # of the connection: what ended the other one, it has said itself
        raise WorkerError(
            "Another process of this training has ended.", "See what it said, mend that, and start all of them again."
        ) from error
