"""Settings from JSON: given the shape of a dataclass with defaults, or refused in a sentence that says what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..errors import RequestError

_SAID = 60  # characters of what a file says that a sentence repeats
_MOST = 2**1000  # of a whole number that stands for any number
_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def build(kind: Any, value: Any, name: str) -> Any:
    """Return a parsed value as `kind`, a type as dataclasses declare them; `name` is its dotted name, for sentences.

    Fields that are missing get their defaults, lists become tuples, whole numbers floats, and a lone value stands for
    a list of one.  Raise RequestError on all else.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin is Union:
        return _one_of(inner, value, name)
    if origin is tuple and inner[-1] is Ellipsis:
        values = value if isinstance(value, list) else [value]
        return tuple(build(inner[0], each, f"{name}[{index}]") for index, each in enumerate(values))
    if origin is tuple:
        if not isinstance(value, list) or len(value) != len(inner):
            raise RequestError(f"{name} is not a list of {len(inner)} values.", "Correct it.")
        return tuple(build(each, one, f"{name}[{index}]") for index, (each, one) in enumerate(zip(inner, value)))
    if origin is Mapping:
        if not isinstance(value, dict):
            raise RequestError(f"{name} is {_said(value)}, and should be an object.", "Write it in braces.")
        return dict(value)
    if is_dataclass(kind):
        return _object(kind, value, name, None)
    if kind is float and type(value) is int and abs(value) < _MOST:  # what is more stays one, and is refused
        value = float(value)
    # `type`, since True is an int to isinstance.
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise RequestError(f"{name} is {_said(value)}, and should be {_WORDS[kind]}.", "Correct it.")
    return value


def put(values: dict[str, Any], setting: str, value: Any) -> None:
    """Set what a dotted name stands for in nested objects.  Raise RequestError where the name leads nowhere."""
    *path, last = setting.split(".")
    place = values
    for step in path:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise RequestError(f"{setting} cannot be set: {step} has no parts.", "Correct the name.")
    place[last] = value


def demand(condition: bool, fact: str, remedy: str) -> None:
    """Raise RequestError unless the condition holds."""
    if not condition:
        raise RequestError(fact, remedy)


def _one_of(kinds: Sequence[Any], value: Any, name: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    if str in kinds and type(value) is str:
        return value
    shapes = [kind for kind in kinds if kind not in (type(None), str)] or [str]
    if len(shapes) == 1:
        return build(shapes[0], value, name)
    # Several kinds of objects: the first field of each, which has no default, tells which is meant.
    keys = {fields(kind)[0].name: kind for kind in shapes}
    said = [key for key in keys if isinstance(value, dict) and key in value]
    if len(said) != 1:
        raise RequestError(f"What {name} is cannot be told.", f"Let it have one of {', '.join(keys)}.")
    return build(keys[said[0]], value, name)


def _object(kind: Any, value: Any, name: str, default: Any) -> Any:
    if not isinstance(value, dict):
        raise RequestError(f"{name} is {_said(value)}, and should be an object.", "Write it in braces.")
    known = _fields(kind)
    prefix = f"{name}." if name else ""
    given = {}
    for key, each in value.items():
        if key not in known:
            raise RequestError(
                f"There is no setting {_plain(prefix + key)}.", f"Choose among {', '.join(sorted(known))}."
            )
        hint, field = known[key]
        # An object changes only what it names of one that is there by default.
        inside = is_dataclass(field.default) and is_dataclass(hint)
        full = f"{prefix}{key}"
        given[key] = _object(hint, each, full, field.default) if inside else build(hint, each, full)
    if default is not None:
        return replace(default, **given)
    for key, (_, field) in known.items():
        if key not in value and field.default is MISSING and field.default_factory is MISSING:
            raise RequestError(f"{prefix}{key} is missing.", "Give it.")
    return kind(**given)


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, Field[Any]]]:
    hints = get_type_hints(kind)
    return {field.name: (hints[field.name], field) for field in fields(kind) if field.init}


def _plain(text: str) -> str:
    """Return a text as it may stand on a terminal."""
    return (text if text.isprintable() else ascii(text))[:_SAID]


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SAID else f"{text[: _SAID - 3]}..."
