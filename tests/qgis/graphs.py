"""Graphical models made by hand: children that take what others give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pairs import Pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")


def source_of(parameter: str) -> Any:
    return core.QgsProcessingModelChildParameterSource.fromModelParameter(parameter)


def output_of(child: str, output: str) -> Any:
    return core.QgsProcessingModelChildParameterSource.fromChildOutput(child, output)


def constant(value: Any) -> Any:
    return core.QgsProcessingModelChildParameterSource.fromStaticValue(value)


def with_inputs(name: str) -> Any:
    """Return a model that asks for MS and PAN."""
    model = core.QgsProcessingModelAlgorithm(name, "tests")
    for parameter in ("MS", "PAN"):
        model.addModelParameter(
            core.QgsProcessingParameterRasterLayer(parameter, parameter), core.QgsProcessingModelParameter(parameter)
        )
    return model


def add_child(model: Any, identity: str, algorithm: str, final: str, result: str = "OUTPUT", **sources: Any) -> None:
    """Add a step whose output `result` is that of the model by the name `final`, if it has one."""
    child = core.QgsProcessingModelChildAlgorithm(algorithm)
    child.setChildId(identity)
    for name, source in sources.items():
        child.addParameterSources(name, [source])
    if final:
        output = core.QgsProcessingModelOutput(final, final)
        output.setChildId(identity)
        output.setChildOutputName(result)
        child.setModelOutputs({final: output})
    model.addChildAlgorithm(child)


def run(model: Any, pair: Pair, folder: Path, **outputs: tuple[str, str]) -> dict[str, Any]:
    model.initAlgorithm()
    # QGIS 3.22 calls parameters mandatory that have a default; it runs the model all the same.
    assert [text for text in model.validate()[1] if "is mandatory" not in text] == []
    inputs = {"MS": pair.ms, "PAN": pair.pan}
    finals = {f"{child}:{name}": str(folder / file) for name, (child, file) in outputs.items()}
    context, feedback = core.QgsProcessingContext(), core.QgsProcessingFeedback(False)
    results, successful = model.run({**inputs, **finals}, context, feedback)
    assert successful, feedback.textLog()
    return dict(results)
