"""JSON from strangers: parsed without surprises and given the shape of a dataclass, or refused in a sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..errors import ModelFileError

MOST_TEXT = 4000  # characters: a long description
MOST_ITEMS = 1000  # of a list or a mapping
_MOST_DIGITS = 20  # Python before 3.11 takes seconds for an integer of a million digits
_SAID = 60  # characters of a stranger's word that a sentence repeats


def refuse(what: str) -> ModelFileError:
    """Return the error that says what is wrong, to be raised."""
    return ModelFileError(what, "Get the file again from where it came from, or choose another model.")


def demand(condition: bool, what: str) -> None:
    """Raise ModelFileError, saying `what` is wrong, unless the condition holds."""
    if not condition:
        raise refuse(what)


class Repeated(ValueError):
    """An object of JSON has the same key twice, so that nobody can tell which is meant."""


def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, as `json.loads` hands over its pairs.  Raise Repeated."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise Repeated(f"'{key}' stands in it twice")
        values[key] = value
    return values


def parse(text: str, name: str) -> Any:
    """Return the values of `text`; keys are unique and numbers finite.  Raise ModelFileError about `name`."""

    def integer(digits: str) -> int:
        demand(len(digits) <= _MOST_DIGITS, f"{name} holds a number of {len(digits)} digits.")
        return int(digits)

    def real(digits: str) -> float:
        number = float(digits)
        demand(math.isfinite(number), f"{name} holds a number that is too great.")
        return number

    def constant(word: str) -> float:
        raise refuse(f"{name} holds {word}, which is no number.")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_int=integer, parse_float=real, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise refuse(f"{name} is no JSON ({error.msg} at character {error.pos}).") from error
    except Repeated as error:
        raise refuse(f"{name} says the same thing twice.") from error
    except RecursionError as error:
        raise refuse(f"{name} is nested too deeply.") from error


def build(kind: Any, value: Any, name: str) -> Any:
    """Return a parsed value as `kind`, which is a type as dataclasses declare them.  Raise ModelFileError.

    A dataclass needs each of its fields, but for those that are None by default, and takes no other; lists become
    tuples, whole numbers floats.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin is Union:  # the only one in use is Optional
        return None if value is None else build(inner[0], value, name)
    if origin is tuple:
        return _row(inner, value, name)
    if origin is Mapping:
        demand(isinstance(value, dict) and len(value) <= MOST_ITEMS, f"{name} is no object of a sensible size.")
        return {
            build(str, key, f"a key of {name}"): build(inner[1], each, f"{name}.{key}") for key, each in value.items()
        }
    if is_dataclass(kind):
        return _object(kind, value, name)
    if kind is float and type(value) is int:
        value = float(value)
    demand(type(value) is kind, f"{name} is no {_WORDS[kind]}.")  # `type`, since True is an int to isinstance
    if kind is str:
        # What does not print can forge a line on a terminal, or turn around the text that stands beside it.
        printable = value.replace("\n", "").isprintable()
        demand(len(value) <= MOST_TEXT and printable, f"{name} is too long a text, or holds control characters.")
    return value


_WORDS = {str: "text", int: "whole number", float: "number"}


def _row(kinds: Sequence[Any], value: Any, name: str) -> tuple[Any, ...]:
    demand(isinstance(value, list) and len(value) <= MOST_ITEMS, f"{name} is no list of a sensible length.")
    if kinds[-1] is Ellipsis:
        kinds = [kinds[0]] * len(value)
    demand(len(value) == len(kinds), f"{name} has {len(value)} values instead of {len(kinds)}.")
    return tuple(build(kind, each, f"{name}[{index}]") for index, (kind, each) in enumerate(zip(kinds, value)))


def _object(kind: Any, value: Any, name: str) -> Any:
    demand(isinstance(value, dict), f"{name} is no object.")
    known = _fields(kind)
    needed = {field.name for field in fields(kind) if field.default is not None}
    unknown, missing = sorted(value.keys() - known), sorted(needed - value.keys())
    demand(not unknown, f"{name} has the unknown field {ascii(''.join(unknown[:1]))[:_SAID]}.")
    demand(not missing, f"{name} lacks {', '.join(missing)}.")
    return kind(**{key: build(known[key], each, f"{name}.{key}") for key, each in value.items()})


@cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
