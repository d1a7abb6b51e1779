"""Pairs that many tests read and none changes."""

from __future__ import annotations

import pytest

from tests.pairs import Pair, write_pair


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Four bands of 16 bits, ratio 4, nothing odd about it."""
    return write_pair(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def collared(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The same with a turned collar in which both images are 0, declared as nodata."""
    return write_pair(tmp_path_factory.mktemp("collared"), size=512, collar=True)
