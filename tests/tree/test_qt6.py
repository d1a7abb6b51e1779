"""Qt 6 and QGIS 4, checked from the source: one spelling that runs on QGIS 3.22 and on 4."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parents[2] / "ksdiff_qgis"

# Enums that moved into Qgis after 3.22; the old owner's name still works in QGIS 4.
NEWER_THAN_322 = re.compile(r"Processing|LayerType$|DistanceUnit$|RasterBandStatistic|GeometryType$|WkbType$")
GONE = {"QRegExp", "QDesktopWidget", "QTextCodec", "QAction"}  # QAction moved; QtWidgets has it in both
QT_CLASS = re.compile(r"Q(t|gis|(gs)?[A-Z]\w*)$")
ENUM_MEMBER = re.compile(r"[A-Z][a-z]")  # TypeRaster and Format_ARGB32; QGIS_VERSION_INT is a constant
IS_AN_ENUM = {"QgsMapLayerType"}
ENUMS = {"Type", "Flag", "Behavior", "SourceType", "MessageLevel", "DataType"}  # named without a member, as a short cut


def complaints(source: str) -> list[str]:
    """Return a line for everything in `source` that Qt 6, QGIS 4 or QGIS 3.22 refuses."""
    tree = ast.parse(source)
    owners = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [f"import {name.name}" for name in node.names if _past_qgis(name.name)]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            if _past_qgis(node.module or ""):
                found.append(f"from {node.module} import")
            if (node.module or "").startswith("qgis.PyQt"):
                widgets = node.module == "qgis.PyQt.QtWidgets"
                gone = [name.name for name in node.names if name.name in GONE]
                found += [f"{name} is gone" for name in gone if not (widgets and name == "QAction")]
        elif isinstance(node, ast.Attribute):
            if node.attr == "exec_":
                found.append(f"line {node.lineno}: exec_, write exec")
            elif isinstance(node.value, ast.Name) and _is_qt_class(node.value.id):
                name = f"line {node.lineno}: {node.value.id}.{node.attr}"
                if node.value.id == "Qgis" and NEWER_THAN_322.match(node.attr):
                    found.append(f"{name} is missing in QGIS 3.22")
                # A nested class is called, the type of an enum has its member after it; what is left is a bare member.
                elif ENUM_MEMBER.match(node.attr) and node.attr not in ENUMS and id(node) not in owners | called:
                    found.append(f"{name} lacks its enum's name")
    return found


def _is_qt_class(name: str) -> bool:
    return bool(QT_CLASS.match(name)) and name not in IS_AN_ENUM


def _past_qgis(module: str) -> bool:
    return module.split(".")[0] in {"PyQt4", "PyQt5", "PyQt6", "sip"} or module.endswith("_rc")


def test_the_plugin_is_ready_for_qt6_and_for_qgis_3_22() -> None:
    found = [
        f"{path.relative_to(PLUGIN.parent)}: {line}"
        for path in sorted(PLUGIN.rglob("*.py"))
        if "vendor" not in path.parts
        for line in complaints(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "QgsProcessing.TypeRaster",
        "f(QgsProcessingParameterNumber.Integer)",
        "Qgis.Warning",
        "Qt.UserRole",
        "QImage.Format_ARGB32",
        "p.setFlags(p.flags() | QgsProcessingParameterDefinition.FlagAdvanced)",
        "Qgis.ProcessingSourceType.Raster",
        "Qgis.LayerType.Raster",
        "dialog.exec_()",
        "from PyQt5.QtCore import QObject",
        "import PyQt6.QtCore",
        "import sip",
        "from qgis.PyQt.QtCore import QRegExp",
        "from qgis.PyQt.QtGui import QAction",
    ],
)
def test_a_spelling_that_breaks_is_found(line: str) -> None:
    assert complaints(line)


@pytest.mark.parametrize(
    "line",
    [
        "QgsProcessing.SourceType.TypeRaster",
        "QgsProcessing.TEMPORARY_OUTPUT",
        "Qgis.MessageLevel.Warning",
        "Qgis.QGIS_VERSION_INT",
        "QgsProcessingContext.LayerDetails('name', project, 'OUTPUT')",
        "QCoreApplication.translate('ksdiff', 'text')",
        "QgsMapLayerType.RasterLayer",
        "number = QgsProcessingParameterNumber.Type",
        "QgsRasterBandStats.Stats.Mean",
        "from qgis.PyQt.QtWidgets import QAction",
        "from qgis.PyQt import sip",
        "dialog.exec()",
    ],
)
def test_a_spelling_that_works_everywhere_is_not_complained_about(line: str) -> None:
    assert not complaints(line)
