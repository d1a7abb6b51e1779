"""What can go wrong before a verb has begun costs a sentence or nothing, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from engine.cli.talk import Interruption
from engine.errors import Interrupted

ROOT = Path(__file__).resolve().parents[2]
STOPPED = "import os, signal, sys; os.kill(os.getpid(), signal.SIGINT)\n"


def ended(command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    options = {"shell": True, "capture_output": True, "text": True, "timeout": 60, "cwd": ROOT, "env": environment}
    if os.name != "nt":  # who runs the tests in the background may have had it ignored, which a process inherits
        options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    return subprocess.run(command, check=False, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.skipif(os.name == "nt", reason="has other signals")
def test_a_wish_to_stop_while_the_program_loads_ends_it_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "argparse.py").write_text(STOPPED)  # the first module that is loaded stands for all
    done = ended(f"exec {sys.executable} -m engine describe", PYTHONPATH=os.pathsep.join((str(tmp_path), str(ROOT))))
    assert (done.returncode, done.stderr, done.stdout) == (-signal.SIGINT, "", "")


@pytest.mark.skipif(os.name == "nt", reason="has other signals")
@pytest.mark.filterwarnings("error")
def test_a_wish_to_stop_that_comes_in_a_callback_is_not_complained_of(capsys: pytest.CaptureFixture[str]) -> None:
    class Thing:
        pass

    thing, interruption = Thing(), Interruption()
    lost = weakref.ref(thing, lambda _: interruption.ask(2, None))  # Python cannot raise what comes of it
    del thing
    assert lost() is None and interruption.asked
    assert capsys.readouterr().err == ""
    with pytest.raises(Interrupted):
        Interruption().ask(2, None)


@pytest.mark.skipif(os.name == "nt", reason="a current folder cannot be removed there")
@pytest.mark.parametrize("verb", ["sharpen --pan /p.tif --ms /m.tif --out o.tif", "check --folder .", "train a.json"])
def test_a_current_folder_that_is_gone_is_said(verb: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    done = ended(f"mkdir {gone} && cd {gone} && rmdir {gone} && {sys.executable} -m engine {verb}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: The current folder is not there any more (") and done.stderr.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
@pytest.mark.parametrize("asked", ["--help", "--version", "sharpen --help"])
def test_help_that_cannot_be_written_is_said(asked: str) -> None:
    done = ended(f"{sys.executable} -m engine {asked} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The answer could not be written") and done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")
def test_a_sound_name_that_python_was_told_to_misread_gets_the_way_out(tmp_path: Path) -> None:
    command = f"{sys.executable} -m engine describe --pan {tmp_path}/ü.tif --ms {tmp_path}/ü.tif"
    misread = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    assert "PYTHONUTF8 to 1" in ended(command, **misread, PYTHONUTF8="0").stderr
    assert "There is no file" in ended(command, **misread, PYTHONUTF8="1").stderr
