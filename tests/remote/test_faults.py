"""Whatever a worker does in the middle of an image, a sentence is left: no image, no half one, no file, no process."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine.errors import WorkerError
from engine.jobs.sharpen import sharpen
from engine.remote import client
from engine.remote.client import RemoteFuser, Worker
from engine.remote.interpreter import Interpreter
from engine.request import SharpenRequest
from tests.jobs.runs import refusal, run
from tests.pairs import Pair, read, write_pair
from tests.remote.strangers import ODD, nothing_left, puppet, window
from tests.slowness import mostly_slow, slow

FOREVER = "time.sleep(60)"
CRASHED = r"ended without an answer \(a library it uses crashed\)\..* Install PyTorch anew"
NO_ANSWER = r"The worker answered what is no answer: "


@pytest.fixture(autouse=True)
def leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(client, "DEADLINE_S", 20.0)  # none of these is to wait so long
    with nothing_left(tmp_path, monkeypatch):
        yield


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp(f"pair {ODD}"), size=128)


def asked(pair: Pair, tmp_path: Path, model: str, python: str) -> SharpenRequest:
    """Return a request of four tiles, so that the fault falls in the middle."""
    (tmp_path / "results").mkdir(exist_ok=True)
    out = tmp_path / "results" / "o.tif"
    return pair.request(out, method="ksdiff", model=model, device="cpu", threads=2, tile_size=64, python=python)


def test_a_puppet_without_a_fault_makes_an_image(pair: Pair, tmp_path: Path, model: str) -> None:
    request = asked(pair, tmp_path, model, puppet(tmp_path))
    result = run(sharpen(request)).result
    assert result["torch"] == "2.9" and read(request.out).shape == (4, 128, 128)


@pytest.mark.parametrize("when", mostly_slow(["settle", "fuse"], 1))
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", CRASHED),
        slow("os.kill(os.getpid(), signal.SIGBUS)", CRASHED),
        slow("os.abort()", CRASHED),
        ("os.kill(os.getpid(), signal.SIGKILL)", r"\(it was killed, most likely because memory ran out\)\. Close oth"),
        slow("sys.exit(0)", r"ended without an answer \(exit code 0\)\. Try it by hand"),
        slow("raise SystemExit('Lost my\\n licence')", r'\(exit code 1\)\. Its last words: "Lost my licence"\. Try it'),
        (f"os.write(1, b'Loading...\\n'); {FOREVER}", rf"{NO_ANSWER}b'Loading...\\n'\. Choose a Python that prints"),
        slow(f"os.write(1, b'\\xff\\x00\\n'); {FOREVER}", rf"{NO_ANSWER}b'\\xff\\x00\\n'"),
        slow(f"say(id=number + 100, values={{}}, arrays=[]); {FOREVER}", NO_ANSWER + r"""b'\{"id": 10\d"""),
        slow(f"os.write(1, b'[' * 3000000 + b'\\n'); {FOREVER}", NO_ANSWER),
        (f"""os.write(1, b'{{"id": NaN, "values": {{}}, "arrays": []}}\\n'); {FOREVER}""", NO_ANSWER),
        slow(
            f"""os.write(1, b'{{"id": %d, "values": {{}}, "arrays": [["fused 0", "f4", [NaN, 4]]]}}\\n' % number)
{FOREVER}""",
            rf"{NO_ANSWER}an array described as \['fused 0', 'f4', \[nan, 4\]\]",
        ),
        (
            """listed = put(f"{number}.out", {"fused 0": np.zeros((4, 8, 8), np.float32)})
os.truncate(f"{number}.out", 100)
say(id=number, values={}, arrays=listed)
continue""",
            NO_ANSWER,
        ),
        slow("say(id=number, values={}, arrays=[['fused 0', 'f4', [4, 8, 8]]]); continue", NO_ANSWER),  # and no file
        (f"os.close(1); {FOREVER}", r"ended without an answer \(it closed its output and went on\)"),
    ],
)
def test_a_fault_leaves_one_sentence_and_nothing_else(
    fault: str, sentence: str, when: str, pair: Pair, tmp_path: Path, model: str
) -> None:
    lines = f"if do == {when!r}:\n    " + fault.replace("\n", "\n    ")
    began = time.monotonic()
    said = refusal(asked(pair, tmp_path, model, puppet(tmp_path, lines)), WorkerError)
    assert re.search(sentence, said), said
    assert "\n" not in said and len(said) < 1000
    assert time.monotonic() - began < 10.0


