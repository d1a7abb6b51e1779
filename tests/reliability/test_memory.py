"""Where memory is short, a run ends with a sentence and leaves nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.jobs import mishap
from engine.jobs import sharpen as job
from tests.pairs import Pair, write_pair
from tests.qgis.large import write_large_pair
from tests.reliability.faults import ended, engine, one_sentence

MB = 1 << 20


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.mark.parametrize("megabytes", [150, 500])
def test_a_limit_below_what_the_libraries_take_is_said_at_once(megabytes: int, pair: Pair, tmp_path: Path) -> None:
    asked = ["--pan", pair.pan, "--ms", pair.ms, "--out", tmp_path / "o.tif", "--method", "gsa"]
    run = engine("sharpen", *asked, limit_bytes=megabytes * MB)
    code, said, talk = ended(run, 30)
    assert code == 1 and said == "" and os.listdir(tmp_path) == []
    assert f"may use {megabytes} MB of memory" in one_sentence(talk)


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [100, 300])
def test_memory_that_runs_out_in_the_middle_leaves_one_sentence_and_nothing_else(
    megabytes: int, tmp_path: Path
) -> None:
    large = write_large_pair(tmp_path / "pair", 4096)
    (tmp_path / "out").mkdir()
    limit = (768 + 40 * (os.cpu_count() or 1) + megabytes) * MB
    asked = ["--pan", large.pan, "--ms", large.ms, "--out", tmp_path / "out" / "o.tif"]
    asked += ["--method", "mtf-glp-fs", "--tile", 4096, "--threads", 2]
    code, said, talk = ended(engine("sharpen", *asked, "--quiet", limit_bytes=limit), 240)
    assert code == 1 and said == "" and os.listdir(tmp_path / "out") == []
    assert one_sentence(talk).startswith("Error: There is not enough memory for this. Close other programs")


def test_memory_that_an_image_asks_for_in_vain_is_no_mistake_of_ours(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError  # as numpy does

    monkeypatch.setattr(job, "_learnt", greedy)
    with pytest.raises(MemoryError) as caught:
        list(job.sharpen(pair.request(tmp_path / "o.tif")))
    assert os.listdir(tmp_path) == []
    told = mishap.explained(caught.value, "a test")
    assert told.fact == "There is not enough memory for this." and "smaller tiles" in told.remedy
