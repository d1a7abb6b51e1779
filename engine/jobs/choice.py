"""Which model sharpens a pair: the one that was named, or else the one whose card suits the pair best.

A model that was named works or is refused.  Where none was, a method that needs none takes over if no model can work,
and that is said.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Optional, Union

from ..errors import MethodError, ModelFileError, WorkerError
from ..events import Event, Noted
from ..modelfile.card import ANY_SENSOR, Card
from ..modelfile.places import SHIPPED, base_for, home, present
from ..raster.scene import Scene
from ..request import CLASSICAL, LEARNED, AdaptRequest, SharpenRequest
from .adapting import adapted, private_folder
from .examples import NothingToLearn
from .library import Known, file_of, looked_into, newest_first
from .pipeline import Crew
from .signs import within
from .suited import Model, band_names, card_for, loaded, other_bands, ratio_tested, several
from .survey import Identity, identify

ADAPTED = 0.5  # of the progress of a run that adapts its model first


@dataclass(frozen=True)
class Choice:
    """What sharpens: the request with the model or the method that is really used, and what the user should know."""

    request: SharpenRequest
    model: Optional[Model] = None
    warnings: tuple[str, ...] = ()


def chosen(request: SharpenRequest, scene: Scene, crew: Crew, until_done: ExitStack) -> Generator[Event, None, Choice]:
    """Yield what is noted and signs of life, and return the choice, its model loaded; it works until the stack is left.

    Raise what `card_for` and `loaded` raise about a model that was named, and RequestError where the device is missing.
    """
    if request.method != LEARNED:
        return Choice(request)
    if request.model is not None:
        path, card = _named(request.model, request.model_folders, scene)
        named = replace(request, model=path)
        return (yield from _at_work(named, path, card, scene, crew, until_done))
    try:
        best = yield from _best(request, scene, adapting=request.adapt > 0.0)
    except ModelFileError as error:
        return _without(request, str(error))
    named = replace(request, model=best.path)
    try:
        return (yield from _at_work(named, best.path, best.card, scene, crew, until_done))
    except (MethodError, ModelFileError, WorkerError) as error:
        return _without(request, f"The model {best.name} could not be loaded. {error}")


def to_adapt(request: AdaptRequest, scene: Scene) -> Generator[Event, None, tuple[str, Card]]:
    """Yield what is noted, and return file and card of the model to begin with.

    Raise ModelFileError where the one that was named does not fit, or none does, and RequestError where the result
    would take its place.
    """
    if request.model is not None:
        path, card = _named(request.model, request.model_folders, scene)
    else:
        best = yield from _best(request, scene, adapting=True)
        path, card = best.path, best.card
    replace(request, model=path)
    base = None if card.base is None else base_for(os.path.dirname(os.path.abspath(path)), card.base)
    if base is not None:  # nor is the result to take the place of what the model changes
        replace(request, model=base)
    return path, card


def _named(model: str, folders: tuple[str, ...], scene: Scene) -> tuple[str, Card]:
    """Return file and card of a model given as a file or by its name.  Raise ModelFileError where it does not fit."""
    path = file_of(model, (*present(SHIPPED, home()), *folders))
    return path, card_for(path, scene)


def _best(request: Union[SharpenRequest, AdaptRequest], scene: Scene, adapting: bool) -> Generator[Event, None, Known]:
    """Return the model whose card suits the pair best.  Raise ModelFileError where there is none."""
    identity = identify(scene, request.sensor)
    found = yield from _found(request.model_folders)
    hindered = [(one, _hindrance(one.card, scene, identity, adapting)) for one in found]
    fitting = _ranked([one for one, why in hindered if why is None], scene, identity)
    if not fitting:
        raise ModelFileError(*_refusal([f"{one.name} {why}" for one, why in hindered], scene, identity))
    best = fitting[0]
    yield Noted(f"Model {best.name} chosen: {_reason(best.card, identity)}{_and_others(len(fitting) - 1)}.")
    return best


def _at_work(
    request: SharpenRequest, path: str, card: Card, scene: Scene, crew: Crew, until_done: ExitStack
) -> Generator[Event, None, Choice]:
    """Return the choice of a model, at work, adapted to the pair first where that was asked for and can be."""
    if not request.adapt:
        return Choice(request, (yield from loaded(request, path, card, crew, until_done)))
    out = str(until_done.enter_context(private_folder()) / "adapted.safetensors")
    learning = adapted(request, request.adapt, scene.shared, (path, card), out, scene, crew)
    try:
        made = yield from within(learning, 0.0, ADAPTED)
    except NothingToLearn as error:  # of many pairs that are sharpened in a night one may be too small
        model = yield from within(loaded(request, path, card, crew, until_done), ADAPTED)
        return Choice(request, model, (f"{error.fact} The model works as it is.",))
    model = yield from within(loaded(request, made.path, made.card, crew, until_done), ADAPTED)
    model.facts["adapted"] = made.facts
    return Choice(request, model)


def _found(folders: tuple[str, ...]) -> Generator[Event, None, list[Known]]:
    """Return the sound models of the folders and of the engine's own; note what cannot be read."""
    library = looked_into((*present(SHIPPED), *folders))
    for problem in library.problems:
        yield Noted(problem.text if problem.is_folder else f"Passed over: {problem.text}")
    return list(library.models)


