"""Pairs that many tests read and none changes, and a folder of the user's own models that is not the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pairs import Pair, write_pair


@pytest.fixture(scope="session", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Lead the user's own data into a folder of the tests: what is adapted may put a model there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Four bands of 16 bits, ratio 4, nothing odd about it."""
    return write_pair(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def collared(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The same with a turned collar in which both images are 0, declared as nodata."""
    return write_pair(tmp_path_factory.mktemp("collared"), size=512, collar=True)
