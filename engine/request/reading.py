"""Requests that come as JSON."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ..errors import RequestError


def from_json(kind: type, values: dict[str, Any]) -> Any:
    """Build a request of `kind` from parsed JSON; lists become tuples.  Raise RequestError on unknown fields."""
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise RequestError(f"Unknown field {', '.join(unknown)}.", f"Known are {', '.join(sorted(known))}.")
    try:
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    except (AttributeError, OverflowError, TypeError) as error:  # a number for a text, or one without an end
        raise RequestError(f"The request is incomplete or of the wrong type: {error}.", "Correct it.") from error
