"""Which cases of a parametrised test are slow: the fast part of the suite keeps the most telling ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def slow(*arguments: Any) -> Any:
    """Return a case for `parametrize` that the fast part of the suite leaves to the slow one."""
    return pytest.param(*arguments, marks=pytest.mark.slow)


def mostly_slow(cases: Iterable[Any], *quick: int) -> list[Any]:
    """Return the cases, slow but for those at the places `quick`; a tuple holds several arguments."""
    return [
        case if place in quick else slow(*(case if isinstance(case, tuple) else (case,)))
        for place, case in enumerate(cases)
    ]
