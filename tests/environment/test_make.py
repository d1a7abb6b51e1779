"""An environment is made whole or not at all, in folders with spaces and umlauts, through every kind of failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from engine.environment.make import make
from engine.environment.managed import MARKER, locked, marker
from engine.environment.plan import Plan
from engine.errors import EngineError, InputError, OutputError
from tests.environment.plans import UNPACK, made, quick_plan
from tests.environment.wheels import VERSIONS, write_wheels

ROOT = Path(__file__).resolve().parents[2]
Usage = namedtuple("Usage", "total used free")


def left(planned: Plan) -> list[str]:
    """Return what lies where environments are made, the file of the lock aside."""
    return sorted(name for name in os.listdir(os.path.dirname(planned.folder)) if name != "setup.lock")


def filled(planned: Plan, code: str) -> Plan:
    """Return the plan with another program to fill the environment."""
    program, option, _, *more = planned.commands[1]
    return replace(planned, commands=(planned.commands[0], (program, option, code, *more)))


def refusal(planned: Plan, **options: bool) -> EngineError:
    with pytest.raises(EngineError) as caught:
        made(planned, **options)
    return caught.value


def test_a_finished_environment_has_the_packages_and_computes(planned: Plan) -> None:
    result, steps = made(planned)
    assert result.new and result.answer.packages == VERSIONS and result.answer.works_on == ("cpu",)
    assert left(planned) == [os.path.basename(planned.folder)]
    assert (marker(planned.folder) or {})["digest"] == planned.digest
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions) and fractions[-1] < 1
    assert any(step.line.startswith("Unpacked") for step in steps)


def test_a_sound_one_is_left_alone_and_made_again_for_an_update(planned: Plan) -> None:
    made(planned)
    trace = Path(planned.folder) / "trace"
    trace.touch()
    assert not made(planned)[0].new and trace.exists()
    assert made(planned, update=True)[0].new and not trace.exists()
    assert left(planned) == [os.path.basename(planned.folder)]


def test_a_half_made_one_is_made_again(planned: Plan) -> None:
    made(planned)
    os.remove(os.path.join(planned.folder, MARKER))
    (Path(planned.folder) / "half").touch()
    assert made(planned)[0].new and not (Path(planned.folder) / "half").exists()


def test_a_finished_one_that_broke_is_made_again_and_said(planned: Plan) -> None:
    made(planned)
    for package in Path(planned.folder).rglob("site-packages/numpy"):
        shutil.rmtree(package)
    result, steps = made(planned)
    assert result.new and any("It lacks numpy." in step.line for step in steps)


def test_one_of_other_requirements_is_made_again(planned: Plan) -> None:
    made(planned)
    assert made(replace(planned, requirements=("torch==3",)))[0].new


def test_an_update_that_fails_gives_back_what_was_there(planned: Plan) -> None:
    made(planned)
    assert "failed: no luck" in str(refusal(filled(planned, "import sys; print('no luck'); sys.exit(1)"), update=True))
    assert left(planned) == [os.path.basename(planned.folder)]
    assert not made(planned)[0].new


@pytest.mark.parametrize("finished", [True, False])
def test_an_update_that_was_killed_is_put_right(finished: bool, planned: Plan) -> None:
    made(planned)
    if finished:
        shutil.copytree(planned.folder, f"{planned.folder}.old", symlinks=True)
    else:
        os.rename(planned.folder, f"{planned.folder}.old")
        os.mkdir(planned.folder)
    assert not made(planned)[0].new
    assert left(planned) == [os.path.basename(planned.folder)]


def test_a_failure_leaves_nothing(planned: Plan) -> None:
    error = refusal(filled(planned, "import sys; print('OSError: [Errno 28] No space left on device'); sys.exit(1)"))
    assert isinstance(error, OutputError) and "The disk is full." in str(error)
    assert left(planned) == []


def test_a_python_without_venv_says_what_to_install(planned: Plan) -> None:
    words = "print('ensurepip is not available'); raise SystemExit(1)"
    error = refusal(replace(planned, commands=((sys.executable, "-c", words), planned.commands[1])))
    assert "apt-get install python3-venv" in error.remedy and left(planned) == []


def test_packages_that_do_not_run_are_a_failure(tmp_path: Path) -> None:
    wheels = write_wheels(tmp_path / "wheels", torch="raise OSError('[WinError 1114] c10.dll')")
    planned = quick_plan(tmp_path / "environments", wheels)
    error = refusal(planned)
    assert isinstance(error, InputError) and "[WinError 1114] c10.dll" in error.fact and "Visual C++" in error.remedy
    assert left(planned) == []


def test_no_room_is_said_before_anything_is_done(planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**12, 0, 150 * 10**6))
    error = refusal(replace(planned, disk_mb=1000))
    assert "needs about 1200 MB" in error.fact and "has 150 MB free" in error.fact
    assert left(planned) == []


def test_a_folder_that_cannot_be_written_is_refused(planned: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "Choose a folder that is yours" in refusal(replace(planned, folder=str(tmp_path / "file" / "env"))).remedy


def test_a_second_run_is_kept_out(planned: Plan) -> None:
    os.makedirs(os.path.dirname(planned.folder))
    with locked(os.path.dirname(planned.folder)):
        assert "Another set-up is under way" in refusal(planned).fact


@pytest.mark.parametrize("update", [False, True])
def test_a_cancelled_run_ends_within_a_second_without_a_trace(update: bool, planned: Plan) -> None:
    if update:
        made(planned)
    work = make(filled(planned, f"{UNPACK}\nprint('ready'); import time; time.sleep(60)"), update)
    while next(work).line != "ready":
        pass
    begun = time.monotonic()
    work.close()
    assert time.monotonic() - begun < 1
    assert left(planned) == ([os.path.basename(planned.folder)] if update else [])
    assert (marker(planned.folder) is not None) is update


@pytest.mark.slow
def test_a_run_that_was_killed_is_repeated_once_its_installer_has_ended(planned: Plan, wheels: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.environment.plans import quick_plan\nfrom engine.environment.make import make\n"
        "fill = \"print('ready', flush=True); import time; time.sleep(1.5)\"\n"
        "for step in make(quick_plan(Path(sys.argv[1]), Path(sys.argv[2]), fill)):\n"
        "    print(step.line, flush=True)"
    )
    command = [sys.executable, "-c", code, os.path.dirname(planned.folder), str(wheels)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while (line := process.stdout.readline()) != "ready\n":
        assert line, "it ended too early"
    process.kill()
    process.communicate()
    assert f"(process {process.pid}, since" in refusal(planned).fact  # its installer still writes
    time.sleep(2)
    assert made(planned)[0].new and left(planned) == [os.path.basename(planned.folder)]


def test_the_proxy_reaches_the_installer_and_is_never_said(planned: Plan) -> None:
    word = "hush" + "hush"
    proxy = f"http://jane:{word}@proxy.example:3128"
    code = f"import os; print(os.environ['HTTPS_PROXY'], os.environ['http_proxy'])\n{UNPACK}"
    _, steps = made(filled(planned, code), proxy=proxy)
    said = "http://****@proxy.example:3128"
    assert f"{said} {said}" in [step.line for step in steps]
    assert not any(word in step.line for step in steps)
