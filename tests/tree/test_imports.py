"""Who may import whom: the rooms of the engine and the rings around it, read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "engine"
PLUGIN = ROOT / "ksdiff_qgis"

MAX_LINES = 400
HEAVY = {"numpy", "osgeo", "torch", "qgis"}


class Rule(NamedTuple):
    """What a room or a module may import: rooms or modules of the engine, and third parties."""

    engine: set[str]
    third: set[str]


BASIC = {"errors", "request", "events"}
BELOW_JOBS = {
    *BASIC,
    *("grid", "pixels", "sensors", "metrics", "raster", "network", "modelfile", "methods", "data", "training"),
    *("remote", "pages", "environment"),
}

# A room's rule holds for each of its modules; a module named here has its own rule instead.
# Rooms that do not exist yet are in the table already, and simply not met.
TABLE = {
    "errors": Rule(set(), set()),
    "request": Rule({"errors"}, set()),
    "events": Rule({"errors"}, set()),
    "lock": Rule(set(), set()),
    "ownpython": Rule(set(), set()),
    "__main__": Rule({"cli"}, set()),
    "grid": Rule({"errors"}, {"numpy"}),
    "pixels": Rule({"errors"}, {"numpy"}),
    "sensors": Rule({"errors"}, set()),
    "metrics": Rule({"errors", "pixels", "sensors"}, {"numpy"}),
    "pages": Rule({"errors", "metrics"}, {"numpy"}),
    "raster": Rule({"errors", "lock", "ownpython", "request", "grid", "pixels", "sensors"}, {"numpy", "osgeo"}),
    "raster.hdf5_reader": Rule(set(), {"numpy", "osgeo"}),
    "network": Rule({"errors"}, {"torch"}),
    "modelfile": Rule({"errors", "sensors"}, set()),
    "modelfile.store": Rule({"errors", "sensors", "network"}, {"torch", "safetensors"}),
    "methods": Rule({"errors", "grid", "pixels", "sensors"}, {"numpy"}),
    "methods.neural": Rule({"errors", "grid", "pixels", "sensors", "modelfile.card"}, {"numpy"}),
    "methods.bandwise": Rule({"errors", "grid", "pixels", "sensors", "modelfile.card"}, {"numpy"}),
    "methods.fuser": Rule({"errors", "network", "modelfile"}, {"numpy", "torch"}),
    "data": Rule({"errors", "grid", "pixels", "sensors"}, {"numpy"}),
    "data.from_scenes": Rule({"errors", "request", "grid", "pixels", "sensors", "raster"}, {"numpy"}),
    "data.from_h5": Rule({"errors", "grid", "pixels", "sensors", "raster"}, {"numpy"}),
    "data.sampling": Rule({"errors", "grid", "pixels", "sensors"}, {"numpy", "torch"}),
    "data.augment": Rule({"errors", "grid", "pixels", "sensors"}, {"numpy", "torch"}),
    "training": Rule({*BASIC, "lock", "data", "network", "modelfile", "metrics"}, {"numpy", "torch"}),
    "environment": Rule({"errors", "lock"}, set()),
    "remote": Rule(BASIC, {"numpy"}),
    "remote.boot": Rule(set(), set()),
    "remote.interpreter": Rule({*BASIC, "ownpython", "environment"}, set()),
    "remote.server": Rule({*BASIC, "methods", "training", "modelfile"}, {"numpy", "torch"}),
    "jobs": Rule(BELOW_JOBS, {"numpy"}),
    "cli": Rule({*BASIC, "jobs"}, set()),
}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def own_sources() -> list[Path]:
    """Every Python file that enters the zip and is ours."""
    return [*ENGINE.rglob("*.py"), *(path for path in PLUGIN.rglob("*.py") if "vendor" not in path.parts)]


def module_of(path: Path, base: Path) -> str:
    """Return the dotted name of a file inside `base`; a package has the name of its folder."""
    parts = list(path.relative_to(base).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module, module: str, is_package: bool, base: Path) -> Iterator[tuple[str, str]]:
    """Yield ("third", top-level name) and ("own", module inside `base`) for every import, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield "third", name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield "third", (node.module or "").split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".") if module else []
            up = node.level - (1 if is_package else 0)
            parts = parts[: len(parts) - up] + (node.module or "").split(".") * bool(node.module)
            for name in node.names:
                target = base.joinpath(*parts, name.name)
                inside = target.with_suffix(".py").is_file() or target.is_dir()
                yield "own", ".".join([*parts, name.name] if inside else parts)


def forbidden(tree: ast.Module, module: str, is_package: bool, base: Path = ENGINE) -> list[str]:
    """Return what `module` of the engine imports against the table."""
    room = module.split(".")[0]
    rule = TABLE.get(module) or TABLE.get(room) or Rule(set(), set())
    found = []
    for kind, name in imports(tree, module, is_package, base):
        if kind == "third":
            allowed = name in sys.stdlib_module_names or name in rule.third
        else:
            heads = {".".join(name.split(".")[:depth]) for depth in range(1, name.count(".") + 2)}
            allowed = not name or name.split(".")[0] == room or bool(heads & rule.engine)
        if not allowed:
            found.append(f"{module or 'engine'} may not import {name}")
    return found