def _hindrance(card: Card, scene: Scene, identity: Identity, adapting: bool) -> Optional[str]:
    """Return, as a clause about it, why a model is not to be chosen unasked; None where it may be."""
    if not card.input.takes(len(scene.bands)):
        return f"takes {several(len(card.input.bands))}"
    if adapting and card.input.bands:
        return "takes certain bands and cannot be adapted"
    if other_bands(card, identity):
        return f"takes {band_names(card)}"
    if not card.serves(_sensor(identity)):
        return f"learnt from {', '.join(card.sensors) or 'no sensor'}"
    return None


def _ranked(fitting: list[Known], scene: Scene, identity: Identity) -> list[Known]:
    """Return models, the most fitting first.

    Those of this very sensor come before those of any, those of these very bands before those of any, those tested
    with this ratio before others; then by name, the newest first.
    """

    def rank(one: Known) -> tuple[bool, bool, bool, str]:
        tested = ratio_tested(one.card, scene.lattice.ratio)
        return _sensor(identity) not in one.card.sensors, not one.card.input.bands, not tested, one.card.name

    return sorted(newest_first(fitting), key=rank)


def _sensor(identity: Identity) -> str:
    """Return what a card is to list: a sensor that is not known is served by models for any."""
    return identity.sensor.id if identity.known else ANY_SENSOR


def _reason(card: Card, identity: Identity) -> str:
    if identity.known and identity.sensor.id in card.sensors:
        return f"trained on {identity.sensor.name}, which this is"
    return "made for any sensor"


def _and_others(others: int) -> str:
    return f"; {others} other{'s fit' if others > 1 else ' fits'}" if others else ""


def _refusal(why_not: list[str], scene: Scene, identity: Identity) -> tuple[str, str]:
    """Return, as a fact and a remedy, why no model was chosen."""
    if not why_not:
        return "There is no model to choose from.", "Name the file of one, or a folder that holds some."
    roles = ", ".join(role or "unknown" for role in identity.roles)
    sensor = identity.sensor.name if identity.known else "an unknown sensor"
    remedy = "Name the file of a model" if identity.known else "Name the sensor, or the file of a model"
    return f"No model suits {several(len(scene.bands))} ({roles}) of {sensor}: {'; '.join(why_not)}.", f"{remedy}."


def _without(request: SharpenRequest, why: str) -> Choice:
    """Return the choice of the default method, which needs no model, with the reason as a warning."""
    instead = replace(request, method=CLASSICAL)
    return Choice(instead, None, (f"Sharpened by {CLASSICAL} instead of a model: {why}",))
