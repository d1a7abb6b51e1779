"""How fast a run goes, how long it will take, and on what its threads spend their time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

DEEDS = ("read", "compute", "write")
_SAID_EVERY = 0.1  # of the work
_SAID_EVERY_S = (10.0, 300.0)  # not sooner than the first, and at the second in any case


class Pace:
    """The clock of one stage of work on `pixels` pixels by `threads` threads and the one that takes their results."""

    def __init__(self, pixels: int, threads: int) -> None:
        self._pixels, self._threads = pixels, threads
        self._turn = threading.Lock()
        self._spent = dict.fromkeys(DEEDS, 0.0)  # by the threads
        self._spent_beside = 0.0  # by the one who writes what they made, as they go on
        self._made = 0
        self._begun = self._said = self._seconds = self._said_at = 0.0

    def begin(self) -> None:
        """Start the clock."""
        self._begun = self._said = time.monotonic()

    @contextmanager
    def on(self, deed: str, beside: bool = False) -> Iterator[None]:
        """Count the time that a thread spends here; `beside`: the one who takes the results."""
        begun = time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - begun
            with self._turn:
                self._spent[deed] += spent
                self._spent_beside += spent * beside

    def made(self, pixels: int) -> None:
        """Count pixels that were sharpened now, not taken from an earlier run."""
        with self._turn:
            self._made += pixels

    def due(self, done: int) -> Iterator[str]:
        """Yield a sentence on the rate and the time left, with `done` pixels done, every now and then."""
        now, share = time.monotonic(), done / self._pixels
        soonest, latest = _SAID_EVERY_S
        waited = now - self._said
        due = waited >= latest or (waited >= soonest and share - self._said_at >= _SAID_EVERY)
        if not due or not self._made:
            return
        self._said, self._said_at = now, share
        rate = self._made / (now - self._begun)
        left = _in_words((self._pixels - done) / rate)
        yield f"{share:.0%} is sharpened, at {rate / 1e6:.3g} megapixels per second; about {left} left."

    def end(self) -> None:
        """Stop the clock."""
        self._seconds = time.monotonic() - self._begun

    @property
    def rate(self) -> Optional[float]:
        """Megapixels of PAN per second; None where none was sharpened."""
        return round(self._made / 1e6 / self._seconds, 4) if self._made and self._seconds else None

    @property
    def shares(self) -> dict[str, float]:
        """The shares of the time of all, that of waiting included: they add up to 1."""
        whole = max(self._seconds * self._threads + self._spent_beside, sum(self._spent.values()), 1e-9)
        shares = {deed: spent / whole for deed, spent in self._spent.items()}
        return {deed: round(share, 4) for deed, share in {**shares, "wait": 1.0 - sum(shares.values())}.items()}

    @property
    def facts(self) -> dict[str, Any]:
        """What the result says of it."""
        return {"megapixels_per_second": self.rate, "shares": self.shares}

    @property
    def summary(self) -> str:
        """One sentence on all of it."""
        shares = self.shares
        rate = "Nothing was left to sharpen" if self.rate is None else f"{self.rate:.3g} megapixels of PAN per second"
        threads = f"{self._threads} thread{'s' * (self._threads != 1)}"
        return (
            f"{rate}; of the time of {threads}, reading took {shares['read']:.0%}, computing {shares['compute']:.0%}, "
            f"writing {shares['write']:.0%} and waiting {shares['wait']:.0%}."
        )


def _in_words(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes >= 120:
        return f"{seconds / 3600:.1f} hours"
    return f"{minutes} minutes" if minutes >= 2 else f"{seconds:.0f} seconds"
