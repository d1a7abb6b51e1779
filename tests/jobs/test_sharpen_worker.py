"""Sharpening with a model in another process: the same bytes, no PyTorch in this one, and stopped within a second."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine.errors import MethodError, WorkerError
from engine.jobs.sharpen import sharpen
from engine.remote.interpreter import VARIABLE
from engine.remote.protocol import VERSION
from engine.request import SharpenRequest
from tests.jobs.runs import files_in, refusal, sharpened
from tests.methods.models import model_file, tiny
from tests.pairs import Pair, read, write_pair
from tests.remote.strangers import folders, stranger

ROOT = Path(__file__).resolve().parents[2]
# A Python that has all that is needed, and a worker that says it is ready.
CHECKED = (
    'if sys.argv[1] == "-c":\n'
    """    sys.stdout.write('[[3, 12, 1], {"torch": "2.9", "numpy": "1", "safetensors": "2"}]')\n"""
    "    sys.exit()\n"
)
READY = (
    "sys.stdin.readline()\nopen('0.out', 'w').close()\n"
    f"""print('{{"id": 0, "values": {{"version": {VERSION}, "near": 2, "step": 1, "room": null, "facts": """
    """{"device": "cpu", "torch": "2.9"}}, "arrays": []}')\n"""
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return model_file(tmp_path_factory.mktemp("model"), tiny())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=200)


def ask(pair: Pair, out: Path, model: str, python: str) -> SharpenRequest:
    return pair.request(
        out, method="ksdiff", model=model, device="cpu", threads=2, tile_size=64, data_type="float32", python=python
    )


@pytest.mark.slow
def test_another_process_gives_the_same_bytes_and_this_one_never_imports_torch(
    pair: Pair, model: str, tmp_path: Path
) -> None:
    here, local = sharpened(ask(pair, tmp_path / "here.tif", model, "self"))
    out = tmp_path / "there.tif"
    request = ask(pair, out, model, sys.executable)
    script = (
        "import json, sys\nfrom engine.events import Finished, Noted\nfrom engine.jobs.sharpen import sharpen\n"
        f"from engine.request import SharpenRequest\nevents = list(sharpen({request!r}))\n"
        "notes = [event.message for event in events if isinstance(event, Noted)]\n"
        "json.dump([events[-1].result, notes, sorted(sys.modules)], sys.stdout)\n"
    )
    before = folders()
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    result, notes, modules = json.loads(done.stdout)
    assert read(out).tobytes() == here.tobytes()
    assert "torch" not in modules and "numpy" in modules
    assert result["python"] == sys.executable and local.result["python"] == "self"
    assert result["torch"] == local.result["torch"] and result["device"] == local.result["device"] == "cpu"
    assert any(f"computes in a process of {sys.executable} (as it was chosen)." in note for note in notes)
    assert folders() == before


@pytest.mark.parametrize("begun", ["", READY])
@pytest.mark.slow
def test_stopping_ends_a_worker_that_does_not_answer_within_a_second(
    begun: str, pair: Pair, model: str, tmp_path: Path
) -> None:
    before = folders()
    python = stranger(tmp_path, f"{CHECKED}{begun}time.sleep(60)").path
    (tmp_path / "results").mkdir()
    events = sharpen(ask(pair, tmp_path / "results" / "o.tif", model, python))
    stages = []
    for event in events:
        stages.append(getattr(event, "stage", ""))
        waits = stages.count("Learning from the scene") if begun else len(folders() - before)
        if waits and len(stages) > 30 and stages[-1] in ("Loading the model", "Learning from the scene"):
            break
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 1.0
    assert files_in(tmp_path / "results") == {} and folders() == before


def test_a_worker_that_dies_while_it_learns_leaves_a_sentence_and_no_image(
    pair: Pair, model: str, tmp_path: Path
) -> None:
    before = folders()
    python = stranger(tmp_path, f"{CHECKED}{READY}sys.stdin.readline()\nos.kill(os.getpid(), signal.SIGKILL)").path
    assert "memory ran out" in refusal(ask(pair, tmp_path / "o.tif", model, python), WorkerError)
    assert folders() == before


def test_an_error_that_the_worker_raises_is_raised_here(pair: Pair, model: str, tmp_path: Path) -> None:
    answer = """print('{"id": 0, "error": ["MethodError", "Too small.", "Buy more."]}')"""
    python = stranger(tmp_path, f"{CHECKED}sys.stdin.readline()\n{answer}\ntime.sleep(60)").path
    assert refusal(ask(pair, tmp_path / "o.tif", model, python), MethodError) == "Too small. Buy more."


def test_without_a_named_python_the_variable_decides(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    assert "nowhere cannot be started" in refusal(ask(pair, tmp_path / "o.tif", model, ""), WorkerError)
