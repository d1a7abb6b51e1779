"""What `main` does to signals stays within a test."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Put back the handlers that a test's call of `main` replaced: pytest needs its own."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    complaints = sys.unraisablehook
    yield
    sys.unraisablehook = complaints
    for number, handler in before.items():
        signal.signal(number, handler)
