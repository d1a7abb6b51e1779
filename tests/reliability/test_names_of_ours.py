"""What stands where a run wants to write: a link, a pipe, a folder or an input costs nothing but a sentence."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError, OutputError
from engine.jobs.report import report
from engine.jobs.sharpen import sharpen
from engine.raster.points import write_points
from engine.raster.scene import opened
from engine.request import ReportRequest
from tests.jobs.runs import files_in, refusal, run, sharpened
from tests.pairs import Pair, read, write_pair

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its links and pipes are of another kind")
# What a run writes first, and what has to be asked for that it does.
OURS: dict[str, dict[str, Any]] = {
    "o.tif.part": {},
    "o.tif.cog.part": {"format": "cog"},
    "o.tif.part.journal": {"resume": True},
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "o.tif"


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("name", OURS)
def test_what_a_link_leads_to_that_lies_in_our_way_is_neither_written_to_nor_made(
    name: str, there: bool, pair: Pair, out: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    if there:
        precious.write_bytes(b"precious")
    (out.parent / name).symlink_to(precious)
    result, _ = sharpened(pair.request(out, method="exp", **OURS[name]))
    assert result.shape == (4, 128, 128) and files_in(out.parent).keys() == {"o.tif"}
    assert (precious.read_bytes() == b"precious") if there else not precious.exists()


def test_the_parts_of_reports_and_points_follow_no_links_either(pair: Pair, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    for name in ("r.html", "p.gpkg"):
        (tmp_path / f"{name}.part").symlink_to(precious)
    run(report(ReportRequest(pair.pan, (pair.ms,), methods=("exp",), out_html=str(tmp_path / "r.html"))))
    with opened(pair.request(tmp_path / "o.tif")) as scene:
        write_points(str(tmp_path / "p.gpkg"), "shifts", scene.grid, [(1.0, 1.0)], {"length": [0.5]})
    assert precious.read_bytes() == b"precious"
    assert files_in(tmp_path).keys() == {"precious", "r.html", "p.gpkg"}


@pytest.mark.parametrize("name", [*OURS, "o.tif.aux.xml", "o.tif.ovr"])
def test_an_input_under_a_name_of_ours_is_spared(name: str, pair: Pair, out: Path) -> None:
    shutil.copy(pair.pan, out.parent / name)
    asked = pair.request(out, pan=str(out.parent / name), method="exp", **OURS.get(name, {}))
    words = f"{name} is an input, and" if name in OURS else "holds data that is an input"
    assert words in refusal(asked, OutputError)


def test_a_result_that_is_a_link_becomes_a_file_and_what_it_led_to_stays(pair: Pair, out: Path, tmp_path: Path) -> None:
    (tmp_path / "older.tif").write_bytes(b"older")
    for target in ("older.tif", "nothing.tif"):
        out.unlink(missing_ok=True)
        out.symlink_to(tmp_path / target)
        sharpened(pair.request(out, method="exp"))
        assert not out.is_symlink() and out.stat().st_size > 1000
    assert (tmp_path / "older.tif").read_bytes() == b"older" and not (tmp_path / "nothing.tif").exists()


@pytest.mark.parametrize("name", ["o.tif", *OURS])
def test_a_pipe_in_our_way_is_said_and_not_waited_for(name: str, pair: Pair, out: Path) -> None:
    os.mkfifo(out.parent / name)
    said: list[EngineError] = []

    def attempt() -> None:
        try:
            run(sharpen(pair.request(out, method="exp", **OURS.get(name, {}))))
        except EngineError as error:
            said.append(error)

    attempting = threading.Thread(target=attempt, daemon=True)
    attempting.start()
    attempting.join(20.0)
    assert not attempting.is_alive(), "it waits for somebody who reads"
    if name == "o.tif.cog.part":  # it can be removed without being opened
        assert read(out).shape == (4, 128, 128)
    else:
        assert len(said) == 1 and isinstance(said[0], OutputError) and not out.is_file()


@pytest.mark.parametrize("name", OURS)
def test_a_folder_in_our_way_is_said_and_stays(name: str, pair: Pair, out: Path) -> None:
    (out.parent / name).mkdir()
    (out.parent / name / "kept").write_text("mine")
    with pytest.raises(OutputError, match=r"\(.*Is a directory"):
        run(sharpen(pair.request(out, method="exp", **OURS[name])))
    assert (out.parent / name / "kept").read_text() == "mine" and files_in(out.parent).keys() <= {"o.tif.part.journal"}


def test_a_link_to_itself_is_no_image(pair: Pair, out: Path, tmp_path: Path) -> None:
    (tmp_path / "loop.tif").symlink_to(tmp_path / "loop.tif")
    assert "There is no file" in refusal(pair.request(out, ms=(str(tmp_path / "loop.tif"),), method="exp"))


def test_one_file_given_twice_is_what_it_says(pair: Pair, out: Path) -> None:
    alone, _ = sharpened(pair.request(out, method="exp"))
    twice, _ = sharpened(pair.request(out, ms=(pair.ms, pair.ms), method="exp"))
    assert np.array_equal(twice, np.concatenate([alone, alone]))
    out.unlink()
    assert "4 bands" in refusal(pair.request(out, pan=pair.ms, ms=(pair.ms,)))
    same, said = sharpened(pair.request(out, pan=pair.pan, ms=(pair.pan,), method="exp"))
    assert np.array_equal(same, read(pair.pan)) and any("MS has the pixel size of PAN" in one for one in said.warnings)
