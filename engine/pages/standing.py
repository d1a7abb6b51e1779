"""How the numbers of several images stand to each other: which is best, and which differ from it by nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Optional

from ..metrics.report import METRICS, significant

Results = Optional[Mapping[str, Any]]  # `Reduced.to_dict` or `Full.to_dict`
Standing = Literal["best", "as good", "behind"]


def number(results: Results, key: str) -> Optional[float]:
    """Return a number among the results; None where it could not be had."""
    return _finite(None if results is None else results.get(key))


def numbers(results: Results, key: str) -> tuple[Optional[float], ...]:
    """Return numbers by band; nothing where none could be had."""
    listed = None if results is None else results.get(key)
    values = tuple(_finite(value) for value in listed or ())
    return values if any(value is not None for value in values) else ()


def best(key: str, values: Sequence[Optional[float]]) -> Optional[int]:
    """Return where the best value of a metric, by its key in METRICS, stands; None where there is none at all."""
    metric = METRICS[key]

    def badness(at: int) -> float:
        value = values[at] or 0.0
        return abs(value) if metric.signed else value if metric.better == "lower" else -value

    return min((at for at, value in enumerate(values) if value is not None), key=badness, default=None)


def standings(key: str, values: Sequence[Optional[float]]) -> tuple[Optional[Standing], ...]:
    """Return how each value stands to the best; None where there is no value, and for a value that is alone."""
    first = best(key, values)
    if first is None or sum(value is not None for value in values) < 2:
        return (None,) * len(values)
    return tuple(
        None
        if value is None
        else "best"
        if at == first
        else "behind"
        if differ(key, value, values[first])
        else "as good"
        for at, value in enumerate(values)
    )


def differ(key: str, a: Optional[float], b: Optional[float]) -> bool:
    """Return whether both values are there and differ enough to mean anything."""
    return a is not None and b is not None and significant(key, a, b)


def better(key: str, a: Optional[float], b: Optional[float]) -> bool:
    """Return whether `a` is better than `b`, and not just by chance."""
    return differ(key, a, b) and best(key, (a, b)) == 0


def _finite(value: Any) -> Optional[float]:
    usable = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if usable else None
