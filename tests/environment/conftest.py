"""Wheels, and plans that need no index and no pip."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.environment.plan import Plan
from tests.environment.plans import quick_plan
from tests.environment.wheels import write_wheels


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose name has a space and an umlaut."""
    return write_wheels(tmp_path_factory.mktemp("wheels") / "ein Gerät")


@pytest.fixture
def planned(wheels: Path, tmp_path: Path) -> Plan:
    """A plan that takes a second: the packages are unpacked without pip."""
    return quick_plan(tmp_path / "meine Übung", wheels)
