"""What sharpening with a model needs beside the pair: does it suit the pair, load it, and say what came of it.

Which model it is, where nobody names one, is decided in `choice`.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, Union

import numpy as np
import numpy.typing as npt

from ..errors import MethodError, ModelFileError
from ..events import Event, Noted
from ..methods.bandwise import TRUST, Bandwise
from ..methods.guides import BESIDE_PAN
from ..methods.method import Method, State
from ..methods.neural import DIVISOR, PAN_DIVISOR, Neural
from ..modelfile.card import Card, read_card
from ..modelfile.places import check_base
from ..raster.scene import Scene
from ..remote.client import RemoteFuser, Worker
from ..remote.interpreter import find
from ..request import SELF, SharpenRequest
from .memory import sleep_while_waiting
from .pipeline import Crew
from .signs import awaited
from .survey import Identity, Survey

if TYPE_CHECKING:
    from ..methods.fuser import LocalFuser

    Worked = Union[LocalFuser, RemoteFuser]

Result = TypeVar("Result")

_STAGE = "Loading the model"
_RATIO_SLACK = 1.05  # a ratio of 4.01 is tested where 4 is


class Model:
    """A network at work, its card, and what is to be said of both."""

    def __init__(self, card: Card, fuser: Worked, request: SharpenRequest, python: str) -> None:
        self.card, self._fuser, self._context = card, fuser, request.context
        self.facts: dict[str, Any] = {
            "model": f"{card.name} {card.version}",
            "model_hash": card.tensor_hash,
            **fuser.facts,
            "python": python,
            "seed": request.seed,
            "context": request.context,
        }

    @property
    def summary(self) -> str:
        """Return in a sentence what computes, and where."""
        said = "Model {model} (sha256 {model_hash:.12}), seed {seed}, context {context}, on {device}."
        return said.format(**self.facts)

    def method(self, survey: Survey) -> Method:
        """Return the model behind the interface of methods."""
        optics = survey.optics
        if not self.card.input.bands:
            return Bandwise(self._fuser, self.card.input, optics, survey.shift_or_zero)
        return Neural(self._fuser, self.card.input, optics, self._context)

    def stop(self) -> None:
        """End what is being computed, so far as that can be."""
        if isinstance(self._fuser, RemoteFuser):
            self._fuser.close()


def card_for(path: str, scene: Scene) -> Card:
    """Return the card of the model that was named.  Raise ModelFileError where it does not fit."""
    card = read_card(path)
    check_base(path, card)
    wanted, there = len(card.input.bands), len(scene.bands)
    if not card.input.takes(there):
        raise ModelFileError(
            f"The model {card.title} takes {several(wanted)} ({band_names(card)}), and MS has {there}.",
            f"Choose another model, or {several(wanted)} of MS in this order."
            if wanted < len(scene.all_bands)
            else f"Choose a model for {several(there)}, or MS with {several(wanted)}.",
        )
    return card


def loaded(
    request: SharpenRequest, path: str, card: Card, crew: Crew, until_done: ExitStack
) -> Generator[Event, None, Model]:
    """Yield signs of life while the model is loaded, and return it; it works until the stack is left.

    Raise MethodError or WorkerError where PyTorch is missing, RequestError where the device is, ModelFileError where
    the file is not sound.
    """
    guides = card.architecture.get("guides")
    if not card.input.bands and guides != BESIDE_PAN:
        raise ModelFileError(
            f"The model {card.title} takes {guides} channels beside PAN, and this version of the software has "
            f"{BESIDE_PAN}.",
            "Update the plugin, or choose another model.",
        )
    load = _here if request.python == SELF else _in_worker
    return (yield from load(request, path, card, crew, until_done))


def _here(
    request: SharpenRequest, path: str, card: Card, crew: Crew, until_done: ExitStack
) -> Generator[Event, None, Model]:
    yield from awaited(crew.ordered(import_torch, [None]), _STAGE)
    from ..methods.fuser import LocalFuser
    from ..network.device import one_thread_each

    until_done.enter_context(one_thread_each())
    load = crew.ordered(lambda _: LocalFuser.load(path, request.device, request.seed), [None])
    return Model(card, (yield from awaited(load, _STAGE)), request, SELF)


def _in_worker(
    request: SharpenRequest, path: str, card: Card, crew: Crew, until_done: ExitStack
) -> Generator[Event, None, Model]:
    stopped = threading.Event()
    look = crew.ordered(lambda named: find(named, stopped=stopped.is_set), [request.python], stop=stopped.set)
    python = yield from awaited(look, _STAGE)
    worker = until_done.enter_context(Worker(python, crew.size))
    load = crew.ordered(lambda _: RemoteFuser(worker, path, request.device, request.seed), [None], stop=worker.close)
    fuser = yield from awaited(load, _STAGE)
    yield Noted(f"PyTorch {fuser.facts['torch']} computes in a process of {python.path} ({python.reason}).")
    return Model(card, fuser, request, python.path)


def other_bands(card: Card, identity: Identity) -> bool:
    """Return whether a band of MS is known to be another than the model takes in its place."""
    wanted = (band.role for band in card.input.bands)
    return any(role and there and role != there for role, there in zip(wanted, identity.roles))


def ratio_tested(card: Card, ratio: float) -> bool:
    """Return whether the model was tested with so many PAN pixels per MS pixel."""
    low, high = card.input.ratios_tested
    return low / _RATIO_SLACK <= ratio <= high * _RATIO_SLACK


def doubts(card: Card, scene: Scene, identity: Identity, resampling: str) -> Iterator[str]:
    """Yield, in sentences, what speaks against this model for this pair."""
    low, high = card.input.ratios_tested
    ratio = scene.lattice.ratio
    if not ratio_tested(card, ratio):
        tested = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        yield (
            f"One MS pixel covers {ratio:.3g} PAN pixels on a side, and the model was tested with {tested}. "
            "Compare the result with that of another method."
        )
    if identity.known and not card.serves(identity.sensor.id):
        yield (
            f"The model did not learn from {identity.sensor.name} but from {', '.join(card.sensors) or 'no sensor'}. "
            "Compare the result with that of another method."
        )
    wanted = [band.role for band in card.input.bands]
    if other_bands(card, identity):
        remedy = "Choose the bands it was made for."
        if None not in wanted and sorted(map(str, wanted)) == sorted(map(str, identity.roles)):
            order = [scene.chosen[identity.roles.index(role)] + 1 for role in wanted]
            remedy = f"Choose the bands in the order {' '.join(map(str, order))}."
        yield (
            f"The model takes {band_names(card)}, and the bands of MS are "
            f"{', '.join(role or 'unknown' for role in identity.roles)}. {remedy}"
        )
    if resampling not in (card.input.enlargement, SharpenRequest.resampling):
        yield f"The resampling {resampling} has no effect: the model knows MS enlarged by {card.input.enlargement}."


def findings(card: Card, state: State) -> Iterator[str]:
    """Yield, in sentences, how the pair was brought to the values that the model knows."""
    if TRUST in state:
        if (state[TRUST] == 1.0).all():
            yield "What the network adds is taken whole: the pair is too small, or has too many gaps, to try it on."
        else:
            yield f"Of what the network adds, {_shares(state[TRUST])} is taken, as the pair made coarser shows."
        return
    divisor, pan_divisor = float(state[DIVISOR]), float(state[PAN_DIVISOR])
    if card.input.scaling.kind == "divisor" and divisor != card.input.scaling.value:
        yield (
            f"The values of MS are not those the model learnt from (up to about {card.input.scaling.value:g}), so they "
            f"were scaled by their own brightness: {divisor:.4g} counts as 1."
        )
    if pan_divisor != divisor:
        yield (
            f"PAN is on average {pan_divisor / divisor:.3g} times as bright as MS, as if it were in other units, "
            "and was scaled to MS."
        )


def _shares(trust: npt.NDArray[np.float64]) -> str:
    return ", ".join(f"{share:.0%}" for share in trust)


def import_torch(_: None) -> None:
    """Load PyTorch.  Raise MethodError where that cannot be."""
    sleep_while_waiting()
    try:
        for name in ("torch", "safetensors.torch"):
            import_module(name)
    except (ImportError, OSError) as error:  # OSError: a library of PyTorch's that Windows cannot load
        raise MethodError(
            f"A model needs PyTorch and safetensors, which cannot be loaded ({error}).",
            "Install them with 'pip install torch safetensors', or choose a method that needs no model.",
        ) from error


def band_names(card: Card) -> str:
    """Return the names of the bands that the model takes, in words."""
    return ", ".join(band.name for band in card.input.bands)


def several(bands: int) -> str:
    """Return a number of bands in words."""
    return f"{bands} band{'s' * (bands != 1)}"
