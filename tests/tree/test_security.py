"""The plugin site's security scan of the zip: one hit, however small, blocks the upload."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest


def bandit(folder: Path) -> list[str]:
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json", str(folder)]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert not answer["errors"]
    return [f"{hit['filename']}:{hit['line_number']} {hit['test_id']} {hit['issue_text']}" for hit in answer["results"]]


def secrets(folder: Path) -> list[str]:
    # --no-verify: asking a stranger's server whether a find is real is no part of a test.
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify", "."]
    answer = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)
    return [f"{name}:{hit['line_number']} {hit['type']}" for name, hits in answer["results"].items() for hit in hits]


@pytest.mark.slow
def test_bandit_finds_nothing_in_the_zip(unpacked: Path) -> None:
    found = bandit(unpacked)
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_detect_secrets_finds_nothing_in_the_zip(unpacked: Path) -> None:
    found = secrets(unpacked)
    assert not found, "\n".join(found)


def test_every_silenced_rule_is_named_with_its_reason(unpacked: Path) -> None:
    silenced = [
        (path.name, line.strip())
        for path in unpacked.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "nosec" in line
    ]
    assert not [place for place in silenced if not re.search(r"# nosec B\d{3}(, ?B\d{3})* \S.*\w", place[1])]


@pytest.mark.parametrize("line", ["assert True", "import pickle", "import subprocess"])
def test_the_scan_is_as_strict_as_the_sites(line: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(f"{line}\n")
    assert bandit(tmp_path)


def test_the_scan_sees_a_secret(tmp_path: Path) -> None:
    digits = "0123456789abcdef" * 2  # put together here, so that this file itself stays clean
    (tmp_path / "module.py").write_text(f'KEY = "{digits[3:]}7f4c2{digits[:11]}"\n')
    assert secrets(tmp_path)
