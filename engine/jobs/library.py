"""Which models there are in some folders, and which of them a name means; nothing but their headers is read."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import ModelFileError
from ..modelfile.card import Card, read_card
from ..modelfile.places import EXTENSION, base_for, files_in, without_base
from ..modelfile.places import SHIPPED as SHIPPED  # "as": for the command line and the plugin, which see jobs alone
from ..modelfile.places import home as home
from ..modelfile.places import present as present

_LISTED = 12  # names that a sentence lists


@dataclass(frozen=True)
class Known:
    """A model that lies in one of the folders."""

    path: str
    card: Card

    @property
    def name(self) -> str:
        """Return name and version, as logs and results have them."""
        return f"{self.card.name} {self.card.version}"

    @property
    def stem(self) -> str:
        """Return what its file is called, without the extension."""
        return Path(self.path).stem


@dataclass(frozen=True)
class Problem:
    """A file that is no model for use, or a folder that cannot be looked into, and the sentence about it."""

    path: str
    text: str
    is_folder: bool


@dataclass(frozen=True)
class Library:
    """All that some folders hold, in their order."""

    models: tuple[Known, ...]
    problems: tuple[Problem, ...]

    def names(self) -> dict[str, Known]:
        """Return each model once, by what it can be called.

        The newest goes by its name alone, others with their version; where different models share that too, they go
        by what their files are called.
        """
        different = _different(self.models)
        alike = Counter(one.name for one in different)
        taken = Counter(word for one in different for word in {one.card.name, one.name, one.stem})
        called: dict[str, Known] = {}
        for one in sorted(newest_first(different), key=lambda one: one.card.name):
            if alike[one.name] > 1:
                called[one.stem if taken[one.stem] == 1 else one.path] = one
            else:
                is_newest = not any(other.card.name == one.card.name for other in called.values())
                called[one.card.name if is_newest else one.name] = one
        return called

    def adapters_of(self, card: Card) -> list[Known]:
        """Return the models that hold nothing but what was changed in that of the card."""
        return [one for one in self.models if one.card.base and one.card.base.tensor_hash == card.tensor_hash]

    def called(self, name: str) -> Known:
        """Return the model of this name.  Raise ModelFileError where there is none, or more than one."""
        called = self.names()
        if name in called:
            return called[name]
        meant = _different(one for one in self.models if name in (one.card.name, one.name, one.stem))
        if len(meant) == 1:
            return meant[0]
        if meant:
            files = ", ".join(one.path for one in meant)
            raise ModelFileError(f"{len(meant)} models are called '{name}': {files}.", "Name the file of one.")
        there = ", ".join([*called][:_LISTED]) or "none at all"
        more = f" and {len(called) - _LISTED} more" if len(called) > _LISTED else ""
        raise ModelFileError(
            f"There is no model called '{name}'; there are {there}{more}.",
            "Name one of those, or the file of a model.",
        )


def file_name(card: Card) -> str:
    """Return what the file of a model is called in a folder of models; no two names and versions share one."""
    return f"{card.name}_{card.version}{EXTENSION}"  # an underscore stands in neither


def looked_into(folders: Iterable[str]) -> Library:
    """Return what the folders hold; each is looked into once."""
    models: list[Known] = []
    problems: list[Problem] = []
    once: dict[str, str] = {}
    base_once_for = cache(base_for)  # many adapters change the same model
    for folder in folders:
        once.setdefault(os.path.realpath(folder), folder)
    for folder in once.values():
        try:
            paths = files_in(folder)
        except OSError as error:
            said = f"The folder {folder} cannot be looked into ({error.strerror}); create it or name another."
            problems.append(Problem(folder, said, is_folder=True))
            continue
        for path in paths:
            try:
                card = read_card(path)
                if card.base is not None and base_once_for(folder, card.base) is None:
                    raise without_base(path, card.base)
                models.append(Known(path, card))
            except ModelFileError as error:
                problems.append(Problem(path, str(error), is_folder=False))
    return Library(tuple(models), tuple(problems))


def file_of(model: str, folders: Iterable[str]) -> str:
    """Return the file of a model that is given as a file, or as the name of one that lies in the folders.

    Raise ModelFileError where it can only be a name and there is none of it, or more than one.
    """
    is_name = os.path.basename(model) == model and not model.startswith(".") and not model.lower().endswith(EXTENSION)
    if not is_name or os.path.isfile(model):
        return model
    return looked_into(folders).called(model).path


def newest_first(models: Iterable[Known]) -> list[Known]:
    """Return the models in the order of their versions, the highest numbers first."""
    return sorted(models, key=lambda one: [int(part) for part in re.findall("[0-9]+", one.card.version)], reverse=True)


def _different(models: Iterable[Known]) -> list[Known]:
    """Return the models without those that are copies of one before them."""
    once: dict[tuple[str, str], Known] = {}
    for one in models:
        once.setdefault((one.name, one.card.tensor_hash), one)
    return list(once.values())