@pytest.mark.parametrize("shape", [(4, 8, 8), slow((1, 24, 24)), slow((4, 576))])
def test_an_image_of_another_size_than_the_tile_is_no_answer(shape: tuple[int, ...], tmp_path: Path) -> None:
    fault = f"""if do == "fuse":
    say(id=number, values={{}}, arrays=put(f"{{number}}.out", {{"fused 0": np.zeros({shape}, np.float32)}}))
    continue"""
    with Worker(Interpreter(puppet(tmp_path, fault), ""), 1) as worker:
        fuser = RemoteFuser(worker, "model", "cpu", 0)
        with pytest.raises(WorkerError, match=r"no answer: \{'fused 0': \("):
            fuser.fuse(*window(24, 24), fuser.settle([window(64, 64)], [1.0]))


@pytest.mark.parametrize(
    "told",
    [
        '"near": float("nan"), "step": 1, "room": None, "facts": FACTS',
        slow('"near": 2, "step": 0, "room": None, "facts": FACTS'),
        slow('"near": 2, "step": 1, "facts": FACTS'),
        slow('"near": 2, "step": 1, "room": 0, "facts": FACTS'),
        slow('"near": 2, "step": 1, "room": 1e9, "facts": FACTS'),
        '"near": 2, "step": 1, "room": None, "facts": {}',
        slow('"near": 2, "step": 1, "room": None, "facts": {"device": "cpu", "torch": 2}'),
    ],
)
def test_a_greeting_of_nonsense_is_no_answer(told: str, pair: Pair, tmp_path: Path, model: str) -> None:
    fault = (
        "import json\n"
        f"""told = json.dumps({{"id": 0, "values": {{"version": VERSION, {told}}}, "arrays": []}})\n"""
        'open("0.out", "w").close()\nos.write(1, told.encode() + b"\\n")\ncontinue'
    )
    said = refusal(asked(pair, tmp_path, model, puppet(tmp_path, fault)), WorkerError)
    assert said.startswith("The worker answered what is no answer: {")


def test_a_worker_that_hangs_from_the_start_is_stopped_at_the_deadline(
    pair: Pair, tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DEADLINE_S", 0.4)
    said = refusal(asked(pair, tmp_path, model, puppet(tmp_path, FOREVER)), WorkerError)
    assert "has not answered 'hello' for 0.4 s, and was stopped. Use smaller tiles" in said


@pytest.mark.parametrize("when", mostly_slow(["settle", "fuse"], 1))
def test_a_worker_that_hangs_later_is_stopped_at_the_deadline(
    when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Worker(Interpreter(puppet(tmp_path, f"if do == {when!r}: {FOREVER}"), ""), 1) as worker:
        fuser = RemoteFuser(worker, "model", "cpu", 0)
        monkeypatch.setattr(client, "DEADLINE_S", 0.4)
        with pytest.raises(WorkerError, match=rf"has not answered '{when}' for 0\.4 s, and was stopped\. Use small"):
            fuser.fuse(*window(8, 8), fuser.settle([window(64, 64)], [1.0]))


def test_words_between_two_questions_are_noticed_at_the_next(tmp_path: Path) -> None:
    fault = """if do == "settle":
    say(id=number, values={}, arrays=put(f"{number}.out", {"kernel": np.zeros(3)}))
    os.write(1, b"Kernels are ready\\n")
    continue"""
    with Worker(Interpreter(puppet(tmp_path, fault), ""), 1) as worker:
        fuser = RemoteFuser(worker, "model", "cpu", 0)
        kernels = fuser.settle([window(64, 64)], [1.0])
        worker._listener.join(1.0)
        for _ in range(2):
            with pytest.raises(WorkerError, match=r"no answer: b'Kernels are ready\\n'"):
                fuser.fuse(*window(8, 8), kernels)
