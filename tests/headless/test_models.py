"""ksdiff:models through `qgis_process`: what is taken in is there for the next run, by its name, and can go again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.models import sound_bytes, sound_file


def test_a_model_is_imported_and_removed_by_its_name(
    headless: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(headless.environment, "XDG_DATA_HOME", str(tmp_path / "data"))
    source = sound_file(tmp_path / "mein Modell é.safetensors")

    def run(*given: str) -> dict[str, Any]:
        done = headless("run", "ksdiff:models", "--json", "--", *given)
        assert done.returncode == 0, done.stderr
        results: dict[str, Any] = json.loads(done.stdout)["results"]
        return results

    made = run("ACTION=IMPORT", f"MODEL={source}", f"OUTPUT={tmp_path / 'card.html'}")
    assert made["NAME"] == "ksdiff-test 1.0.0" and Path(made["MODEL_FILE"]).read_bytes() == sound_bytes()
    assert made["MODEL_FILE"].startswith(str(tmp_path / "data"))
    assert "KSDiff for tests" in (tmp_path / "card.html").read_text(encoding="utf-8")
    left = run("ACTION=REMOVE", "KNOWN_MODEL=ksdiff-test", f"OUTPUT={tmp_path / 'left.html'}")
    assert not Path(made["MODEL_FILE"]).exists()
    shipped = sorted(
        path.stem for path in (Path(__file__).resolve().parents[2] / "resources" / "models").glob("*.safetensors")
    )
    assert [model["name"] for model in json.loads(left["JSON"])["models"]] == shipped


def test_a_mistake_is_a_sentence_and_ends_with_1(headless: Any) -> None:
    done = headless("run", "ksdiff:models", "--", "ACTION=REMOVE", "MODEL=ksdiff-any")
    assert done.returncode == 1 and "comes with the plugin" in done.stderr and "Traceback" not in done.stderr
