"""The command line keeps its promises: exit codes, results on stdout, talk on stderr, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest
from osgeo import gdal

from engine import __version__
from engine.cli.main import main
from engine.jobs.mishap import TRACKER
from engine.request import METHODS
from tests import pairs, rasters
from tests.pairs import Pair, write_pair
from tests.slowness import mostly_slow, slow

ROOT = Path(__file__).resolve().parents[2]
COG = ("--format", "cog")
PROMISED = {"method", "ratio", "shift", "valid_share", "seconds", "peak_mb"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=256)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A pair that takes seconds, so that it can be interrupted."""
    folder = tmp_path_factory.mktemp("large")
    small = write_pair(folder / "small", size=512)
    files = []
    for name, path, side in (("pan", small.pan, 4096), ("ms", small.ms, 1024)):
        gdal.Translate(str(folder / f"{name}.tif"), path, width=side, height=side)
        files.append(str(folder / f"{name}.tif"))
    return files[0], files[1]


def command(*arguments: Any) -> list[str]:
    return [sys.executable, "-m", "engine", *(str(argument) for argument in arguments)]


def call(*arguments: Any, **changes: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line and return how it ended; never with a traceback."""
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 60, **changes}
    done = subprocess.run(command(*arguments), check=False, **options)
    assert "Traceback" not in done.stderr
    return done


def sharpen(pair: Pair, out: Path, *more: Any, **changes: Any) -> subprocess.CompletedProcess[str]:
    """Sharpen by a method that needs no model, unless another is named."""
    inputs = ("--pan", pair.pan, "--ms", pair.ms, "--out", out)
    return call("sharpen", *inputs, "--method", "mtf-glp-fs", *more, **changes)


# Results and talk.


def test_json_is_one_line_on_stdout_and_talk_goes_to_stderr(pair: Pair, tmp_path: Path) -> None:
    done = sharpen(pair, tmp_path / "sharp.tif", "--method", "gsa", "--threads", "2", "--json")
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1 and done.stdout.endswith("\n")
    result = json.loads(done.stdout)
    assert result.keys() >= PROMISED
    assert result["method"] == "gsa" and result["ratio"] == 4.0 and result["valid_share"] == 1.0
    assert result["shift"] == pytest.approx([0.0, 0.0], abs=0.1)
    assert 0 < result["seconds"] < 30
    assert "256 x 256 pixels, 4 bands, uint16" in done.stderr
    assert os.listdir(tmp_path) == ["sharp.tif"]
    assert rasters.read(tmp_path / "sharp.tif").shape == (4, 256, 256)


@pytest.mark.slow
def test_without_json_the_result_is_a_table_for_people(pair: Pair, tmp_path: Path) -> None:
    done = sharpen(pair, tmp_path / "sharp.tif", "--quiet")
    assert done.returncode == 0 and done.stderr == ""
    table = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if len(line.split()) > 1)
    assert table["method"] == "mtf-glp-fs" and table["ratio"] == "4" and table["valid_share"] == "1"


@pytest.mark.slow
def test_quiet_keeps_warnings(tmp_path: Path) -> None:
    shifted = write_pair(tmp_path / "pair", shift=(2.0, 0.0))
    done = sharpen(shifted, tmp_path / "sharp.tif", "--quiet", "--json")
    assert (
        done.stderr.startswith("Warning: MS lies 2.0 PAN pixels too far to the right") and done.stderr.count("\n") == 1
    )
    assert json.loads(done.stdout)["warnings"] == [done.stderr[len("Warning: ") :].strip()]


def test_every_option_reaches_the_engine(pair: Pair, tmp_path: Path) -> None:
    files = [
        rasters.write(tmp_path / f"b{i}.tif", band, pairs.affine((4, 4)), pairs.EPSG, names=(name,))
        for i, (band, name) in enumerate(zip(rasters.read(pair.ms), pairs.NAMES))
    ]
    extent = (pairs.LEFT + 10, pairs.TOP - 90, pairs.LEFT + 110, pairs.TOP - 10)
    out = tmp_path / "sharp.tif"
    done = call(
        *("sharpen", "--pan", pair.pan, "--pan-band", 1, "--ms", *files, "--bands", 3, 2, "--out", out),
        *("--method", "brovey", "--weights", 0.6, 0.4, "--sensor", "wv3", "--resampling", "cubic"),
        *("--type", "float32", "--co", "COMPRESS=NONE", "--co", "INTERLEAVE=PIXEL", "--overviews"),
        *("--nodata=-3.4e38", "--extent", *extent, "--coverage", "union", "--tile", 64, "--threads", 1, "--json"),
    )
    result = json.loads(done.stdout)
    assert result["band_names"] == ["Red", "Green"] and result["sensor"] == "worldview3"
    assert (result["width"], result["height"], result["data_type"]) == (200, 160, "float32")
    dataset = gdal.Open(str(out))
    assert dataset.GetMetadata("IMAGE_STRUCTURE") == {"INTERLEAVE": "PIXEL"}
    assert dataset.GetMetadataItem("KSDIFF_RESAMPLING") == "cubic"


def test_describe_answers_as_json_and_writes_nothing(pair: Pair, tmp_path: Path) -> None:
    done = call("describe", "--pan", pair.pan, "--ms", pair.ms, "--json", cwd=tmp_path, env=with_engine())
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    facts = json.loads(done.stdout)
    assert facts["ratio"] == 4.0 and facts["problems"] == [] and facts["result"]["width"] == 256
    assert os.listdir(tmp_path) == []
    assert set(os.listdir(Path(pair.pan).parent)) == {"pan.tif", "ms.tif"}


def with_engine(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@pytest.mark.slow
def test_names_in_any_script_survive_a_narrow_terminal(pair: Pair, tmp_path: Path) -> None:
    ms = rasters.write(
        tmp_path / "Снимок.tif", rasters.read(pair.ms), pairs.affine((4, 4)), pairs.EPSG, names=("赤", "緑", "青", "α")
    )
    for encoding in ("ascii", "utf-8"):
        done = call(
            *("sharpen", "--pan", pair.pan, "--ms", ms, "--out", tmp_path / "Ausgabe ü.tif", "--method", "gsa"),
            env=with_engine(PYTHONIOENCODING=encoding, PYTHONUTF8="0"),
            encoding=encoding,
        )
        assert done.returncode == 0, done.stderr
        assert ("赤" in done.stdout) == (encoding == "utf-8")


@pytest.mark.slow
def test_the_peak_of_memory_is_that_of_this_run(pair: Pair, large: tuple[str, str], tmp_path: Path) -> None:
    small = json.loads(sharpen(pair, tmp_path / "small.tif", "--json").stdout)["peak_mb"]
    assert 25 < small < 250
    if sys.platform == "linux":
        inputs = ("--pan", large[0], "--ms", large[1], "--out", tmp_path / "l.tif", "--method", "mtf-glp-fs")
        done = call("sharpen", *inputs, "--json", "--quiet")
        assert small < json.loads(done.stdout)["peak_mb"] < 700


# Mistakes.


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sharpen"],
        ["polish"],
        ["describe", "--pan", "a.tif"],
        ["sharpen", "--pan", "a.tif", "--ms", "b.tif"],
        ["sharpen", "--pan", "a.tif", "--ms", "b.tif", "--out", "c.tif", "--method", "magic"],
        ["sharpen", "--pan", "a.tif", "--ms", "b.tif", "--out", "c.tif", "--threads", "many"],
        ["sharpen", "--pan", "a.tif", "--ms", "b.tif", "--out", "c.tif", "--extent", "1", "2", "3"],
        ["describe", "--pan", "a.tif", "--ms", "b.tif", "--out", "c.tif"],
    ],
)
def test_a_wrong_call_ends_with_2_and_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("usage: python -m engine")


def test_a_wrong_call_ends_the_process_with_2() -> None:
    done = call("sharpen", "--nonsense")
    assert done.returncode == 2 and done.stdout == ""


@pytest.mark.parametrize("arguments", [["--help"], ["sharpen", "--help"], ["describe", "--help"], ["--version"]])
def test_help_and_version_need_no_gdal(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "osgeo").mkdir()
    (tmp_path / "osgeo" / "__init__.py").write_text("raise ImportError('not here')")
    done = call(*arguments, env=with_engine(PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}"), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.strip() == f"ksdiff {__version__}" if arguments == ["--version"] else "usage" in done.stdout


def test_help_names_every_method(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sharpen", "--help"])
    said = capsys.readouterr().out
    assert all(method in said for method in METHODS)


@pytest.mark.parametrize("verb", ["describe", "sharpen"])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--pan": "absent.tif"}, "There is no file absent.tif."),
        ({"--ms": "text.tif"}, "text.tif cannot be opened as an image"),
        ({"--ms": "empty.tif"}, "empty.tif cannot be opened as an image"),
        ({"--bands": "7"}, "There is no MS band 7."),
        ({"--sensor": "Sputnik"}, "Sputnik"),
        ({"--extent": "0 0 1 1"}, "extent holds no pixel"),
        ({"--extent": "1 1 0 0"}, "is empty"),
    ],
)
def test_a_mistake_ends_with_1_and_a_sentence(
    changes: dict[str, str],
    words: str,
    verb: str,
    pair: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "text.tif").write_text("hello")
    (tmp_path / "empty.tif").write_text("")
    monkeypatch.chdir(tmp_path)
    options = {"--pan": pair.pan, "--ms": pair.ms, **({"--out": "sharp.tif"} if verb == "sharpen" else {}), **changes}
    assert main([verb, *(word for name, value in options.items() for word in (name, *value.split(" ")))]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("Error: ") and words in said.err
    assert said.err.count("\n") == 1
    assert set(os.listdir(tmp_path)) == {"text.tif", "empty.tif"}


def test_a_mistake_ends_the_process_with_1(pair: Pair, tmp_path: Path) -> None:
    done = sharpen(pair, tmp_path / "absent" / "sharp.tif", "--json")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("Error: There is no folder")


@pytest.mark.slow
def test_a_disk_that_fills_up_ends_with_1_and_leaves_nothing(pair: Pair, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = sharpen(pair, tmp_path / "sharp.tif", "--co", "COMPRESS=NONE", "--json", preexec_fn=limit)
    assert done.returncode == 1 and done.stdout == ""
    assert "Check the free space" in done.stderr
    assert os.listdir(tmp_path) == []


# Interruption.


def interrupted(
    large: tuple[str, str], out: Path, number: int, stage: Optional[str], times: int = 1, *more: str
) -> tuple[int, str, str, float]:
    """Start a long run, send the signal once it has got to `stage` and return exit code, talk and what it took."""

    def default_signals() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        command("sharpen", "--pan", large[0], "--ms", large[1], "--out", out, "--method", "exp", "--json", *more),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=default_signals,  # noqa: PLW1509 - no threads here
    )
    try:
        until = time.monotonic() + 30
        part = Path(f"{out}.part")
        while time.monotonic() < until and process.poll() is None:
            if stage == "sharpening" and part.exists() and part.stat().st_size > 100_000:
                break
            if stage == "finishing" and any(name != part.name for name in os.listdir(out.parent)):
                break
            if stage == "looking" and "libgdal" in Path(f"/proc/{process.pid}/maps").read_text():
                time.sleep(0.3)
                break
            time.sleep(0.02)
        assert process.poll() is None, process.communicate()
        begun = time.monotonic()
        for _ in range(times):
            process.send_signal(number)
            time.sleep(0.05)
        said, talk = process.communicate(timeout=30)
        return process.returncode, said, talk, time.monotonic() - begun
    finally:
        process.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and /proc")
@pytest.mark.parametrize(
    ("number", "stage", "times"),
    [
        slow(signal.SIGTERM, "looking", 1),
        (signal.SIGINT, "sharpening", 3),
    ],
)
def test_an_interruption_ends_with_130_within_seconds_and_leaves_nothing(
    number: int, stage: str, times: int, large: tuple[str, str], tmp_path: Path
) -> None:
    code, said, talk, took = interrupted(large, tmp_path / "sharp.tif", number, stage, times)
    assert code == 130
    assert said == "" and talk.splitlines()[-1].startswith("Error: Stopped on request.")
    assert "Traceback" not in talk
    assert os.listdir(tmp_path) == []
    assert took < 2.0  # a second, and what it takes a busy machine to end a process


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and /proc")
def test_an_interruption_leaves_an_older_result_alone(large: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "sharp.tif"
    rasters.write(out, np.ones((1, 4, 4), np.uint8))
    before = out.read_bytes()
    assert interrupted(large, out, signal.SIGTERM, "sharpening")[0] == 130
    assert out.read_bytes() == before and os.listdir(tmp_path) == ["sharp.tif"]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and /proc")
def test_an_interruption_stops_the_last_step_too(large: tuple[str, str], tmp_path: Path) -> None:
    code, said, talk, took = interrupted(large, tmp_path / "sharp.tif", signal.SIGINT, "finishing", 1, *COG)
    assert code == 130 and said == ""
    assert talk.splitlines()[-1].startswith("Error: Stopped on request. Nothing was left behind")
    assert os.listdir(tmp_path) == []
    assert took < 3.0


# What is nobody's mistake, or ours.


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
@pytest.mark.parametrize("broken", mostly_slow(["full", "closed", "pipe"], 0))
def test_an_answer_that_cannot_be_written_ends_with_1_and_a_sentence(broken: str, pair: Pair) -> None:
    ends = {"full": ">/dev/full", "closed": ">&-", "pipe": "| true"}
    shell = 'set -o pipefail; "$@" ' + ends[broken]
    verb = command("describe", "--pan", pair.pan, "--ms", pair.ms, "--quiet")
    done = subprocess.run(["bash", "-c", shell, "-", *verb], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The answer could not be written to the standard output (")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verbose", mostly_slow([False, True], 0))
def test_our_own_mistake_ends_with_1_and_says_how_to_report_it(verbose: bool, pair: Pair, tmp_path: Path) -> None:
    broken = "import engine.jobs.describe as d, engine.cli.main as m; d.surveyed = None; raise SystemExit(m.main())"
    more = ["--verbose"] if verbose else []
    done = subprocess.run(
        [sys.executable, "-c", broken, "describe", "--pan", pair.pan, "--ms", pair.ms, *more],
        cwd=ROOT,
        env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stdout == ""
    said = done.stderr.splitlines()[-1]
    assert said.startswith("Error: Something went wrong that should not have (TypeError: ")
    told = re.search(r"Please report it at (\S+), with (\S+), which names your files: look through it first\.$", said)
    assert told is not None and told[1] == TRACKER
    assert ("Traceback" in done.stderr) == verbose
    assert Path(told[2]).parent == tmp_path and "Traceback" in Path(told[2]).read_text(encoding="utf-8")


def test_the_address_for_reports_is_that_of_the_plugin() -> None:
    assert f"tracker={TRACKER}\n" in (ROOT / "metadata.txt").read_text(encoding="utf-8")
