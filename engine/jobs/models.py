"""List the models of some folders, or show what one says of itself; nothing but their headers is read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import InputError, ModelFileError
from ..events import Event, Finished, Noted, Progress, Warned
from ..modelfile.card import Card, read_card
from ..modelfile.mlm import VERSION, item
from ..raster import documents
from ..request import ModelsRequest

EXTENSION = ".safetensors"
SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "models"  # it lies so in the plugin, too
_BLOCK = 1 << 22  # bytes


def models(request: ModelsRequest) -> Generator[Event, None, None]:
    """Yield what is found; the last event carries it all.

    A file of a folder that is no sound model is listed with what is wrong.  Raise EngineError where the one file that
    was asked for is none, or the STAC item cannot be written.
    """
    if request.file is None:
        yield from _listed(request.directories)
        return
    if request.out_mlm is not None:
        documents.check_nameable(request.out_mlm, (".json",))
    card = read_card(request.file)
    result = {"file": request.file, "bytes": os.path.getsize(request.file), **asdict(card)}
    if request.out_mlm is not None:
        yield from _exported(card, request.file, request.out_mlm)
        result["mlm"] = request.out_mlm
    yield Finished(result)


def files_in(directory: str) -> list[str]:
    """Return the files of a folder that may be models, by name.  Raise OSError where it cannot be looked into."""
    return [os.path.join(directory, name) for name in sorted(os.listdir(directory)) if name.lower().endswith(EXTENSION)]


def _listed(directories: tuple[str, ...]) -> Generator[Event, None, None]:
    found: list[dict[str, Any]] = []
    broken: list[dict[str, str]] = []
    for directory in dict.fromkeys(directories):
        try:
            paths = files_in(directory)
        except OSError as error:
            yield Warned(f"The folder {directory} cannot be looked into ({error.strerror}); create it or name another.")
            continue
        for path in paths:
            try:
                found.append(_entry(path, read_card(path)))
            except ModelFileError as error:
                broken.append({"file": path, "problem": str(error)})
                yield Warned(str(error))
    yield Finished({"models": found, "broken": broken})


def _entry(path: str, card: Card) -> dict[str, Any]:
    return {
        "file": path,
        "name": card.name,
        "title": card.title,
        "version": card.version,
        "bands": [band.name for band in card.input.bands],
        "ratio": card.input.ratio,
        "sensors": list(card.sensors),
        "licence": card.licence,
    }


def _exported(card: Card, path: str, out: str) -> Generator[Event, None, None]:
    """Write the STAC item, which needs the hash of the whole file."""
    size, done = os.path.getsize(path), 0
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
        done += len(block)
        yield Progress(min(done / size, 1.0) * 0.99, "Hashing the file")
    described = item(card, _href(path, out), size, digest.hexdigest())
    with documents.written({out: json.dumps(described, indent=2, ensure_ascii=False) + "\n"}):
        yield Noted(f"The STAC item (machine learning model extension {VERSION}) is in {out}.")


def _blocks(path: str) -> Iterator[bytes]:
    try:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise InputError(f"{path} cannot be read to its end ({error.strerror}).", "Check the disk.") from error


def _href(path: str, out: str) -> str:
    """Return how the item refers to the model: relative to its own folder where there is such a way."""
    try:
        return quote(Path(os.path.relpath(path, os.path.dirname(os.path.abspath(out)))).as_posix())
    except ValueError:  # another drive of Windows
        return Path(path).absolute().as_uri()
