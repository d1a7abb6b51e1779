"""Where model files lie: those that come with the engine, those of the user, and the base that an adapter changes.

Nothing but the headers of files is read here.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from ..errors import ModelFileError
from .card import Base, Card, read_card

EXTENSION = ".safetensors"
SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "models"  # it lies so in the plugin, too


def home() -> Path:
    """Return the folder of the user's own models, which outlives updates; it need not exist."""
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "ksdiff" / "models"


def present(*folders: Path) -> tuple[str, ...]:
    """Return those of the folders that are there."""
    return tuple(str(folder) for folder in folders if os.path.isdir(folder))


def files_in(directory: str) -> list[str]:
    """Return the files of a folder that may be models, by name.  Raise OSError where it cannot be looked into."""
    return [os.path.join(directory, name) for name in sorted(os.listdir(directory)) if name.lower().endswith(EXTENSION)]


def base_for(folder: str, base: Base) -> Optional[str]:
    """Return the file of the model that an adapter in this folder changes; None where it is nowhere to be found."""
    return next(bases_for(folder, base), None)


def bases_for(folder: str, base: Base) -> Iterator[str]:
    """Yield the files whose cards say that they are that model; whether their weights are its, nobody knows yet.

    They are looked for in that folder, then in the user's own, then among the models that come with the engine.
    """
    for path in _files(folder, str(home()), str(SHIPPED)):
        try:
            card = read_card(path)
        except ModelFileError:  # what is no sound model is passed over
            continue
        if card.base is None and card.tensor_hash == base.tensor_hash:
            yield path


def check_base(path: str, card: Card) -> None:
    """Raise ModelFileError where a model is an adapter whose base is nowhere to be found."""
    if card.base is not None and base_for(os.path.dirname(os.path.abspath(path)), card.base) is None:
        raise without_base(path, card.base)


def without_base(path: str, base: Base) -> ModelFileError:
    """Return the error about an adapter whose base is nowhere to be found, to be raised."""
    return ModelFileError(
        f"{path} holds what was changed in the model {base}, which is nowhere to be found.",
        "Put that model's file into the same folder, or adapt anew.",
    )


def _files(*folders: str) -> Iterator[str]:
    for folder in folders:
        with contextlib.suppress(OSError):  # it is not there, or cannot be looked into
            yield from files_in(folder)
