"""Axes of charts: from values to places on the page, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

from .numerals import decimal, rounded

_BEYOND = 1e100  # no measurement; the span of two such values could be infinite
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` lie between `start` and `end` on the page."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> Optional[float]:
        """Return the place of a value, at most one span of the axis beyond its ends; None where it has none."""
        if not math.isfinite(value) or (self.log and value <= 0.0):
            return None
        low, high, value = (math.log10(each) if self.log else each for each in (self.low, self.high, value))
        part = (value - low) / (high - low)
        return self.start + (self.end - self.start) * min(max(part, -1.0), 2.0)

    def ticks(self, most: int = 6) -> tuple[tuple[float, str], ...]:
        """Return about `most` round values within the axis and how they are written."""
        values = _powers(self.low, self.high, most) if self.log else round_values(self.low, self.high, most)
        labels = [_power(value) for value in values] if self.log else labelled(values)
        return tuple(zip(values, labels))


def spanning(values: Iterable[float], zero: bool = False, log: bool = False) -> tuple[float, float]:
    """Return least and greatest of the values that can be drawn, apart in any case; `zero`: with 0 between them."""
    drawn = [value for value in values if abs(value) < _BEYOND and (value > 0.0 or not log)]  # no nan either
    drawn += [0.0] * zero
    low, high = min(drawn, default=1.0 if log else 0.0), max(drawn, default=1.0)
    if log and high < 10.0 * low:
        return low / 10.0, high * 10.0
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = abs(high) / 10.0 or 1.0
        return low - margin * (not zero or high < 0), high + margin
    return low, high


def round_values(low: float, high: float, most: int) -> tuple[float, ...]:
    """Return the multiples of 1, 2, 2.5 or 5 times a power of ten from `low` to `high`, at most `most` of them."""
    step = round_step((high - low) / max(most - 1, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(number * step for number in range(first, last + 1))


def round_step(least: float) -> float:
    """Return the least of 1, 2, 2.5 and 5 times a power of ten that is not below `least`, which is above 0."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0) if factor * power >= least * (1 - 1e-9))


def labelled(values: Sequence[float]) -> list[str]:
    """Return the values with the decimals that tell them apart."""
    greatest = max((abs(value) for value in values), default=0.0)
    if greatest and not 1e-3 <= greatest < 1e6:
        return [rounded(value) for value in values]
    digits = next(
        (digits for digits in range(7) if all(abs(value - round(value, digits)) <= 1e-9 for value in values)), 6
    )
    return [decimal(value, digits) for value in values]


def _powers(low: float, high: float, most: int) -> tuple[float, ...]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / most))
    return tuple(10.0**power for power in range(first, last + 1, step))


def _power(value: float) -> str:
    exponent = round(math.log10(value))
    return f"{10**exponent}" if 0 <= exponent <= 2 else "10" + str(exponent).translate(_SUPERSCRIPTS)
