"""ksdiff:setup run by Processing: says what it would do, does it, is found by ksdiff:check, and refuses in words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.environment.wheels import VERSIONS, write_wheels

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(autouse=True)
def environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugin: Any) -> Path:
    """Return a folder that stands for the one where environments are made; it is not there yet."""
    from ksdiff_qgis import paths

    monkeypatch.setattr(paths, "environments", lambda: tmp_path / "environments")
    monkeypatch.delenv("KSDIFF_PYTHON", raising=False)
    return tmp_path / "environments"


def run(feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    return processing.run("ksdiff:setup", parameters, feedback=feedback)


def test_a_dry_run_returns_all_declared_outputs_and_does_nothing(environments: Path) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:setup")
    feedback = core.QgsProcessingFeedback(False)
    found = run(feedback, VARIANT="CPU", DRY_RUN=True)
    assert set(found) == {output.name() for output in algorithm.outputDefinitions()}
    assert found["MADE"] == 0 and found["OUTPUT_VARIANT"] == "CPU" and found["DOWNLOAD_MB"] > 0
    assert found["OUTPUT_PYTHON"].startswith(str(environments)) and "-m venv" in found["COMMANDS"]
    assert "To fetch: about" in feedback.textLog() and found["FOLDER"] in feedback.textLog()
    assert not environments.exists()


@pytest.mark.slow
def test_an_environment_is_made_and_found_by_the_check(wheels: Path, environments: Path) -> None:
    import processing

    made = run(WHEELS=str(wheels))
    assert made["MADE"] == 1 and made["TORCH"] == VERSIONS["torch"] and made["DEVICES"] == "cpu"
    assert os.path.isfile(made["OUTPUT_PYTHON"])
    found = processing.run("ksdiff:check", {})
    assert found["USABLE"] == 1 and found["PYTHON_USED"] == made["OUTPUT_PYTHON"]
    assert found["FOLDER"] == str(environments)


@pytest.mark.slow
def test_a_cancelled_run_leaves_nothing(wheels: Path, environments: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda progress: feedback.cancel() if progress > 5 else None)
    with pytest.raises(core.QgsProcessingException, match="Stopped on request"):
        run(feedback, WHEELS=str(wheels))
    assert os.listdir(environments) == ["setup.lock"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"VARIANT": "TPU"}, "VARIANT cannot be 'TPU'. Choose one of AUTO, CPU, CUDA."),
        ({"INDEX_URL": "index"}, "Begin it with https://."),
        ({"WHEELS": "/", "DRY_RUN": True}, "holds no wheels"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(parameters: dict[str, Any], words: str, environments: Path) -> None:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(**parameters)
    assert words in str(caught.value) and not environments.exists()


def test_the_proxy_of_the_network_options_is_used_with_its_login_only_if_there_is_one() -> None:
    from ksdiff_qgis import settings

    store, word = core.QgsSettings(), "h@sh"
    options = {"Enabled": True, "Type": "HttpProxy", "Host": "proxy.example", "Port": "3128"}
    try:
        assert settings.proxy() == ""
        for name, value in options.items():
            store.setValue(f"proxy/proxy{name}", value)
        assert settings.proxy() == "http://proxy.example:3128"
        store.setValue("proxy/proxyUser", "jane")
        assert settings.proxy() == "http://jane@proxy.example:3128"
        store.setValue("proxy/proxyPassword", word)
        assert settings.proxy() == "http://jane:h%40sh@proxy.example:3128"
        store.setValue("proxy/proxyType", "Socks5Proxy")
        assert settings.proxy() == ""
    finally:
        store.remove("proxy")


def test_passwords_are_not_logged() -> None:
    word = "hush" + "hush"
    feedback = core.QgsProcessingFeedback(False)
    run(feedback, INDEX_URL=f"https://jane:{word}@index.example/simple", DRY_RUN=True)
    assert "index.example" in feedback.textLog() and word not in feedback.textLog()


def test_every_parameter_and_output_is_explained(plugin: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:setup")
    advanced = core.QgsProcessingParameterDefinition.Flag.FlagAdvanced
    assert all(item.help() for item in algorithm.parameterDefinitions())
    shown = [item.name() for item in algorithm.parameterDefinitions() if not item.flags() & advanced]
    assert shown == ["VARIANT", "DRY_RUN", "UPDATE"]
    assert set(algorithm.texts().outputs) == {output.name() for output in algorithm.outputDefinitions()}
