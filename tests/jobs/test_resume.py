"""A run that was stopped, killed or out of disk goes on, and its file is that of a run that was not, byte for byte."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

import engine.jobs.resume as module
import engine.jobs.sharpen as job
from engine.errors import InputError, Interrupted, OutputError
from engine.events import Progress
from engine.jobs.sharpen import sharpen
from engine.raster.journal import Journal
from engine.request import SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import files_in, run, stopped
from tests.limits import small_files
from tests.pairs import Pair, write_pair
from tests.raster.results import profile
from tests.slowness import mostly_slow, slow

JOURNAL = "o.tif.part.journal"
TILES = 9  # of 128 pixels in the plain pair


def asked(pair: Pair, folder: Path, resume: bool = True, **changes: Any) -> SharpenRequest:
    folder.mkdir(exist_ok=True)
    return pair.request(folder / "o.tif", **{"method": "mtf-glp-fs", "tile_size": 128, **changes}, resume=resume)


def whole(pair: Pair, folder: Path, **changes: Any) -> str:
    """Return the hash of the file that an uninterrupted run writes, which asks for nothing to be kept."""
    run(sharpen(asked(pair, folder, False, **changes)))
    assert files_in(folder).keys() == {"o.tif"}
    return digest(folder)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "o.tif").read_bytes()).hexdigest()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The tiles that are made, not taken from a journal."""
    calls: list[Any] = []
    make = job._made
    monkeypatch.setattr(job, "_made", lambda *given: calls.append(given[-1]) or make(*given))  # type: ignore[func-returns-value]
    return calls


# Going on


@pytest.mark.parametrize(
    "options", mostly_slow([{}, {"overviews": True}, {"format": "cog"}, {"method": "exp", "threads": 1}], 0)
)
def test_a_stopped_run_goes_on_and_makes_no_tile_twice(
    options: dict[str, Any], plain: Pair, tmp_path: Path, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(plain, tmp_path / "whole", **options)
    made.clear()
    request = asked(plain, tmp_path / "out", **options)
    assert "% of the pixels are kept; run it again with the option 'resume' to go on." in stopped(request)
    assert files_in(tmp_path / "out").keys() == {JOURNAL}
    before = len(made)
    assert 3 <= before < TILES
    monkeypatch.setattr(job, "_learnt", None)  # what was learnt is there too
    said = run(sharpen(request))
    assert len(made) == len(set(made)) == TILES
    (note,) = [note for note in said.notes if note.startswith("Going on with an earlier run: ")]
    assert note.endswith(f": {before / TILES:.0%} of the pixels are there.")
    assert digest(tmp_path / "out") == expected and files_in(tmp_path / "out").keys() == {"o.tif"}
    assert said.result["valid_share"] == 1.0 and said.warnings == []


@pytest.mark.slow
def test_a_run_may_be_stopped_again_and_again_also_at_its_very_end(
    plain: Pair, tmp_path: Path, made: list[Any]
) -> None:
    expected = whole(plain, tmp_path / "whole", method="exp")
    made.clear()
    request = asked(plain, tmp_path / "out", method="exp")
    for fraction in (0.3, 0.5, 0.7, 0.98):
        words = stopped(request, fraction)
    assert "100% of the pixels are kept" in words
    said = run(sharpen(request))
    assert digest(tmp_path / "out") == expected
    assert len(made) == TILES and said.result["megapixels_per_second"] is None
    assert files_in(tmp_path / "out").keys() == {"o.tif"}


@pytest.mark.slow
def test_what_was_clipped_and_what_is_valid_is_counted_over_both_runs(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=384, collar=True, data_type="uint8", scale=0.3)
    told = run(sharpen(asked(pair, tmp_path / "whole", False))).result
    assert told["clipped"] and 0 < told["valid_share"] < 1
    stopped(asked(pair, tmp_path / "out"))
    result = run(sharpen(asked(pair, tmp_path / "out"))).result
    assert (result["clipped"], result["valid_share"]) == (told["clipped"], told["valid_share"])
    assert digest(tmp_path / "out") == digest(tmp_path / "whole")


def test_what_was_learnt_is_worth_going_on_with_before_any_tile_is_made(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "o.tif"), {}, profile(), [])
    with pytest.raises(GeneratorExit), module.kept_when_stopped(journal):
        raise GeneratorExit
    assert files_in(tmp_path) == {}
    with pytest.raises(Interrupted, match="0% of the pixels are kept; run it again"), module.kept_when_stopped(journal):
        journal.begin({"gain": np.ones(2)})
        raise GeneratorExit
    assert files_in(tmp_path).keys() == {JOURNAL}


