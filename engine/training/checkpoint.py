"""The folder of a run: checkpoints that are whole or not there, the history, and nothing else's files.

A checkpoint is a numpy archive, in which nothing can be hidden that would be executed: tensors as arrays, and one
text, JSON, with how far the run is.  Its name gets it only once it is on the disk, so that a run killed at any moment
leaves the one before.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Optional

import numpy as np
import torch
from torch import Tensor

from ..errors import EngineError, InputError, OutputError, RequestError
from ..network.ksdiff import Architecture
from .claim import Claim
from .config import TrainingConfig

FORMAT = 1
MODEL, HISTORY, CONFIG, PAGE = "model.safetensors", "history.jsonl", "config.json", "training.html"
_KEPT = 2
_ENDLESS = 1e15  # seconds, steps or samples: no run comes near
_NAME = re.compile(r"step-(\d{7,})\.npz")
_TEXT = "state.json"
# The last four: what was tampered with is whole, but says something else than we wrote.
_DAMAGED = (OSError, EOFError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass
class State:
    """How far a run is; numbers and words only."""

    stage: int = 1
    step: int = 0  # of the stage; so many are done
    seconds: float = 0.0  # of the run
    stage_began: float = 0.0  # in these seconds
    learning_seconds: float = 0.0  # of the steps alone
    waiting_seconds: float = 0.0  # of these, for samples
    samples: int = 0
    validated: int = 0  # the step of the stage that was validated last
    measured: bool = False  # whether any of the stage was
    best: Optional[dict[str, float]] = None  # scores of the stage
    best_step: int = 0
    without_best: int = 0  # validations since
    rate_factor: float = 1.0  # below 1 once the losses were no numbers
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on as if it had never ended; tensors named as in `Learner.tensors`, and "best/"."""

    state: State
    tensors: Mapping[str, Tensor]


class Folder:
    """The folder of one run."""

    def __init__(self, path: str, config: TrainingConfig, architecture: Architecture) -> None:
        self.path = Path(path)
        self.claim = Claim(self.path)  # of the process that writes
        self._config, self._architecture = config, architecture

    def begin(self) -> None:
        """Make the folder and claim it.  Raise RequestError if it holds a run, OutputError if it cannot be made."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            why = getattr(error, "strerror", None) or str(error)
            raise OutputError(
                f"The folder {str(self.path)!a} cannot be made ({why}).", "Choose another, or its permissions."
            ) from error
        self.claim.hold()
        if self._found() or any((self.path / name).exists() for name in (MODEL, HISTORY)):
            self.claim.give_up()
            raise RequestError(
                f"{self.path} holds a run already.", "Continue it with --resume, or name another folder."
            )
        self.write(CONFIG, (json.dumps(self._config.to_dict(), indent=2) + "\n").encode())

    def save(self, number: int, checkpoint: Checkpoint) -> None:
        """Write the checkpoint after `number` steps of all stages, and remove those that it makes needless.

        Raise OutputError where it cannot be written; the one before is still there then.
        """
        text = {
            "format": FORMAT,
            "architecture": self._architecture.to_dict(),
            "config": self._config.to_dict(),
            "state": asdict(checkpoint.state),
        }
        arrays: dict[str, Any] = {name: value.detach().cpu().numpy() for name, value in checkpoint.tensors.items()}
        arrays[_TEXT] = np.frombuffer(json.dumps(text).encode(), np.uint8)
        content = io.BytesIO()
        np.savez(content, **arrays)
        self.write(f"step-{number:07d}.npz", content.getbuffer())
        self.write_history(checkpoint.state)
        for old in self._found()[:-_KEPT]:
            with contextlib.suppress(OSError):
                old.unlink()

    def latest(self) -> tuple[Checkpoint, list[str]]:
        """Return the last checkpoint that is whole, and what is wrong with those after it.

        Raise RequestError where it belongs to another network or training, InputError where none can be read.
        """
        wrong: list[str] = []
        for path in reversed(self._found()):
            try:
                with np.load(path, allow_pickle=False) as archive:
                    arrays = {name: archive[name] for name in archive.files}
                text = json.loads(bytes(arrays.pop(_TEXT)))
                self._check(path, text)
                tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
                return Checkpoint(_state(text["state"]), tensors), wrong
            except EngineError:
                raise
            except _DAMAGED:
                wrong.append(f"The checkpoint {path} is damaged or cut off.")
        if wrong:
            raise InputError(wrong[0], "Begin anew in another folder; there is no older checkpoint.")
        raise InputError(f"{self.path} holds no checkpoint to go on from.", "Begin without --resume.")

    def write_history(self, state: State) -> None:
        """Write what happened, a line of JSON each."""
        self.write(HISTORY, "".join(json.dumps(line) + "\n" for line in state.history).encode())

    def write(self, name: str, content: Any, lasting: bool = True) -> None:
        """Write a file whole, or leave the one that has its name; `lasting`: it outlives a loss of power.

        Raise OutputError where the disk fails.
        """
        part = self.path / f"{name}.part"
        try:
            with open(part, "wb") as file:
                file.write(content)
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(part, self.path / name)
            if lasting:
                self._fix_names()
        except OSError as error:
            raise OutputError(
                f"{self.path / name} cannot be written ({error.strerror}).",
                "Make room on the disk or check its permissions, and continue with --resume.",
            ) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink()

    def _fix_names(self) -> None:
        """Bring the names of the folder onto the disk, where a file may lie whole and still be called `.part`."""
        if os.name == "nt":  # where no folder can be opened, and names have a journal
            return
        with contextlib.suppress(OSError):  # not every network drive can
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _found(self) -> list[Path]:
        if not self.path.is_dir():
            return []
        named = [(_NAME.fullmatch(path.name), path) for path in self.path.iterdir()]
        return [path for _, path in sorted((int(match[1]), path) for match, path in named if match)]

    def _check(self, path: Path, text: dict[str, Any]) -> None:
        if text.get("format") != FORMAT:
            raise RequestError(
                f"The checkpoint {path} has the format {text.get('format')}, and this version reads {FORMAT}.",
                "Continue it with the version that wrote it, or begin anew in another folder.",
            )
        if Architecture.from_dict(text["architecture"]) != self._architecture:
            raise RequestError(
                f"The checkpoint {path} is of another architecture than the configuration's.",
                "Correct the architecture, or begin anew in another folder.",
            )
        differing = self._config.differences(text["config"])
        if differing:
            raise RequestError(
                f"The run in {self.path} was begun with {'; '.join(differing)}.",
                "Set it back, or begin anew in another folder.",
            )


def _state(values: Mapping[str, Any]) -> State:
    """Return the state that a checkpoint tells of.  Raise ValueError or TypeError where it cannot be one."""
    state = State(**values)
    for each in fields(State):
        value, kind = getattr(state, each.name), type(each.default)
        if kind in (int, float, bool) and (type(value) not in (kind, *((int,) if kind is float else ()))):
            raise TypeError(f"{each.name} is {value!r}")
        if kind in (int, float) and not 0 <= value < _ENDLESS:  # NaN is neither
            raise ValueError(f"{each.name} is {value!r}")
    if state.stage not in (1, 2):
        raise ValueError(f"there is no stage {state.stage}")
    for scores in (state.best or {}, *state.history):
        if not isinstance(scores, dict):
            raise TypeError(f"the history holds {scores!r}")
    if not all(type(line["stage"]) is int and type(line["step"]) is int for line in state.history):
        raise TypeError("a line of the history has no step")
    if not all(isinstance(value, (int, float)) for value in (state.best or {}).values()):
        raise TypeError("the best scores are no numbers")
    return state
