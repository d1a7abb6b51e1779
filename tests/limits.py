"""Less than the machine has, for a while: the faults a full disk or little memory cause, without either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file of this process, or of what it starts, grow beyond so many bytes, as if the disk were full.

    For a part of a test alone, never for a fixture: pytest writes what came of a test into its own output before the
    fixtures end, and that output may be a file too.
    """
    resource = pytest.importorskip("resource", reason="no limits here")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
