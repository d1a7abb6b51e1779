"""What a journal holds comes back exactly or not at all, whatever became of the file in between."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import sys
import threading
import zlib
from collections import namedtuple
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

import engine.raster.journal as module
from engine.errors import OutputError
from engine.grid.tiling import tiles
from engine.grid.window import Window
from engine.raster.journal import Journal
from engine.raster.writer import Encoded, Writer, check_writable, journal_of
from tests.limits import small_files
from tests.raster.results import HEIGHT, WIDTH, make, names, profile

PROFILE = profile(2, height=60, width=50)
WHOLE = Window(0, 0, 60, 50)
TILES = list(tiles(WHOLE, 20))  # 9, the last of each row smaller
RUN = {"method": "gsa", "/data/pan.tif": "1 bytes"}
STATE = {"gains": np.array([[0.1, -2.5e300], [np.nan, 3.0]]), "divisor": np.asarray(7.5), "cells": np.arange(3)}


def encoded(tile: Window, number: int = 0) -> Encoded:
    values = np.random.default_rng(tile.row * 100 + tile.col + number).integers(0, 65536, (2, *tile.shape))
    return Encoded(values.astype(np.uint16), clipped=tile.row, valid=tile.height * tile.width)


def opened(folder: Path, run: Optional[dict[str, str]] = None) -> Journal:
    return Journal(str(folder / "o.tif"), RUN if run is None else run, PROFILE, TILES)


def kept(folder: Path, count: int = 4) -> Path:
    """Leave a journal with so many tiles, and return its path."""
    journal = opened(folder)
    journal.begin(STATE)
    for tile in TILES[:count]:
        journal.keep(tile, encoded(tile))
    journal.close()
    return Path(journal_of(str(folder / "o.tif")))


def tiles_in(journal: Journal) -> list[Window]:
    """Return which tiles are there, once it is known that each is the one that was kept."""
    there = []
    for tile in TILES:
        found = journal.found(tile)
        if found is not None:
            there.append(tile)
            np.testing.assert_array_equal(found.array, encoded(tile).array)
            assert (found.clipped, found.valid) == (tile.row, tile.height * tile.width)
    return there


def test_tiles_and_what_was_learnt_come_back_to_the_last_bit(tmp_path: Path) -> None:
    path = kept(tmp_path)
    assert names(tmp_path) == ["o.tif.part.journal"]
    journal = opened(tmp_path)
    assert journal.refused == "" and journal.state is not None
    assert {name: (values.dtype, values.shape, values.tobytes()) for name, values in journal.state.items()} == {
        name: (values.dtype, values.shape, values.tobytes()) for name, values in STATE.items()
    }
    assert tiles_in(journal) == TILES[:4]
    assert journal.share == pytest.approx((3 * 20 * 20 + 20 * 10) / (60 * 50))
    journal.keep(TILES[7], encoded(TILES[7]))
    journal.close()
    again = opened(tmp_path)
    assert tiles_in(again) == [*TILES[:4], TILES[7]]
    again.discard()
    assert not path.exists() and again.share == 0.0


def test_there_is_nothing_on_the_disk_before_it_begins(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert journal.state is None and journal.refused == "" and journal.share == 0.0
    journal.close()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ({**RUN, "method": "exp"}, r"these differ: method \(gsa then, exp now\)$"),
        ({**RUN, "/data/pan.tif": "2 bytes"}, r"/data/pan.tif \(1 bytes then, 2 bytes now\)"),
        ({**RUN, "seed": "3"}, "these differ: seed$"),
        ({"method": "gsa"}, "these differ: /data/pan.tif$"),
        ({str(number): "x" for number in range(9)}, "these differ: 0, 1, 2 and 8 more$"),
    ],
)
def test_another_run_is_not_gone_on_with_and_stays_until_the_new_one_begins(
    run: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = kept(tmp_path)
    before = path.read_bytes()
    journal = opened(tmp_path, run)
    assert journal.state is None and journal.share == 0.0
    assert re.search(said, journal.refused)
    journal.close()
    assert path.read_bytes() == before
    journal = opened(tmp_path, run)
    journal.begin(STATE)
    journal.close()
    assert opened(tmp_path, run).state is not None and tiles_in(opened(tmp_path, run)) == []


def test_other_libraries_are_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    monkeypatch.setitem(module._LIBRARIES, "GDAL", "9.9.9")
    assert "GDAL (" in opened(tmp_path).refused


def test_a_journal_cut_anywhere_gives_what_was_whole_and_can_be_gone_on_with(tmp_path: Path) -> None:
    whole = kept(tmp_path).read_bytes()
    random = np.random.default_rng(2)
    seen = set()
    for cut in [0, 1, 16, 17, 18, 24, *random.integers(25, len(whole), 60), len(whole) - 1]:
        for tail in (b"", bytes(5000)):  # zeros: a file that had grown before the power failed
            Path(journal_of(str(tmp_path / "o.tif"))).write_bytes(whole[:cut] + tail)
            journal = opened(tmp_path)
            if journal.state is None:
                assert journal.refused.startswith("it is damaged (")
                journal.begin(STATE)
            there = tiles_in(journal)
            assert there == TILES[: len(there)]
            seen.add(len(there))
            journal.keep(TILES[8], encoded(TILES[8]))
            journal.close()
            assert tiles_in(opened(tmp_path)) == [*there, TILES[8]]
    assert seen == {0, 1, 2, 3}


def test_a_changed_byte_costs_the_tile_it_lies_in_and_no_more(tmp_path: Path) -> None:
    path = kept(tmp_path)
    whole = path.read_bytes()
    body = whole.index(encoded(TILES[1]).array.tobytes())
    path.write_bytes(whole[: body + 7] + bytes([whole[body + 7] ^ 1]) + whole[body + 8 :])
    journal = opened(tmp_path)
    assert tiles_in(journal) == [TILES[0], TILES[2], TILES[3]]
    journal.keep(TILES[1], encoded(TILES[1]))
    assert tiles_in(journal) == TILES[:4]
    journal.close()
    assert tiles_in(opened(tmp_path)) == TILES[:4]


def test_a_changed_head_is_not_believed(tmp_path: Path) -> None:
    path = kept(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"tile": [0, 40, 20, 10], "valid": 200', b'"tile": [0, 40, 20, 10], "valid": 199'))
    assert tiles_in(opened(tmp_path)) == TILES[:2]


# What strangers may have written


def entry(head: Any, body: bytes = b"", **change: Any) -> bytes:
    """Return an entry as the module describes it."""
    facts = {**head, "size": len(body), "checksum": zlib.crc32(body), **change} if isinstance(head, dict) else head
    text = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
    return struct.pack("<II", len(text), zlib.crc32(text)) + text + body


FIRST = b"KSDiff journal 2\n"
RUN_ENTRY = entry({"run": {**RUN, **module._LIBRARIES}})
STATE_ENTRY = entry({"state": [["gain", "<f8", [2]]]}, np.array([1.0, 2.0]).tobytes())
TILE = {"tile": [0, 0, 20, 20], "valid": 400, "clipped": 0}


def laid(folder: Path, content: bytes) -> Journal:
    Path(journal_of(str(folder / "o.tif"))).write_bytes(content)
    return opened(folder)


def test_a_journal_written_by_hand_as_described_is_read(tmp_path: Path) -> None:
    body = encoded(TILES[0]).array.tobytes()
    journal = laid(tmp_path, FIRST + RUN_ENTRY + STATE_ENTRY + entry(TILE, body))
    assert journal.state is not None and journal.state["gain"].tolist() == [1.0, 2.0]
    assert tiles_in(journal) == TILES[:1]


STRANGE: dict[str, bytes] = {
    "empty": b"",
    "noise": np.random.default_rng(1).bytes(4000),
    "another version": b"KSDiff journal 3\n" + RUN_ENTRY + STATE_ENTRY,
    "an endless head": FIRST + struct.pack("<II", 2**32 - 1, 0) + b"x" * 100,
    "nested lists": FIRST + entry(b"[" * 100_000),
    "a list": FIRST + entry(b"[1]"),
    "no text": FIRST + entry(b"\xff\xfe\x00"),
    "an endless body": FIRST + RUN_ENTRY + entry({"state": []}, size=2**62),
    "a negative body": FIRST + RUN_ENTRY + entry({"state": []}, size=-1),
    "no run": FIRST + STATE_ENTRY,
    "a run of numbers": FIRST + entry({"run": {"method": 3}}),
    "a run that is a list": FIRST + entry({"run": ["method"]}),
    "a wrong checksum": FIRST + RUN_ENTRY + entry({"state": [["gain", "<f8", [1]]]}, bytes(8), checksum=1),
    **{
        f"arrays {arrays!r}": FIRST + RUN_ENTRY + entry({"state": arrays}, bytes(16))
        for arrays in (
            7, [7], [["gain"]], [["gain", "|O8", [2]]], [["gain", "<f8", [3]]], [["gain", "<f8", [-1, -2]]],
            [["gain", "<f8", [2**40, 2**40]]], [["gain", "<f8", [1] * 99]], [["gain", "<f8", None]],
            [[3, "<f8", [2]]], [["gain", ["a", "b"], [2]]], [["gain", "<f8", [2.0]]], [["gain", "<f1", [2]]],
            [["gain", "|S8", [2]]],
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_journal_is_refused_in_words(what: str, tmp_path: Path) -> None:
    journal = laid(tmp_path, STRANGE[what])
    assert journal.state is None and journal.share == 0.0
    assert journal.refused.startswith("it is damaged (") and journal.refused.isprintable()


@pytest.mark.parametrize(
    "change",
    [
        {"tile": [0, 0, 20, 19]},
        {"tile": [5, 0, 20, 20]},
        {"tile": [0, 0, 10**9, 10**9]},
        {"tile": [0, 0, -20, -20]},
        {"tile": None},
        {"tile": [0, 0, 20, "x"]},
        {"valid": 401},
        {"valid": True},
        {"clipped": 801},
        {"clipped": -1},
        {"valid": None},
        {"size": 1599},
    ],
)
def test_a_tile_that_cannot_be_is_not_there(change: dict[str, Any], tmp_path: Path) -> None:
    body = encoded(TILES[0]).array.tobytes()
    journal = laid(tmp_path, FIRST + RUN_ENTRY + STATE_ENTRY + entry(TILE, body, **change))
    assert journal.state is not None and journal.share == 0.0 and tiles_in(journal) == []


# The disk and the threads


def test_a_journal_takes_room_too_as_far_as_it_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(2 * HEIGHT * WIDTH * 3 * 2 - 1000))
    path = str(tmp_path / "o.tif")
    check_writable(path, profile())
    with pytest.raises(OutputError, match="with what is kept of it to go on, of 620 x 700 pixels"):
        check_writable(path, profile(), journal=True)
    Path(journal_of(path)).write_bytes(bytes(1000))
    check_writable(path, profile(), journal=True)


def test_a_journal_goes_with_the_result_and_stays_without_one(tmp_path: Path) -> None:
    journal = Path(journal_of(str(tmp_path / "o.tif")))
    journal.write_bytes(b"kept")
    Writer(str(tmp_path / "o.tif"), profile()).discard()
    assert names(tmp_path) == [journal.name]
    make(tmp_path / "o.tif", profile())
    assert names(tmp_path) == ["o.tif"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limits here")
def test_a_full_disk_is_an_error_and_what_was_whole_stays(tmp_path: Path) -> None:
    full = r"o\.tif\.part\.journal could not be written .*Check the free space"
    with small_files(5_000), pytest.raises(OutputError, match=full):
        kept(tmp_path, 9)
    journal = opened(tmp_path)
    there = tiles_in(journal)
    assert 1 <= len(there) < 9 and there == TILES[: len(there)]


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "o.tif.part.journal").mkdir()
    with pytest.raises(OutputError, match="could not be opened"):
        opened(tmp_path)


def test_work_is_made_safe_on_the_disk_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_safe: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: made_safe.append(os.fstat(number).st_size))
    kept(tmp_path)
    assert len(made_safe) == 1 and made_safe[0] < 1600, "before the first tile"
    monkeypatch.setattr(module, "_SAFE_EVERY_S", 0.0)
    path = kept(tmp_path)
    assert len(made_safe) == 6 and made_safe[-1] == path.stat().st_size


def test_many_threads_may_keep_and_find_at_once(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.begin(STATE)

    def work(part: list[Window]) -> None:
        for tile in part:
            journal.keep(tile, encoded(tile))
            journal.found(part[0])

    threads = [threading.Thread(target=work, args=(TILES[start::3],)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.share == 1.0
    journal.close()
    journal.keep(TILES[0], encoded(TILES[0], 1))  # too late, and no harm
    assert tiles_in(opened(tmp_path)) == TILES
