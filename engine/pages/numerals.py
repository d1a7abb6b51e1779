"""Numbers as text, the same in every locale: for people, with a true minus sign; for SVG, as short as they go."""

from __future__ import annotations

import math
from typing import Optional

NOTHING = "–"  # stands for a number that could not be had


def plain(value: float) -> str:
    """Return a finite number for an attribute, to a hundredth."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no place in a drawing")
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def decimal(value: Optional[float], digits: int, signed: bool = False) -> str:
    """Return a number with so many decimals, or a dash where there is none; `signed`: with a plus, too."""
    if value is None or not math.isfinite(value):
        return NOTHING
    rounded = f"{abs(value):.{digits}f}"
    if float(rounded) == 0.0:
        return rounded
    return ("−" if value < 0 else "+" if signed else "") + rounded


def rounded(value: Optional[float], figures: int = 3) -> str:
    """Return a number with so many significant figures, without needless zeros; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{figures - 1}e}".split("e")
        shown = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{shown}e{int(exponent)}".replace("-", "−")
    digits = figures - 1 - math.floor(math.log10(abs(value))) if value else 0
    shown = decimal(value, max(digits, 0))
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def share(value: Optional[float]) -> str:
    """Return a share, 0 to 1, in per cent; one that is not 0 never reads as 0."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if 0.0 < value < 0.0001:
        return "< 0.01 %"
    return f"{rounded(100.0 * value, 2 if value < 0.1 else 3)} %"


def whole(value: int) -> str:
    """Return a count with its thousands set apart."""
    return f"{value:,}".replace(",", "\u202f")


def displacement(dx: float, dy: float) -> str:
    """Return a shift in PAN pixels (right, down) in words: "0.42 to the right and 0.10 up"."""
    parts = [
        f"{decimal(abs(value), 2)} {positive if value > 0 else negative}"
        for value, positive, negative in ((dx, "to the right", "to the left"), (dy, "down", "up"))
        if abs(value) >= 0.005
    ]
    return " and ".join(parts) or "0.00"
