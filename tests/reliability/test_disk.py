"""A disk that is full, read-only or gone at any moment costs a sentence: no half result, and nothing that was there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError
from engine.events import Progress
from engine.jobs.sharpen import sharpen
from engine.jobs.simulate import simulate
from engine.raster.aside import remove
from engine.request import SimulateRequest
from tests.jobs.runs import files_in, run
from tests.pairs import Pair, read, write_pair
from tests.reliability.faults import disk, read_only

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "cloud-optimised": {"format": "cog"},
    "overviews": {"overviews": True},
    "kept": {"resume": True},
}
# As quick as they are, there are many of them.
MOST = ["kept", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS if kind != "kept")]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=384)


def words(pair: Pair, out: Path, fault: Callable[[], object], kind: str, at: float = 0.5) -> str:
    """Return the sentence that a run ends with into which a fault comes once it has got so far."""
    events = sharpen(pair.request(out, method="exp", tile_size=64, threads=1, **KINDS[kind]))
    waiting = True
    with pytest.raises(EngineError) as caught:
        for event in events:
            if waiting and isinstance(event, Progress) and event.fraction >= at:
                waiting = False
                fault()
    assert not waiting and caught.value.exit_code == 1
    assert caught.value.fact.endswith(").") and caught.value.remedy.endswith(".")
    return str(caught.value)


def whole(pair: Pair, out: Path) -> None:
    """See that a run with nothing in its way takes over whatever is there."""
    run(sharpen(pair.request(out, method="exp", tile_size=64)))
    assert read(out).shape == (4, 384, 384)
    assert files_in(out.parent).keys() == {out.name}


def fill(folder: Path, but: int = 1 << 16) -> None:
    with open(folder / "filler", "wb") as file:
        file.write(bytes(shutil.disk_usage(folder).free - but))


@pytest.mark.parametrize("kind", ["cloud-optimised", "kept"])
def test_a_disk_that_is_full_when_a_file_is_opened_is_said(kind: str, pair: Pair, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m,nr_inodes=2") as place:  # room for bytes, and for no second file
        assert "No space left on device" in words(pair, place / "o.tif", lambda: None, kind, 0.0)
        assert files_in(place) == {}


@pytest.mark.parametrize("kind", MOST)
def test_a_disk_that_fills_up_in_the_middle_is_said(kind: str, pair: Pair, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m") as place:
        assert "No space left on device" in words(pair, place / "o.tif", lambda: fill(place), kind)
        kept = {"o.tif.part.journal"} if kind == "kept" else set()
        assert files_in(place).keys() == {"filler", *kept}
        (place / "filler").unlink()
        whole(pair, place / "o.tif")


@pytest.mark.slow
def test_an_older_result_survives_a_disk_that_fills_up(pair: Pair, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m") as place:
        (place / "o.tif").write_bytes(b"older")
        words(pair, place / "o.tif", lambda: fill(place), "plain")
        assert files_in(place).keys() == {"filler", "o.tif"} and (place / "o.tif").read_bytes() == b"older"


@pytest.mark.parametrize("kind", MOST)
def test_a_folder_that_vanishes_in_the_middle_is_said(kind: str, pair: Pair, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    words(pair, place / "o.tif", lambda: shutil.rmtree(place), kind)
    assert not place.exists()


@pytest.mark.parametrize("kind", MOST)
def test_a_folder_that_becomes_read_only_in_the_middle_is_said_and_can_be_used_again(
    kind: str, pair: Pair, tmp_path: Path
) -> None:
    place = tmp_path / "out"
    place.mkdir()

    def freeze() -> None:  # what is open stays open, and names can be neither given nor taken
        if subprocess.run(["mount", "--bind", place, place], capture_output=True, check=False).returncode:
            pytest.skip("this user may mount no disk")
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)

    try:
        said = words(pair, place / "o.tif", freeze, kind)
    finally:
        subprocess.run(["umount", place], capture_output=True, check=False)
    assert "Close it where it is open" not in said
    assert "o.tif" not in files_in(place)
    whole(pair, place / "o.tif")


def test_a_disk_that_is_read_only_from_the_start_is_said_and_nothing_is_complained_of(
    pair: Pair, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with disk(tmp_path / "disk", "8m") as place:
        read_only(place)
        with pytest.raises(EngineError, match=r"may not be written to|could not be created \(Read-only"):
            run(sharpen(pair.request(place / "o.tif", method="exp")))
        remove(str(place / "never there"))
        assert caplog.records == []


@pytest.mark.parametrize("kind", MOST)
def test_a_name_that_is_taken_by_a_folder_meanwhile_is_said(kind: str, pair: Pair, tmp_path: Path) -> None:
    said = words(pair, tmp_path / "o.tif", (tmp_path / "o.tif").mkdir, kind)
    assert "cannot be replaced (Is a directory)" in said and "choose another name" in said
    assert (tmp_path / "o.tif").is_dir() and not os.listdir(tmp_path / "o.tif")


@pytest.mark.slow
def test_of_several_results_none_stays_when_the_disk_fills_up(pair: Pair, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m") as place:
        names = {f"out_{name}": str(place / f"{name}.tif") for name in ("pan", "ms", "reference")}
        events = simulate(SimulateRequest(pair.pan, (pair.ms,), **names))
        waiting = True
        with pytest.raises(EngineError, match="No space left on device"):
            for event in events:
                if waiting and isinstance(event, Progress) and (place / "reference.tif.part").exists():
                    waiting = False
                    fill(place, 0)
        assert files_in(place).keys() == {"filler"}
