"""Two processes with half a batch each learn what one learns with the whole."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from engine.errors import RequestError, WorkerError  # noqa: E402
from engine.training.distributed import Processes  # noqa: E402
from tests.training.synthetic import Run, config  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one_and_only_the_first_writes(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.one_process", str(tmp_path / f"of{rank}")],
            cwd=ROOT,
            env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port},
        )
        for rank in (0, 1)
    ]
    assert [process.wait(timeout=240) for process in started] == [0, 0]
    assert not (tmp_path / "of1").exists()
    alone = Run(config(tmp_path / "alone"))
    alone.go()
    together, one = lines(tmp_path / "of0"), lines(tmp_path / "alone")
    assert [(line["stage"], line["step"]) for line in together] == [(line["stage"], line["step"]) for line in one]
    for name in ("image", "latent"):
        assert [line[name] for line in together if name in line] == pytest.approx(
            [line[name] for line in one if name in line], abs=1e-5
        )
    scores = [[line["validation"] for line in each if "validation" in line] for each in (together, one)]
    assert scores[0] == [pytest.approx(expected, rel=1e-3) for expected in scores[1]]


def test_a_process_that_is_alone_agrees_with_itself() -> None:
    assert Processes().agree([1.0, 0.5]) == [1.0, 0.5] and Processes().is_first


def test_processes_that_cannot_find_each_other_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RequestError, match="2 processes cannot find each other"):
        Processes.joined(torch.device("cpu"))


def test_a_process_that_others_have_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise RuntimeError("Connection reset by peer")

    for name in ("all_reduce", "broadcast"):
        monkeypatch.setattr(torch.distributed, name, gone)
    left, layer = Processes(world=2), torch.nn.Linear(1, 1)
    layer(torch.ones(1, 1)).sum().backward()
    for speak in (lambda: left.agree([1.0]), lambda: left.share(layer), lambda: left.average(layer.parameters())):
        with pytest.raises(WorkerError, match="Another process of this training has ended"):
            speak()
