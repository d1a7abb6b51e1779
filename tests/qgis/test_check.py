"""ksdiff:check run by Processing: what there is to run models with, as plain outputs, whether any is there or not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.environment.stubs import write_stub
from tests.environment.test_probe import CPU, GPU, told

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")


def run(feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    return processing.run("ksdiff:check", parameters, feedback=feedback)


def test_all_declared_outputs_come_back_as_plain_values(tmp_path: Path) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:check")
    found = run(PYTHON=write_stub(tmp_path, told(devices=[CPU, {**GPU, "works": True}])))
    assert set(found) == {output.name() for output in algorithm.outputDefinitions()}
    assert found["USABLE"] == 1 and found["TORCH"] == "2.13.0" and found["PROBLEM"] == ""
    assert found["DEVICE"] == "cuda:0" and found["DEVICES"] == "cpu,cuda:0"
    assert type(found["SECONDS"]) is float and found["FREE_MB"] > 0
    assert all(type(value) in (int, float, str) for value in found.values())


def test_a_python_without_pytorch_is_an_answer_with_a_warning(tmp_path: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    found = run(feedback, PYTHON=write_stub(tmp_path, told(problems={"torch": "ModuleNotFoundError: x"})))
    assert found["USABLE"] == 0 and found["PYTHON_USED"] == "" and "It lacks torch." in found["PROBLEM"]
    assert "Set up environment" in feedback.textLog()


def test_the_python_of_the_settings_is_asked_and_the_environment_variable_wins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from processing.core.ProcessingConfig import ProcessingConfig

    from ksdiff_qgis import settings

    python = write_stub(tmp_path, told())
    monkeypatch.delenv("KSDIFF_PYTHON", raising=False)
    assert settings.python() is None
    ProcessingConfig.setSettingValue("KSDIFF_PYTHON", python)
    try:
        assert run()["PYTHON_USED"] == python
        monkeypatch.setenv("KSDIFF_PYTHON", "/usr/bin/false")
        assert "/usr/bin/false" in run()["PROBLEM"]
    finally:
        ProcessingConfig.setSettingValue("KSDIFF_PYTHON", "")


def test_a_cancelled_check_ends_at_once(tmp_path: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    feedback.cancel()
    begun = time.monotonic()
    with pytest.raises(core.QgsProcessingException, match="Stopped on request"):
        run(feedback, PYTHON=write_stub(tmp_path, "sleep 60"))
    assert time.monotonic() - begun < 2


def test_every_parameter_and_output_is_explained(plugin: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:check")
    assert all(item.help() for item in algorithm.parameterDefinitions())
    assert "KSDIFF_PYTHON" in algorithm.shortHelpString()
    assert set(algorithm.texts().outputs) == {output.name() for output in algorithm.outputDefinitions()}
