"""One QGIS for all tests of this folder: offscreen, in a throw-away profile, with the plugin as it is packaged."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pairs import Pair, write_pair
from tests.qgis.large import write_large_pair
from tools.package import install

PLUGINS_OF_QGIS = ("/usr/share/qgis/python/plugins", "/usr/lib/qgis/python/plugins")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qgis)


@pytest.fixture(scope="session")
def qgis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start QGIS once and return its application; the plugin is loaded as QGIS would, from a profile."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
            patch.setenv(name, str(home))
        home.chmod(0o700)
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        patch.setenv("QGIS_CUSTOM_CONFIG_PATH", str(home))
        patch.delenv("KSDIFF_THREADS", raising=False)
        plugins = install(home / "profiles" / "default").parent
        patch.syspath_prepend(str(plugins))
        for folder in (os.environ.get("QGIS_PLUGINS"), *PLUGINS_OF_QGIS):
            if folder and os.path.isdir(os.path.join(folder, "processing")):
                sys.path.append(folder)
                break
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # QGIS's own
            from qgis.gui import QgsGui
            from qgis.testing import start_app

            application = start_app()
            from processing.core.Processing import Processing

            Processing.initialize()
        QgsGui.editorWidgetRegistry().initEditors()
        yield application
        from qgis.core import QgsProject

        QgsProject.instance().clear()


@pytest.fixture(scope="session")
def plugin(qgis: Any) -> Iterator[Any]:
    """Return the plugin, started as in `qgis_process`."""
    import ksdiff_qgis

    started = ksdiff_qgis.classFactory(None)
    started.initProcessing()
    yield started
    started.unload()


@pytest.fixture
def project(plugin: Any) -> Iterator[Any]:
    """Return the project, emptied afterwards: a layer that outlives QGIS crashes it."""
    from qgis.core import QgsProject

    yield QgsProject.instance()
    QgsProject.instance().clear()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A small pair, for tests that only read it."""
    return write_pair(tmp_path_factory.mktemp("pair"), size=256)


@pytest.fixture(scope="session")
def large_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A pair that takes seconds: time enough to cancel."""
    return write_large_pair(tmp_path_factory.mktemp("large"), 4096)
