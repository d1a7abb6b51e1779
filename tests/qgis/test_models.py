"""ksdiff:models run by Processing, in graphical models and for the choice of a model in other algorithms."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.modelfile.card import read_card
from tests.jobs.models import WEIGHTS, sound_bytes, sound_file
from tests.modelfile.cards import model_file
from tests.pairs import Pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

TARGET = "ksdiff-test_1.0.0.safetensors"
MODELS = Path(__file__).resolve().parents[2] / "resources" / "models"


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugin: Any) -> Path:
    """Return the user's folder of models, which is not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "dätä home"))
    monkeypatch.delenv("KSDIFF_MODELS", raising=False)
    return tmp_path / "dätä home" / "ksdiff" / "models"


@pytest.fixture
def further(tmp_path: Path, plugin: Any) -> Iterator[Path]:
    """Return a folder of models that is named in the options of the provider."""
    from processing.core.ProcessingConfig import ProcessingConfig

    folder = tmp_path / "further models"
    folder.mkdir()
    ProcessingConfig.setSettingValue("KSDIFF_MODELS", str(folder))
    yield folder
    ProcessingConfig.setSettingValue("KSDIFF_MODELS", "")


def run(feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    return processing.run("ksdiff:models", parameters, feedback=feedback)


def refusal(**parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(**parameters)
    return str(caught.value)


SHIPPED = sorted(path.stem for path in MODELS.glob("*.safetensors"))


def offered() -> list[str]:
    """Return what a dialog that is opened now offers."""
    algorithm = core.QgsApplication.processingRegistry().createAlgorithmById("ksdiff:models")
    options: list[str] = algorithm.parameterDefinition("KNOWN_MODEL").options()
    return options


def test_all_models_are_listed_with_a_page_and_all_declared_outputs(tmp_path: Path, own: Path) -> None:
    sound_file(own / "one.safetensors", title="<script>alert(1)</script>")
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:models")
    feedback = core.QgsProcessingFeedback(False)
    found = run(feedback, OUTPUT=str(tmp_path / "cards.html"))
    assert set(found) == {output.name() for output in algorithm.outputDefinitions()} - {"OUTPUT_MLM"}
    assert (found["COUNT"], found["NAME"], found["MODEL_FILE"], found["FOLDER"]) == (
        len(SHIPPED) + 1.0,
        "",
        "",
        str(own),
    )
    assert [each["name"] for each in json.loads(found["JSON"])["models"]] == [*SHIPPED, "ksdiff-test"]
    page = (tmp_path / "cards.html").read_text(encoding="utf-8")
    assert "KSDiff for any sensor" in page and "&lt;script&gt;" in page and "<script" not in page
    assert "ksdiff-test: " in feedback.textLog()


def test_a_model_is_imported_offered_at_once_exported_and_removed(tmp_path: Path, own: Path) -> None:
    source = sound_file(tmp_path / "mein Modell é.safetensors")
    assert offered() == SHIPPED
    feedback = core.QgsProcessingFeedback(False)
    made = run(feedback, ACTION="IMPORT", MODEL=source, OUTPUT=str(tmp_path / "card.html"))
    assert (made["COUNT"], made["NAME"], made["MODEL_FILE"]) == (1.0, "ksdiff-test 1.0.0", str(own / TARGET))
    assert "may be used under GPL-2.0-or-later" in feedback.textLog()
    assert "KSDiff for tests" in (tmp_path / "card.html").read_text(encoding="utf-8")
    assert offered() == [*SHIPPED, "ksdiff-test"]

    item = str(tmp_path / "item.json")
    assert run(ACTION="EXPORT", KNOWN_MODEL="ksdiff-test", OUTPUT_MLM=item)["OUTPUT_MLM"] == item
    assert json.loads(Path(item).read_text(encoding="utf-8"))["id"] == "ksdiff-test-1.0.0"

    left = run(ACTION="REMOVE", KNOWN_MODEL="ksdiff-test", OUTPUT=str(tmp_path / "left.html"))
    assert (left["COUNT"], left["NAME"], left["MODEL_FILE"]) == (float(len(SHIPPED)), "", "") and os.listdir(own) == []
    assert "KSDiff for tests" not in (tmp_path / "left.html").read_text(encoding="utf-8")
    assert offered() == SHIPPED


@pytest.mark.parametrize("given", ["ksdiff-any", "ksdiff-any {version}"])
def test_a_name_is_as_good_as_a_file(given: str) -> None:
    found = run(MODEL=given.format(version=read_card(str(MODELS / "ksdiff-any.safetensors")).version))
    assert found["NAME"].startswith("ksdiff-any ") and os.path.isfile(found["MODEL_FILE"])
    assert run(MODEL=found["MODEL_FILE"])["NAME"] == found["NAME"]


def test_further_folders_are_those_of_the_options_and_the_environment_wins(
    further: Path, tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ksdiff_qgis import settings

    path = sound_file(further / "f.safetensors")
    assert settings.model_folders() == (str(further),) and "ksdiff-test" in offered()
    said = refusal(ACTION="REMOVE", KNOWN_MODEL="ksdiff-test")
    assert "does not lie in your folder of models" in said and os.path.exists(path)
    own.mkdir(parents=True)
    monkeypatch.setenv("KSDIFF_MODELS", os.pathsep.join((str(tmp_path / "a"), str(tmp_path / "b"))))
    assert settings.model_folders() == (str(own), str(tmp_path / "a"), str(tmp_path / "b"))
    assert offered() == SHIPPED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (sound_bytes()[:-1], "cut off"),
        (sound_bytes((0.0, *WEIGHTS[1:]), tensor_hash="ab" * 32), "hash is another"),
        (sound_bytes().replace(b'\\"format\\": 1', b'\\"format\\": 9'), "Update the plugin."),
    ],
)
def test_a_file_that_is_not_sound_is_not_imported(content: bytes, words: str, tmp_path: Path, own: Path) -> None:
    assert words in refusal(ACTION="IMPORT", MODEL=model_file(tmp_path / "m.safetensors", content))
    assert not own.exists() or os.listdir(own) == []


def test_a_model_of_an_existing_name_is_not_replaced(tmp_path: Path, own: Path) -> None:
    there = sound_file(own / TARGET)
    said = refusal(ACTION="IMPORT", MODEL=sound_file(tmp_path / "m.safetensors", (1.0,) * 6))
    assert "with other contents already" in said and Path(there).read_bytes() == sound_bytes()


def test_what_cannot_be_meant_is_refused_in_words(tmp_path: Path, own: Path) -> None:
    shipped = run(MODEL="ksdiff-any")["MODEL_FILE"]
    for parameters, words in (
        ({"ACTION": "REMOVE", "KNOWN_MODEL": "ksdiff-any"}, "comes with the plugin"),
        ({"ACTION": "REMOVE", "MODEL": shipped}, "comes with the plugin"),
        ({"ACTION": "IMPORT"}, "No model was named to import."),
        ({"ACTION": "EXPORT", "MODEL": "ksdiff-any"}, "No file was named for the STAC item."),
        ({"KNOWN_MODEL": "ksdiff-any", "MODEL": shipped}, "Two models are named"),
        ({"KNOWN_MODEL": "gone"}, "Choose one of ksdiff-any"),
        ({"MODEL": "gone"}, f"There is no model called 'gone'; there are {', '.join(SHIPPED)}."),
    ):
        assert words in refusal(**parameters)
    assert os.path.isfile(shipped)


def test_a_known_model_that_is_gone_is_refused_where_nothing_checks_the_choice() -> None:
    """As in a graphical model, whose steps QGIS runs without checking their parameters."""
    algorithm = core.QgsApplication.processingRegistry().createAlgorithmById("ksdiff:models")
    feedback = core.QgsProcessingFeedback(False)
    _, successful = algorithm.run({"KNOWN_MODEL": "gone"}, core.QgsProcessingContext(), feedback)
    assert not successful and "There is no model called 'gone'" in feedback.textLog()


def test_in_a_graphical_model_the_file_of_one_step_is_the_model_of_the_next(tmp_path: Path, own: Path) -> None:
    child, model = core.QgsProcessingModelChildAlgorithm, core.QgsProcessingModelAlgorithm("chain", "tests")
    source = core.QgsProcessingModelChildParameterSource
    model.addModelParameter(core.QgsProcessingParameterFile("FILE", "FILE"), core.QgsProcessingModelParameter("FILE"))
    for identity, sources in (
        ("taken", {"ACTION": source.fromStaticValue("IMPORT"), "MODEL": source.fromModelParameter("FILE")}),
        ("shown", {"MODEL": source.fromChildOutput("taken", "MODEL_FILE")}),
        ("named", {"MODEL": source.fromChildOutput("taken", "NAME")}),
    ):
        step = child("ksdiff:models")
        step.setChildId(identity)
        for name, value in sources.items():
            step.addParameterSources(name, [value])
        output = core.QgsProcessingModelOutput(identity, identity)
        output.setChildId(identity)
        output.setChildOutputName("OUTPUT")
        step.setModelOutputs({identity: output})
        model.addChildAlgorithm(step)
    model.initAlgorithm()
    pages = {each: str(tmp_path / f"{each}.html") for each in ("taken", "shown", "named")}
    finals = {f"{each}:{each}": path for each, path in pages.items()}
    context, feedback = core.QgsProcessingContext(), core.QgsProcessingFeedback(False)
    given = {"FILE": sound_file(tmp_path / "m.safetensors"), **finals}
    _, successful = model.run(given, context, feedback)
    assert successful, feedback.textLog()
    for path in pages.values():
        assert str(own / TARGET) in Path(path).read_text(encoding="utf-8")


def test_where_images_are_sharpened_a_name_is_as_good_as_a_file(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import processing

    monkeypatch.setenv("KSDIFF_PYTHON", str(tmp_path / "none"))
    images = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "OUTPUT": str(tmp_path / "out.tif")}
    for name, words in (("ksdiff-any", "cannot be started"), ("gone", "There is no model called 'gone'")):
        with pytest.raises(core.QgsProcessingException) as caught:
            processing.run("ksdiff:pansharpen", {**images, "MODEL": name})
        assert words in str(caught.value)


def test_plugin_and_command_line_agree_where_the_users_models_lie(own: Path) -> None:
    from ksdiff_qgis import paths
    from ksdiff_qgis.vendor import appdirs

    assert paths.models() == own == Path(appdirs.user_data_dir("ksdiff", appauthor=False)) / "models"


def test_every_parameter_and_output_is_explained() -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:models")
    assert all(item.help() for item in algorithm.parameterDefinitions())
    described = set(algorithm.texts().outputs) | set(algorithm.texts().parameters)
    assert {output.name() for output in algorithm.outputDefinitions()} <= described