def test_the_engine_imports_along_the_table_only() -> None:
    broken = [
        line
        for path in ENGINE.rglob("*.py")
        for line in forbidden(parse(path), module_of(path, ENGINE), path.name == "__init__.py")
    ]
    assert not broken, "\n".join(broken)


def test_every_room_of_the_engine_stands_in_the_table() -> None:
    rooms = {module_of(path, ENGINE).split(".")[0] for path in ENGINE.rglob("*.py")} - {""}
    assert rooms <= set(TABLE)


def test_the_table_has_no_circle() -> None:
    rooms = {name.split(".")[0] for name in TABLE}
    arrows: dict[str, set[str]] = {room: set() for room in rooms}
    for name, rule in TABLE.items():
        arrows[name.split(".")[0]] |= {target.split(".")[0] for target in rule.engine}
    while arrows:
        leaves = {room for room, targets in arrows.items() if not targets & set(arrows)}
        assert leaves, f"A circle among {sorted(arrows)}"
        for room in leaves:
            del arrows[room]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("grid.window", "from osgeo import gdal"),
        ("grid.window", "from ..raster import scene"),
        ("raster.scene", "from ..methods.method import Method"),
        ("methods.component", "import torch"),
        ("methods.component", "from ..raster.scene import Scene"),
        ("jobs.sharpen", "from osgeo import gdal"),
        ("jobs.sharpen", "from ..cli import main"),
        ("errors", "import numpy.typing as npt"),
        ("jobs.sharpen", "from engine.errors import EngineError"),
        ("cli.main", "from qgis.core import QgsRasterLayer"),
        ("remote.client", "from ..methods.fuser import LocalFuser"),
        ("remote.client", "import torch"),
        ("methods.neural", "import torch"),
        ("grid.window", "def late():\n    from ..jobs import sharpen"),
        ("", "from . import errors"),
    ],
)
def test_an_import_against_the_table_is_found(module: str, line: str) -> None:
    assert forbidden(ast.parse(line), module, is_package=not module)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("grid.tiling", "from .window import Window"),
        ("grid.tiling", "from . import window"),
        ("raster.scene", "from ..grid import window\nfrom osgeo import gdal\nimport numpy as np"),
        ("methods.fuser", "import torch"),
        ("methods.neural", "from ..modelfile.card import InputContract"),
        ("remote.server", "from ..methods.fuser import LocalFuser"),
        ("cli.main", "from .. import __version__\nimport argparse"),
        ("jobs.sharpen", "from ..raster.scene import Scene"),
    ],
)
def test_an_import_along_the_table_is_not_complained_about(module: str, line: str) -> None:
    assert not forbidden(ast.parse(line), module, is_package=False)


def test_importing_the_engine_imports_nothing_heavy() -> None:
    script = "import sys, engine, engine.errors, engine.request, engine.events; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_the_plugin_imports_neither_torch_nor_qt_past_qgis() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in PLUGIN.rglob("*.py")
        for kind, name in imports(parse(path), module_of(path, PLUGIN), path.name == "__init__.py", PLUGIN)
        if kind == "third" and name in {"torch", "PyQt5", "PyQt6", "sip", "engine"}
    ]
    assert not broken, "\n".join(broken)


def test_what_the_plugin_loads_of_the_engine_needs_no_torch() -> None:
    # Rules of rooms do not see it: a job may import the training, which does, and another job that one.
    calls = [node for path in PLUGIN.rglob("*.py") for node in ast.walk(parse(path)) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if getattr(call.func, "id", "") == "load"]
    loaded = {str(name.value) for name in names if isinstance(name, ast.Constant)}
    assert {"jobs.sharpen", "jobs.trainingset", "jobs.teach"} <= loaded
    script = "import sys; sys.modules.update(torch=None, safetensors=None, h5py=None)\n"
    script += "".join(f"import engine.{name}\n" for name in sorted(loaded))
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_prints_but_the_command_line() -> None:
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in own_sources()
        if path.relative_to(ROOT).parts[:2] not in {("engine", "cli"), ("engine", "__main__.py")}
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing, "\n".join(printing)


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in own_sources()}
    long = [f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in lengths.items() if lines > MAX_LINES]
    assert not long, "\n".join(long)


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in own_sources() if not ast.get_docstring(parse(path))]
    assert not silent, "\n".join(silent)


def test_no_module_of_the_engine_has_the_name_of_a_standard_one_or_of_a_drawer() -> None:
    names = {path.stem for path in ENGINE.rglob("*.py")} | {path.name for path in ENGINE.rglob("*") if path.is_dir()}
    assert not names & {"utils", "util", "common", "core", "base", "helpers", "misc"}
    assert not (names - {"__init__", "__main__", "__pycache__"}) & set(sys.stdlib_module_names)
