"""A lock holds until its file is closed, keeps out whoever opens the file anew, and asks nothing of the file system."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from engine import lock


def test_a_file_is_locked_by_one_at_a_time_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    first, second = (os.open(path, os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert lock.take(first) and not lock.take(second)
    os.close(first)
    assert lock.take(second)
    os.close(second)


def test_where_a_file_system_knows_no_locks_nobody_is_kept_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unknown)
    number = os.open(tmp_path / "a.lock", os.O_RDWR | os.O_CREAT)
    assert lock.take(number)
    os.close(number)
