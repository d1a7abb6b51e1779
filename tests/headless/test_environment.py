"""ksdiff:check and ksdiff:setup through `qgis_process`: answers as JSON, failures with a sentence and code 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.environment.stubs import write_stub
from tests.environment.test_probe import told
from tests.environment.wheels import write_wheels


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


def test_a_check_answers_with_what_a_python_has(headless: Any, tmp_path: Path) -> None:
    done = headless("run", "ksdiff:check", "--json", "--", f"PYTHON={write_stub(tmp_path, told())}")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["USABLE"] == 1 and results["TORCH"] == "2.13.0" and results["DEVICES"] == "cpu"


def test_a_dry_run_answers_with_the_commands(headless: Any, wheels: Path) -> None:
    done = headless("run", "ksdiff:setup", "--json", "--", f"WHEELS={wheels}", "DRY_RUN=true")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["MADE"] == 0 and "--no-index" in results["COMMANDS"] and results["DOWNLOAD_MB"] == 0


def test_a_python_that_is_none_ends_with_code_1_and_a_sentence(headless: Any, tmp_path: Path) -> None:
    done = headless("run", "ksdiff:setup", "--json", "--", f"PYTHON={write_stub(tmp_path, 'exit 3')}", "DRY_RUN=true")
    assert done.returncode == 1 and done.stdout.strip() == ""
    assert "does not answer as a Python does (it ended with code 3" in done.stderr and "Traceback" not in done.stderr
