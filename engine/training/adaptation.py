"""A model for any sensor that learns on from one pair, for a few minutes, in any process that has PyTorch.

It learns from samples of the pair made coarser, whose truth is MS, and is measured on parts of it that are held out.
There the weights that it begins with compete with all that come after, so that what comes out is never worse.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from math import isfinite
from typing import Any, Callable, Optional

import torch
from torch import Tensor

from .. import __version__
from ..data.from_store import StoreSource
from ..data.sample import Variation
from ..errors import Interrupted, ModelFileError
from ..events import Event, Warned
from ..modelfile import store
from ..modelfile.card import Base, Card, Score, Stage, TrainingData
from ..modelfile.header import read_tensors
from ..modelfile.places import base_for
from ..network.device import describe, resolve
from ..network.ksdiff import KSDiff
from .checkpoint import Folder
from .config import StageConfig, StoreData, TrainingConfig
from .distributed import Processes
from .loop import Material, Training
from .stages import stages
from .validation import SCORE, Scores, Validation

SUFFIX = "-adapted"  # to the name of a model
CLASSICAL = "mtf-glp-fs"  # the guess that a model for any sensor begins at, and is measured against
BEFORE, AFTER = "before", "after"
_RATE, _WARM_UP, _BATCH = 5e-4, 20, 8  # measured on pairs of Landsat 8 and Sentinel-2, and on aerial images
_AVERAGE = 0.99  # of the weights
# Steps between validations, and samples of one, which take a fifth of the time.  A small pair is known by heart after
# some hundred steps, and what is best comes early.
_EVERY, _MEASURED = 20, 64
_PATIENCE = 40  # validations without a new best
_MOST_STEPS = 1_000_000
_NEVER = 1e6  # minutes
_NAME, _LINE = 64, 120  # characters that a card has room for


@dataclass(frozen=True)
class Task:
    """What is to be done; all of it plain text and numbers, so that it can be told to another process."""

    model: str  # the file to begin with
    training: str  # the folder of the store to learn from
    held_out: str  # the folder of the store to measure on
    folder: str  # for what comes and goes on the way
    out: str
    scene: str  # what the samples are of, in words
    sensors: tuple[str, ...]  # ids, of who took the pair
    patch: int
    minutes: Optional[float]  # None: until all steps are done
    seed: int
    threads: int
    device: str
    steps: int = _MOST_STEPS  # at most


def adapt(task: Task, going: Callable[[], bool]) -> dict[str, Any]:
    """Write the adapted model and return what came of it, in plain values.

    Raise Interrupted once `going` says no, ModelFileError where the model is not sound or sees other guides,
    RequestError without the device, OutputError where the disk fails.
    """
    begun = time.monotonic()
    base, network = store.load_model(task.model)
    sources = [StoreSource(folder) for folder in (task.training, task.held_out)]
    if network.architecture.guides != sources[0].guides:
        raise ModelFileError(
            f"The model {base.title} takes {network.architecture.guides} channels beside PAN, and this version shows "
            f"{sources[0].guides}.",
            "Choose a model that was made for this version.",
        )
    config = _config(task, base)
    changes, written = _written(task, base, config, network)
    kept: dict[str, Tensor] = {}
    said: list[Event] = []

    def keep(tensors: Mapping[str, Tensor], _scores: Scores, _validation: Validation) -> None:
        kept.update({name: tensors[name].detach().to("cpu", copy=True) for name in written})

    folder = Folder(task.folder, config, network.architecture)
    processes = Processes(device=resolve(task.device))
    material = Material(sources[:1], [1.0], sources[1:], sources[0].ratios[0])
    before = torch.get_num_threads()
    try:
        folder.begin()
        training = Training(config, network.architecture, material, folder, processes, said.append, keep)
        outcome = training.run(going)
    finally:
        folder.claim.give_up()
        torch.set_num_threads(before)
    if outcome.stopped:
        raise Interrupted
    first = next(line["validation"] for line in outcome.state.history if "validation" in line)
    told = {CLASSICAL: outcome.enlarged, BEFORE: first, AFTER: outcome.best}
    # Correlations are no numbers where nothing varies.
    scores = {who: {name: value for name, value in each.items() if isfinite(value)} for who, each in told.items()}
    card = _card(task, base, scores, outcome.state.step, training.validation.samples)
    store.save(task.out, replace(card, base=changes), kept)
    return {
        "scores": scores,
        "error_before": _share(scores, BEFORE),
        "error_after": _share(scores, AFTER),
        "steps": outcome.state.step,
        "best_step": outcome.best_step,
        "improved": outcome.best_step > 0,
        "held_out": training.validation.samples,
        "device": describe(processes.device),
        "seconds": round(time.monotonic() - begun, 3),
        "warnings": [event.message for event in said if isinstance(event, Warned)],
    }


def _written(task: Task, base: Card, config: TrainingConfig, network: KSDiff) -> tuple[Optional[Base], Collection[str]]:
    """Return the model that the file is to change and the names of the weights that it holds; None and all of them.

    A whole file is five times as large, but needs no other: where the base lies in a place of its own, nobody would
    find it again.
    """
    everything = network.state_for_use().keys()
    changes = base.base or Base(base.name, base.version, base.tensor_hash)
    if base_for(os.path.dirname(os.path.abspath(task.out)), changes) is None:
        return None, everything
    changed = {name for stage in stages(config, network.architecture) for name in stage.trained(network)}
    if base.base is not None:  # its own changes, which may be of other weights, stay
        changed.update(tensor.name for tensor in read_tensors(task.model))
    return changes, changed & everything


def _share(scores: Mapping[str, Scores], which: str) -> float:
    """Return the error as a share of that of the classical guess."""
    return scores[which][SCORE] / max(scores[CLASSICAL][SCORE], 1e-12)


def _config(task: Task, base: Card) -> TrainingConfig:
    return TrainingConfig(
        folder=task.folder,
        architecture=base.architecture,
        data=(StoreData(task.training),),
        validation_data=(StoreData(task.held_out),),
        validation_samples=_MEASURED,
        patch=task.patch,
        batch=_BATCH,
        stage1=StageConfig(task.steps, _RATE, warm_up=_WARM_UP),
        start=task.model,
        adapt=True,
        adapts="kernels",
        loss="pooled",
        variation=Variation(shift=0.0),  # the pair has one, and is told one
        weight_decay=0.0,
        ema=_AVERAGE,
        device=task.device,
        threads=task.threads,
        seed=task.seed,
        validate_every=_EVERY,
        checkpoint_every_minutes=_NEVER,  # nobody could go on from it
        max_minutes=task.minutes,
        patience=_PATIENCE,
    )


def _card(task: Task, base: Card, scores: Mapping[str, Scores], steps: int, samples: int) -> Card:
    """Return the card of the base, whose scores are no longer those of these weights, with what has changed."""
    name = base.name if base.name.endswith(SUFFIX) else f"{base.name[: _NAME - len(SUFFIX)]}{SUFFIX}"
    now = datetime.now(timezone.utc)
    kept = "" if _share(scores, AFTER) < _share(scores, BEFORE) else " Nothing better was found, so its weights stay."
    return replace(
        base,
        name=name,
        title=f"{base.title[: _LINE - 9]}, adapted",
        description=(
            f"{base.name} {base.version} (sha256 {base.tensor_hash}), adapted to {task.scene} in {steps} steps.{kept}\n"
            f"{base.description}"
        ),
        # So that the models of several scenes can lie beside each other, each by its own name and version.
        version=f"{base.version.split('-')[0]}-{now:%Y%m%d.%H%M%S}",
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        sensors=task.sensors,
        training_data=(
            *base.training_data,
            TrainingData(f"The user's own scene: {task.scene}", "LicenseRef-unknown", ()),
        ),
        recipe=replace(
            base.recipe,
            stages=(*base.recipe.stages, Stage("Adapting", steps, task.seed)),
            engine_version=__version__,
        ),
        scores=(
            Score(
                "parts of the pair that were held out",
                f"Wald's protocol, {samples} patches of {task.patch} x {task.patch} pixels of a band, as one scene",
                scores[AFTER],
                {CLASSICAL: scores[CLASSICAL], f"{base.name} {base.version}": scores[BEFORE]},
            ),
        ),
    )
