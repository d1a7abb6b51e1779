"""Checks that several requests share; each raises RequestError."""

from __future__ import annotations

import os
from typing import Optional

from ..errors import RequestError
from .words import LEARNED, MAX_THREADS, MOST_MINUTES, MOST_SEED


def check_path(name: str, value: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise RequestError(f"No file was named for '{name}'.", "Name one.")
    if "\0" in value:
        raise RequestError(f"The file name for '{name}' holds a zero byte.", "Correct it.")


def check_choice(name: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise RequestError(f"'{value}' is no {name.replace('_', ' ')}.", f"Choose one of {', '.join(options)}.")


def check_model(method: str, model: Optional[str]) -> None:
    if model is not None:
        check_path("model", model)
        if method != LEARNED:
            raise RequestError(
                f"A model was named, and the method '{method}' takes none.",
                f"Choose the method '{LEARNED}', or leave the model out.",
            )


def check_folders(folders: tuple[str, ...]) -> None:
    if isinstance(folders, str):
        raise RequestError("The folders of models are one text.", "Give a list of folders.")


def check_python(value: str) -> None:
    if not isinstance(value, str) or "\0" in value:
        raise RequestError(f"{value!r} cannot be a Python.", "Give the path of one.")


def check_seed(value: int) -> None:
    if type(value) is not int or not 0 <= value <= MOST_SEED:
        raise RequestError(f"{value!r} cannot be a seed.", f"Give a whole number from 0 to {MOST_SEED}.")


def check_minutes(value: float, least: float) -> None:
    if not isinstance(value, (int, float)) or not least <= value <= MOST_MINUTES:
        raise RequestError(
            f"A model cannot be adapted for {value} minutes.", f"Give {least:g} to {MOST_MINUTES:g} minutes."
        )


def check_threads(threads: int) -> None:
    if not 0 <= threads <= MAX_THREADS:
        raise RequestError(f"{threads} threads cannot be had.", f"Give 1 to {MAX_THREADS}, or 0 for all cores.")


def check_work(threads: int, tile_size: int) -> None:
    check_threads(threads)
    if tile_size < 64 or tile_size > 8192:
        raise RequestError(f"A tile of {tile_size} pixels is impractical.", "Give 64 to 8192.")


def check_no_input(outs: tuple[str, ...], inputs: tuple[str, ...]) -> None:
    for out in outs:
        if any(same_file(source, out) for source in inputs):
            raise RequestError(f"The output {out} is also an input.", "Give the result a name of its own.")


def check_distinct(outs: tuple[str, ...]) -> None:
    for position, out in enumerate(outs):
        if any(same_file(out, other) for other in outs[:position]):
            raise RequestError(f"Two results would be written to {out}.", "Give each result a name of its own.")


def same_file(one: str, two: str) -> bool:
    try:
        return os.path.samefile(one, two)  # sees through links, and knows whether capitals matter on this disk
    except OSError:  # one of them does not exist, or is not a file at all
        return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(two))
