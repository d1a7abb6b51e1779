"""List models, show what one says of itself, take one into the user's folder or remove one from there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Optional
from urllib.parse import quote

from .. import __version__
from ..errors import ModelFileError
from ..events import Event, Finished, Noted, Progress, Warned
from ..modelfile.card import Band, Card, read_card
from ..modelfile.mlm import VERSION, item
from ..modelfile.places import SHIPPED, check_base, present
from ..pages.models import Lesson, Measured, Shown, render
from ..raster import documents
from ..request import ModelsRequest
from .intake import base_kept, blocks, removed, taken_in
from .library import Known, Library, file_of, looked_into, newest_first


def models(request: ModelsRequest) -> Generator[Event, None, None]:
    """Do what is asked and yield what is found; the last event carries it all.

    A file of a folder that is no sound model is listed with what is wrong.  Raise EngineError where the one model that
    was asked for is none, or what was asked cannot be done.
    """
    for path, *extensions in ((request.out_mlm, ".json"), (request.out_html, ".html", ".htm")):
        if path is not None:
            documents.check_nameable(path, extensions)
    if request.action == "import":
        yield from _imported(request)
    elif request.action == "remove":
        yield from _removed(request)
    elif request.file is not None:
        path = _file(request)
        card = read_card(path)
        try:
            check_base(path, card)
        except ModelFileError as error:
            yield Warned(str(error))
        yield from _shown(request, Known(path, card), {})
    else:
        yield from _listed(request, {})


def _folders(request: ModelsRequest) -> tuple[str, ...]:
    own = present(Path(request.folder)) if request.folder else ()
    return *request.directories, *own


def _file(request: ModelsRequest) -> str:
    return file_of(request.file or "", _folders(request))


def _listed(request: ModelsRequest, more: dict[str, Any]) -> Generator[Event, None, None]:
    """Say which models there are, in a line for each, and write the page of all."""
    library = looked_into(_folders(request))
    for problem in library.problems:
        yield Warned(problem.text)
    yield from (Noted(_line(name, known)) for name, known in library.names().items())
    result = {
        "models": [_entry(known) for known in library.models],
        "broken": [{"file": each.path, "problem": each.text} for each in library.problems if not each.is_folder],
        "folder": request.folder,
        **more,
    }
    with documents.written(_page(request, library)):
        pass
    yield Finished(result)


def _shown(request: ModelsRequest, known: Known, more: dict[str, Any]) -> Generator[Event, None, None]:
    """Say all of one model, and write what is to be written of it."""
    card, texts = known.card, _page(request, Library((known,), ()))
    result = {"file": known.path, "bytes": os.path.getsize(known.path), **asdict(card), **more}
    if request.out_mlm is not None:
        checksum = yield from _hashed(known.path)
        described = item(card, _href(known.path, request.out_mlm), result["bytes"], checksum)
        texts[request.out_mlm] = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
        result["mlm"] = request.out_mlm
    with documents.written(texts):
        if request.out_mlm is not None:
            yield Noted(f"The STAC item (machine learning model extension {VERSION}) is in {request.out_mlm}.")
    yield Finished(result)


def _imported(request: ModelsRequest) -> Generator[Event, None, None]:
    path = _file(request)
    known, is_new = yield from taken_in(path, request.folder, looked_into(_folders(request)))
    card = known.card
    said = None if card.base is None else base_kept(card.base, Path(request.folder))
    yield Progress(1.0, "Done")
    if said is not None:
        yield said
    where = f"is in {known.path}" if is_new else f"is there already: {known.path}"
    yield Noted(f"{known.name} (sha256 {card.tensor_hash:.12}) is sound and {where}.")
    yield Noted(f"Its weights may be used under {card.licence}.")
    for data in card.training_data:
        thanks = f"; {'; '.join(data.credits)}" if data.credits else ""
        yield Noted(f"It learnt from: {data.what} ({data.licence}{thanks}).")
    yield from _shown(request, known, {"imported": is_new})


def _removed(request: ModelsRequest) -> Generator[Event, None, None]:
    path = _file(request)
    card = _card_or_none(path)
    removed(path, request.folder, [] if card is None else looked_into(_folders(request)).adapters_of(card))
    yield Progress(1.0, "Done")
    name = "" if card is None else f"{card.name} {card.version}"
    yield Noted(f"{name or 'A file that is no sound model'} was removed: {path}.")
    yield from _listed(request, {"removed": path})


def _card_or_none(path: str) -> Optional[Card]:
    try:
        return read_card(path)
    except ModelFileError:  # what is broken may be removed, too
        return None


def _entry(known: Known) -> dict[str, Any]:
    card = known.card
    return {
        "file": known.path,
        "name": card.name,
        "title": card.title,
        "version": card.version,
        "bands": [band.name for band in card.input.bands],
        "ratio": card.input.ratio,
        "ratios_tested": list(card.input.ratios_tested),
        "sensors": list(card.sensors),
        "licence": card.licence,
        "bytes": os.path.getsize(known.path),
        "hash": card.tensor_hash,
        "base": None if card.base is None else asdict(card.base),
        "scores": [asdict(score) for score in card.scores],
        "shipped": _is_shipped(known),
    }


def _is_shipped(known: Known) -> bool:
    return os.path.realpath(os.path.dirname(known.path)) == os.path.realpath(SHIPPED)


def _line(name: str, known: Known) -> str:
    """Return what a log says of one model of a list, beginning with what it is called."""
    card = known.card
    bands = f"{len(card.input.bands)} bands" if card.input.bands else "any bands"
    sensors = ", ".join(card.sensors) or "no sensor named"
    score = next(iter(card.scores), None)
    scores = "" if score is None else ", ".join(f"{metric} {value:.4g}" for metric, value in score.metrics.items())
    changes = "" if card.base is None else f"changes {card.base.name} {card.base.version}; "
    return (
        f"{name}: {card.title}, {card.version}; {bands}, ratio {_ratios(card)}, {sensors}; {scores or 'no scores'}; "
        f"{card.licence}; {changes}{_megabytes(known)}; {known.path}"
    )


def _ratios(card: Card) -> str:
    low, high = card.input.ratios_tested
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _megabytes(known: Known) -> str:
    return f"{os.path.getsize(known.path) / 1e6:.1f} MB"


def _page(request: ModelsRequest, library: Library) -> dict[str, str]:
    """Return the page of the models by its name; nothing where it is not wanted."""
    if request.out_html is None:
        return {}
    sorted_models = sorted(newest_first(library.models), key=lambda known: known.card.name)
    cards = [_portrayed(known) for known in sorted_models]
    problems = [problem.text for problem in library.problems]
    return {request.out_html: render(cards, problems, datetime.now().strftime("%Y-%m-%d %H:%M"), __version__)}


def _portrayed(known: Known) -> Shown:
    card = known.card
    facts = {
        "Takes": ", ".join(map(_band, card.input.bands)) or "any bands, one at a time",
        "Ratio": f"{_ratios(card)} PAN pixels on a side of an MS pixel were tested; trained with {card.input.ratio:g}",
        "Sensors": ", ".join(card.sensors) or "none named",
        "Licence of the weights": card.licence,
        "Trained in": ", ".join(f"{stage.name}: {stage.steps} steps" for stage in card.recipe.stages) or "not told",
        **({} if card.base is None else {"Changes": f"{card.base}, which it needs beside itself"}),
        "Size": _megabytes(known),
        "SHA-256 of the weights": card.tensor_hash or "not told",
        "Lies in": f"{known.path}{' (comes with the plugin)' if _is_shipped(known) else ''}",
    }
    measured = [
        Measured(score.dataset, score.protocol, {"": score.metrics, **score.compared_with}) for score in card.scores
    ]
    lessons = [Lesson(data.what, data.licence, data.credits) for data in card.training_data]
    return Shown(card.title, known.name, card.created[:10], card.description, facts, measured, lessons)


def _band(band: Band) -> str:
    more = [
        *([band.role] if band.role and band.role != band.name.lower() else []),
        *([f"{band.wavelength_um:g} µm"] if band.wavelength_um is not None else []),
    ]
    return f"{band.name} ({', '.join(more)})" if more else band.name


def _hashed(path: str) -> Generator[Event, None, str]:
    """Return the SHA-256 of a whole file, in hexadecimal."""
    size, done = os.path.getsize(path), 0
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
        done += len(block)
        yield Progress(min(done / size, 1.0) * 0.99, "Hashing the file")
    return digest.hexdigest()


def _href(path: str, out: str) -> str:
    """Return how the item refers to the model: relative to its own folder where there is such a way."""
    try:
        return quote(Path(os.path.relpath(path, os.path.dirname(os.path.abspath(out)))).as_posix())
    except ValueError:  # another drive of Windows
        return Path(path).absolute().as_uri()