# Killed

DEADLY = """
import os, signal, sys
import engine.jobs.sharpen as job
from engine.raster.journal import Journal
from engine.raster.writer import Writer
from engine.request import SharpenRequest

moment, number, pan, ms, out = sys.argv[1:]
place, name = {"while it learns": (job.Journal, "begin"), "before it keeps": (Journal, "keep"),
               "in an entry": (Journal, "_put"), "before it writes": (Writer, "write"),
               "while it closes": (Writer, "_close"), "before it renames": (os, "replace")}[moment]
kind, left = getattr(place, name), [int(number)]

def deadly(*given, **named):
    left[0] -= 1
    if left[0] == 0:
        if moment == "in an entry":
            given[0]._file.seek(given[0]._end)
            given[0]._file.write(b"".join(map(bytes, given[1:]))[:5000])
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return kind(*given, **named)

setattr(place, name, deadly)
request = SharpenRequest(pan, (ms,), out=out, method="mtf-glp-fs", tile_size=128, threads=2, resume=True)
for event in job.sharpen(request):
    pass
"""
KILLS = [
    ("while it learns", 1, 0),
    ("before it keeps", 1, 0),
    ("in an entry", 7, 3),  # the first three are the first line, the run and the state
    ("before it writes", 5, 5),
    ("while it closes", 1, TILES),
    ("before it renames", 1, TILES),
]


@pytest.mark.parametrize(("moment", "number", "least"), mostly_slow(KILLS, 2))
def test_a_killed_run_goes_on(
    moment: str, number: int, least: int, plain: Pair, tmp_path: Path, made: list[Any]
) -> None:
    expected = whole(plain, tmp_path / "whole", threads=2)
    made.clear()
    request = asked(plain, tmp_path / "out", threads=2)
    command = [sys.executable, "-c", DEADLY, moment, str(number), plain.pan, plain.ms, request.out]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "Traceback" not in done.stderr, done.stderr
    assert "o.tif.part" in files_in(tmp_path / "out") and "o.tif" not in files_in(tmp_path / "out")
    said = run(sharpen(request))
    assert digest(tmp_path / "out") == expected and said.warnings == []
    assert least <= TILES - len(made) <= least + 4  # as many may have been under way
    assert files_in(tmp_path / "out").keys() == {"o.tif"}


# A full disk


@pytest.mark.parametrize("size", mostly_slow([400_000, 700_000], 0))
def test_a_run_that_filled_the_disk_goes_on_when_there_is_room(
    size: int, plain: Pair, tmp_path: Path, made: list[Any]
) -> None:
    expected = whole(plain, tmp_path / "whole")
    made.clear()
    request = asked(plain, tmp_path / "out")
    full = r"Check the free space.* are kept; run it again with .* to go on\.$"
    with small_files(size), pytest.raises(OutputError, match=full):
        run(sharpen(request))
    assert files_in(tmp_path / "out").keys() == {JOURNAL}
    before = len(made)
    run(sharpen(request))
    assert digest(tmp_path / "out") == expected and files_in(tmp_path / "out").keys() == {"o.tif"}
    assert len(made) < before + TILES


