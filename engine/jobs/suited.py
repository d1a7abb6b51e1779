"""What sharpening with a model needs beside the pair: does it suit the pair, load it, and say what came of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any, Optional, TypeVar, Union

from ..errors import MethodError, ModelFileError
from ..events import Event, Noted, Progress
from ..methods.method import Method, State
from ..methods.neural import DIVISOR, PAN_DIVISOR, Neural
from ..methods.optics import Optics
from ..modelfile.card import Card, read_card
from ..raster.scene import Scene
from ..remote.client import RemoteFuser, Worker
from ..remote.interpreter import find
from ..request import SELF, SharpenRequest
from .memory import sleep_while_waiting
from .pipeline import Crew, Done
from .survey import Identity

if TYPE_CHECKING:
    from ..methods.fuser import LocalFuser

    Worked = Union[LocalFuser, RemoteFuser]

Result = TypeVar("Result")

_RATIO_SLACK = 1.05  # a ratio of 4.01 is tested where 4 is


class Model:
    """A network at work, its card, and what is to be said of both."""

    def __init__(self, card: Card, fuser: Worked, request: SharpenRequest, python: str) -> None:
        self._card, self._fuser = card, fuser
        self.facts: dict[str, Any] = {
            "model": f"{card.name} {card.version}",
            "model_hash": card.tensor_hash,
            **fuser.facts,
            "python": python,
            "seed": request.seed,
        }

    def method(self, optics: Optics) -> Method:
        """Return the model behind the interface of methods."""
        return Neural(self._fuser, self._card.input, optics)

    def stop(self) -> None:
        """End what is being computed, so far as that can be."""
        if isinstance(self._fuser, RemoteFuser):
            self._fuser.close()


def card_for(request: SharpenRequest, scene: Scene) -> Optional[Card]:
    """Return the card of the model that was named, None without one.  Raise ModelFileError where it does not fit."""
    if request.model is None:
        return None
    card = read_card(request.model)
    wanted, there = len(card.input.bands), len(scene.bands)
    if wanted != there:
        raise ModelFileError(
            f"The model {card.title} takes {_several(wanted)} ({_names(card)}), and MS has {there}.",
            f"Choose another model, or {_several(wanted)} of MS in this order."
            if wanted < len(scene.all_bands)
            else f"Choose a model for {_several(there)}, or MS with {_several(wanted)}.",
        )
    return card


def loaded(request: SharpenRequest, card: Card, crew: Crew, until_done: ExitStack) -> Generator[Event, None, Model]:
    """Yield signs of life while the model is loaded, and return it; it works until the stack is left.

    Raise MethodError or WorkerError where PyTorch is missing, RequestError where the device is, ModelFileError where
    the file is not sound.
    """
    if request.model is None:
        raise AssertionError("no model was asked for")  # pragma: no cover - checked by card_for
    if request.python == SELF:
        return (yield from _here(request, request.model, card, crew, until_done))
    return (yield from _in_worker(request, request.model, card, crew, until_done))


def _here(
    request: SharpenRequest, path: str, card: Card, crew: Crew, until_done: ExitStack
) -> Generator[Event, None, Model]:
    yield from _waited(crew.ordered(_import_torch, [None]))
    from ..methods.fuser import LocalFuser
    from ..network.device import one_thread_each

    until_done.enter_context(one_thread_each())
    load = crew.ordered(lambda _: LocalFuser.load(path, request.device, request.seed), [None])
    return Model(card, (yield from _waited(load)), request, SELF)


def _in_worker(
    request: SharpenRequest, path: str, card: Card, crew: Crew, until_done: ExitStack
) -> Generator[Event, None, Model]:
    python = yield from _waited(crew.ordered(find, [request.python]))
    worker = until_done.enter_context(Worker(python, crew.size))
    load = crew.ordered(lambda _: RemoteFuser(worker, path, request.device, request.seed), [None], stop=worker.close)
    fuser = yield from _waited(load)
    yield Noted(f"PyTorch {fuser.facts['torch']} computes in a process of {python.path} ({python.reason}).")
    return Model(card, fuser, request, python.path)


def _waited(signs: Iterator[Optional[Done[Result]]]) -> Generator[Event, None, Result]:
    """Yield signs of life during the only piece of work of a stage, and return its result."""
    results = []
    for sign in signs:
        if sign is None:
            yield Progress(0.0, "Loading the model")
        else:
            results.append(sign.result)
    return results[0]


def doubts(card: Card, scene: Scene, identity: Identity, resampling: str) -> Iterator[str]:
    """Yield, in sentences, what speaks against this model for this pair."""
    low, high = card.input.ratios_tested
    ratio = scene.lattice.ratio
    if not low / _RATIO_SLACK <= ratio <= high * _RATIO_SLACK:
        tested = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        yield (
            f"One MS pixel covers {ratio:.3g} PAN pixels on a side, and the model was tested with {tested}. "
            "Compare the result with that of another method."
        )
    if identity.known and identity.sensor.id not in card.sensors:
        yield (
            f"The model did not learn from {identity.sensor.name} but from {', '.join(card.sensors) or 'no sensor'}. "
            "Compare the result with that of another method."
        )
    wanted = [band.role for band in card.input.bands]
    if any(role and there and role != there for role, there in zip(wanted, identity.roles)):
        remedy = "Choose the bands it was made for."
        if None not in wanted and sorted(map(str, wanted)) == sorted(map(str, identity.roles)):
            order = [scene.chosen[identity.roles.index(role)] + 1 for role in wanted]
            remedy = f"Choose the bands in the order {' '.join(map(str, order))}."
        yield (
            f"The model takes {_names(card)}, and the bands of MS are "
            f"{', '.join(role or 'unknown' for role in identity.roles)}. {remedy}"
        )
    if resampling not in (card.input.enlargement, SharpenRequest.resampling):
        yield f"The resampling {resampling} has no effect: the model knows MS enlarged by {card.input.enlargement}."


def findings(card: Card, state: State) -> Iterator[str]:
    """Yield, in sentences, how the pair was brought to the values that the model knows."""
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


def _import_torch(_: None) -> None:
    sleep_while_waiting()
    try:
        for name in ("torch", "safetensors.torch"):
            import_module(name)
    except (ImportError, OSError) as error:  # OSError: a library of PyTorch's that Windows cannot load
        raise MethodError(
            f"A model needs PyTorch and safetensors, which cannot be loaded ({error}).",
            "Install them with 'pip install torch safetensors', or choose a method that needs no model.",
        ) from error


def _names(card: Card) -> str:
    return ", ".join(band.name for band in card.input.bands)


def _several(bands: int) -> str:
    return f"{bands} band{'s' * (bands != 1)}"
