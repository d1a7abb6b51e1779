"""One real worker with a tiny model, which many tests ask and none harms; its start takes seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from engine.remote.client import RemoteFuser, Worker
from engine.remote.interpreter import Interpreter

HERE = Interpreter(sys.executable, "it runs the tests")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("torch")
    from tests.methods.models import model_file, tiny

    folder = tmp_path_factory.mktemp("a model, näher")
    return model_file(folder, tiny())


@pytest.fixture(scope="session")
def remote(model: str) -> Iterator[RemoteFuser]:
    with Worker(HERE, 2) as worker:
        yield RemoteFuser(worker, model, "cpu", 5)
