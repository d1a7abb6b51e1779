"""The plugin inside QGIS: what it adds, what it takes away, what its settings do, where it finds the engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

ROOT = Path(__file__).resolve().parents[2]


def provider() -> Any:
    return core.QgsApplication.processingRegistry().providerById("ksdiff")


def test_the_provider_says_who_it_is(plugin: Any) -> None:
    found = provider()
    assert found.id() == "ksdiff"
    assert found.versionInfo() == "0.1.0" or found.versionInfo().count(".") == 2
    assert Path(found.svgIconPath()).is_file()
    assert not found.icon().isNull()
    assert found.defaultRasterFileExtension() == "tif"
    assert not found.supportsNonFileBasedOutput()


def test_the_packaged_engine_is_used_and_not_one_that_lies_about(plugin: Any) -> None:
    from ksdiff_qgis._engine import engine

    assert engine.__name__ == "ksdiff_qgis.engine"


def test_in_the_repository_the_engine_beside_the_plugin_is_used() -> None:
    code = "from ksdiff_qgis._engine import engine, load; print(engine.__name__, load('events').__name__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["engine", "engine.events"]


def test_starting_twice_adds_one_provider_and_unloading_takes_it_and_its_settings_away(qgis: Any, plugin: Any) -> None:
    from processing.core.ProcessingConfig import ProcessingConfig

    plugin.initProcessing()
    providers = [item.id() for item in core.QgsApplication.processingRegistry().providers()]
    assert providers.count("ksdiff") == 1
    plugin.unload()
    assert provider() is None
    assert "KSDIFF_THREADS" not in ProcessingConfig.getSettings().get("KSDiff", {})
    plugin.initGui()
    assert provider() is not None


def test_the_number_of_threads_comes_from_the_setting_and_the_environment_wins(
    plugin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from processing.core.ProcessingConfig import ProcessingConfig

    from ksdiff_qgis import settings

    assert settings.threads() == 0
    ProcessingConfig.setSettingValue("KSDIFF_THREADS", 3)
    try:
        assert settings.threads() == 3
        monkeypatch.setenv("KSDIFF_THREADS", "5")
        assert settings.threads() == 5
        monkeypatch.setenv("KSDIFF_THREADS", "many")
        with pytest.raises(core.QgsProcessingException, match="KSDIFF_THREADS is 'many'; give a whole number"):
            settings.threads()
    finally:
        ProcessingConfig.setSettingValue("KSDIFF_THREADS", 0)


def test_what_must_outlive_an_update_is_kept_outside_the_plugin(plugin: Any) -> None:
    from ksdiff_qgis import paths

    for folder in (paths.user_data(), paths.user_cache()):
        assert folder.name == "ksdiff"
        assert paths.root() not in folder.parents


def test_loading_the_plugin_imports_no_numbers_and_no_files(plugin: Any) -> None:
    code = (
        "import sys, ksdiff_qgis; ksdiff_qgis.classFactory(None); "
        "print(*[n for n in sys.modules if n in ('torch', 'osgeo.gdal') or n.startswith('ksdiff_qgis.engine.')])"
    )
    paths = [str(Path(sys.modules["ksdiff_qgis"].__file__).parents[1]), *sys.path]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stdout.split()
    assert "torch" not in loaded
    assert not [name for name in loaded if name.startswith(("ksdiff_qgis.engine.raster", "ksdiff_qgis.engine.jobs"))]
