"""What nobody foresaw reaches the user of QGIS as a sentence with an address, and never as a traceback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.pairs import Pair


@pytest.fixture
def broken(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine fail as only a mistake of ours can make it."""
    from ksdiff_qgis._engine import load

    def fail(*_: object) -> None:
        raise KeyError("band 7")

    monkeypatch.setattr(load("jobs.sharpen"), "surveyed", fail)


def test_an_unforeseen_error_of_a_run_names_its_log_and_where_to_report_it(
    broken: None, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import processing
    from qgis.core import QgsProcessingException

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = tmp_path / "o.tif"
    with pytest.raises(QgsProcessingException) as caught:
        inputs = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "METHOD": "GSA"}
        processing.run("ksdiff:pansharpen", {**inputs, "OUTPUT": str(out)})
    said = str(caught.value)
    assert "should not have (KeyError: 'band 7')" in said and "Traceback" not in said
    found = re.search(r"Please report it at https://\S+, with (\S+), which names your files", said)
    assert found is not None
    text = Path(found[1]).read_text(encoding="utf-8")
    assert "Traceback" in text and "ksdiff:pansharpen" in text and pair.pan in text
    assert Path(found[1]).parent == tmp_path and not out.exists()


def test_an_unforeseen_error_of_a_check_is_told_in_the_dialog(
    plugin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from qgis.core import QgsApplication, QgsProcessingContext

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("ksdiff:pansharpen")
    monkeypatch.setattr(type(algorithm), "check", lambda *_: {}["nothing"])
    fine, said = algorithm.checkParameterValues({}, QgsProcessingContext())
    assert not fine and "should not have (KeyError: 'nothing')" in said
    assert [path.suffix for path in tmp_path.iterdir()] == [".log"]


def test_too_little_memory_is_no_mistake_of_ours(
    plugin: Any, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import processing
    from qgis.core import QgsProcessingException

    from ksdiff_qgis._engine import load

    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(load("jobs.sharpen"), "surveyed", greedy)
    with pytest.raises(QgsProcessingException, match="There is not enough memory for this"):
        processing.run(
            "ksdiff:pansharpen",
            {
                "SPECTRAL": [pair.ms],
                "PANCHROMATIC": pair.pan,
                "METHOD": "GSA",
                "OUTPUT": str(tmp_path / "o.tif"),
            },
        )
    assert list(tmp_path.iterdir()) == []