def test_room_for_what_is_kept_is_asked_for_at_the_start(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = 384 * 384 * 4 * 2
    usage = type("Usage", (), {"free": pixels + 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage)
    with pytest.raises(OutputError, match="with what is kept of it to go on, of 384 x 384 pixels"):
        run(sharpen(asked(plain, tmp_path / "out")))
    run(sharpen(asked(plain, tmp_path / "out", False)))


# Something else than before


def touched(pair: Pair) -> Pair:
    facts = os.stat(pair.pan)
    os.utime(pair.pan, ns=(facts.st_atime_ns, facts.st_mtime_ns + 10**9))
    return pair


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"method": "gsa"}, r"method \(mtf-glp-fs then, gsa now\)"),
        slow({"tile_size": 64}, r"tile size \(128 then, 64 now\)"),
        slow({"resampling": "cubic"}, r"resampling \(polynomial then, cubic now\)"),
        slow({"overviews": True}, r"overviews \(false then, true now\)"),
        slow({"nodata": 7.0}, r"nodata \(null then, 7.0 now\)"),
        slow({"options": ("COMPRESS=LZW",)}, "options"),
        slow({"file": True}, r"pan\.tif"),
        slow({"version": True}, r"version \(.* then, 99\.0 now\)"),
        slow({"journal": True}, r"it is damaged \(it is no journal\)"),
    ],
)
def test_a_run_of_something_else_begins_anew_and_says_why(
    change: dict[str, Any], named: str, tmp_path: Path, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = write_pair(tmp_path / "pair", size=384)
    stopped(asked(pair, tmp_path / "out"))
    if change.pop("file", False):
        touched(pair)
    elif change.pop("version", False):
        monkeypatch.setattr(module, "__version__", "99.0")
    elif change.pop("journal", False):
        (tmp_path / "out" / JOURNAL).write_bytes(b"nonsense")
    expected = whole(pair, tmp_path / "whole", **change)
    made.clear()
    said = run(sharpen(asked(pair, tmp_path / "out", **change)))
    (warning,) = said.warnings
    assert "is of no use, as " in warning and warning.endswith(" This run begins anew.")
    assert re.search(named, warning) and said.result["warnings"] == [warning]
    assert len(made) >= TILES and digest(tmp_path / "out") == expected


def test_threads_and_statistics_beside_an_image_are_no_difference(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=384)
    stopped(asked(pair, tmp_path / "out", threads=1))
    dataset = gdal.Open(pair.ms)
    dataset.GetRasterBand(1).ComputeStatistics(False)  # as a viewer does
    del dataset
    assert (tmp_path / "pair" / "ms.tif.aux.xml").exists()
    said = run(sharpen(asked(pair, tmp_path / "out", threads=2)))
    assert said.warnings == [] and any(note.startswith("Going on") for note in said.notes)


# Without being asked


def test_without_being_asked_nothing_is_kept_and_an_older_journal_goes_with_the_result(
    plain: Pair, tmp_path: Path, made: list[Any]
) -> None:
    out = tmp_path / "out"
    events = sharpen(asked(plain, out, False))
    next(event for event in events if isinstance(event, Progress) and event.fraction > 0.5)
    events.close()
    assert files_in(out) == {}
    stopped(asked(plain, out))
    before = files_in(out)
    events = sharpen(asked(plain, out, False))
    next(event for event in events if isinstance(event, Progress) and event.fraction > 0.5)
    events.close()
    assert files_in(out) == before, "who has forgotten to ask can still go on"
    made.clear()
    said = run(sharpen(asked(plain, out, False)))
    assert len(made) == TILES and files_in(out).keys() == {"o.tif"}
    (note,) = [note for note in said.notes if JOURNAL in note]
    assert note.endswith("Stop it and use the option 'resume' to go on with the earlier one.")


def test_a_second_run_leaves_the_journal_of_the_first_alone(plain: Pair, tmp_path: Path) -> None:
    expected = whole(plain, tmp_path / "whole")
    events = sharpen(asked(plain, tmp_path / "out"))
    next(event for event in events if isinstance(event, Progress) and event.fraction > 0.5)
    with pytest.raises(OutputError, match="Another run is writing"):
        run(sharpen(asked(plain, tmp_path / "out")))
    run(events)
    assert digest(tmp_path / "out") == expected and files_in(tmp_path / "out").keys() == {"o.tif"}


def test_there_is_nothing_to_go_on_with_where_nothing_is_valid(plain: Pair, tmp_path: Path) -> None:
    empty = rasters.write(
        tmp_path / "ms.tif", np.zeros((4, 96, 96), np.uint16), pairs.affine((4.0, 4.0)), pairs.EPSG, nodata=0
    )
    request = SharpenRequest(plain.pan, (empty,), out=str(tmp_path / "o.tif"), method="exp", resume=True)
    with pytest.raises(InputError) as caught:
        run(sharpen(request))
    assert "'resume'" not in str(caught.value) and files_in(tmp_path).keys() == {"ms.tif"}


def test_an_error_of_the_last_step_can_be_gone_on_from(
    plain: Pair, tmp_path: Path, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_source: str, _target: str) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", busy)
        with pytest.raises(OutputError, match=r"Close it where it is open.*100% of the pixels are kept"):
            run(sharpen(asked(plain, tmp_path / "out")))
    assert files_in(tmp_path / "out").keys() == {JOURNAL} and len(made) == TILES
    said = run(sharpen(asked(plain, tmp_path / "out")))
    assert len(made) == TILES and said.result["output"] == str(tmp_path / "out" / "o.tif")
