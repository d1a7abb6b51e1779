"""A Python that lacks something, is none, or stands in an odd place: it works, or a sentence says why it does not."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine.errors import WorkerError
from engine.jobs.sharpen import sharpen
from engine.remote import interpreter
from engine.remote.client import RemoteFuser, Worker
from engine.remote.interpreter import Interpreter, check
from tests.jobs.runs import files_in, refusal, run
from tests.methods.models import model_file, tiny
from tests.pairs import Pair, read, write_pair
from tests.remote.strangers import ODD, ROOT, nothing_left, puppet, python_without, shell, stranger

NEEDED = ("torch", "numpy", "safetensors")


@pytest.fixture(autouse=True)
def leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nothing_left(tmp_path, monkeypatch):
        yield


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp(f"pair {ODD}"), size=128)


@pytest.mark.parametrize("package", NEEDED)
def test_a_python_that_lacks_a_package_is_refused_by_its_name(
    package: str, pair: Pair, tmp_path: Path, model: str
) -> None:
    python = python_without(tmp_path, package)
    request = pair.request(tmp_path / "o.tif", method="ksdiff", model=model, python=python)
    assert refusal(request, WorkerError).startswith(f"{python} has no {package}. In QGIS, run 'Set up environment'")


@pytest.mark.parametrize(
    ("package", "sentence"),
    [
        ("numpy", r"\(exit code 1\)\. Its last words: \".*ModuleNotFoundError: No module named 'numpy'\"\. Try it by"),
        ("torch", r"^PyTorch cannot be loaded by \S+ \(No module named 'torch'\)\. Mend or choose another"),
        pytest.param("safetensors", r"\(No module named 'safetensors'\)\. Mend or choose", marks=pytest.mark.slow),
    ],
)
def test_a_package_that_goes_after_the_check_is_named_by_the_worker(
    package: str, sentence: str, tmp_path: Path, model: str
) -> None:
    python = Interpreter(python_without(tmp_path, package), "")
    with Worker(python, 1) as worker, pytest.raises(WorkerError) as caught:
        RemoteFuser(worker, model, "cpu", 0)
    assert re.search(sentence, str(caught.value)), caught.value


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda path: path.mkdir(), r"cannot be started \(Permission denied\)"),
        (lambda path: path.symlink_to("/bin/echo"), "does not answer as a Python does"),
        (lambda path: path.symlink_to("/bin/false"), "does not answer as a Python does"),
        (lambda path: path.symlink_to("nowhere"), r"cannot be started \(No such file"),
        (lambda path: path.write_bytes(b"\x7fELF no program"), r"cannot be started \(Permission denied\)"),
        (lambda path: (path.write_bytes(b"\x7fELF cut"), path.chmod(0o755)), r"cannot be started \(Exec format error"),
    ],
    ids=["folder", "echo", "false", "dangling", "may-not-run", "cut-off"],
)
def test_what_is_no_python_is_refused_by_its_name(
    made: object, sentence: str, pair: Pair, tmp_path: Path, model: str
) -> None:
    path = tmp_path / f"python {ODD}"
    made(path)  # type: ignore[operator]
    said = refusal(pair.request(tmp_path / "o.tif", method="ksdiff", model=model, python=str(path)), WorkerError)
    assert said.startswith(str(path)) and re.search(sentence, said), said


def test_the_last_words_of_a_python_that_cannot_start_are_told(tmp_path: Path) -> None:
    python = stranger(tmp_path, "sys.exit('libpython3.9.so.1.0: cannot open\\n shared object file')").path
    with pytest.raises(
        WorkerError, match=r'Its last words: "libpython3.9.so.1.0: cannot open shared object file"\. In'
    ):
        check(python)


def test_a_python_that_takes_long_to_start_is_given_up_with_all_that_it_began(
    pair: Pair, tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "_PATIENCE_S", 0.4)
    python = shell(tmp_path, f'"{stranger(tmp_path, "time.sleep(30)").path}"')
    said = refusal(pair.request(tmp_path / "o.tif", method="ksdiff", model=model, python=python), WorkerError)
    assert "did not answer within 0.4 s" in said


def test_stopping_while_a_python_takes_long_to_start_is_done_within_a_second(
    pair: Pair, tmp_path: Path, model: str
) -> None:
    python = stranger(tmp_path, "time.sleep(30)").path
    (tmp_path / "results").mkdir()
    events = sharpen(pair.request(tmp_path / "results" / "o.tif", method="ksdiff", model=model, python=python))
    for event in events:
        if getattr(event, "stage", "") == "Loading the model":
            break
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 1.0
    assert files_in(tmp_path / "results") == {}


def test_the_check_is_misled_by_no_decoy_and_no_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "numpy", "importlib", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('decoy')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path / "nonsense"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    (tmp_path / f"Python {ODD}").symlink_to(sys.prefix)
    versions = check(str(tmp_path / f"Python {ODD}" / "bin" / "python"))
    assert versions.torch and versions.numpy and versions.safetensors


@pytest.mark.slow
def test_letters_and_quotes_in_all_paths_do_no_harm(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    model = model_file(folder, tiny())
    (folder / "Python").symlink_to(sys.prefix)
    monkeypatch.setenv("LC_ALL", "C")
    python = str(folder / "Python" / "bin" / "python")
    request = pair.request(folder / "sharp 雪.tif", method="ksdiff", model=model, device="cpu", python=python)
    assert run(sharpen(request)).result["python"] == python
    assert read(request.out).shape == (4, 128, 128)


def test_a_banner_at_every_start_is_shown_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "sitecustomize.py").write_text("print('Welcome to this company')\n")
    python = shell(tmp_path, f'export PYTHONPATH="{tmp_path}/packages"')
    with pytest.raises(WorkerError, match="does not answer as a Python does"):
        check(python)
    said = r"no answer: b'Welcome to this company\\n'\. Choose a Python that prints nothing"
    with Worker(Interpreter(python, ""), 1) as worker, pytest.raises(WorkerError, match=said):
        worker.ask("hello", {})


def test_an_interpreter_goes_by_its_own_name_where_it_lies_on_the_path(
    pair: Pair, tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ODD).mkdir()
    puppet(tmp_path / ODD, name="my python")
    monkeypatch.setenv("PATH", f"{tmp_path / ODD}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(ROOT)
    request = pair.request(tmp_path / "o.tif", method="ksdiff", model=model, python="my python")
    assert run(sharpen(request)).result["python"] == "my python"
