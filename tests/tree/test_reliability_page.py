"""The page on reliability is true: each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROW = re.compile(r"^\|(?!\s*(?:fault|:?-))(.+)\|$", re.MULTILINE)


def test_each_test_that_the_page_names_is_there(root: Path) -> None:
    page = (root / "docs" / "RELIABILITY.md").read_text(encoding="utf-8")
    named = NAMED.findall(page)
    assert len(named) > 60
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (root / path).is_file() or f"def {name}(" not in (root / path).read_text(encoding="utf-8")
    ]
    assert not missing, "\n".join(missing)


def test_each_fault_names_how_it_is_brought_about_what_happens_and_its_test(root: Path) -> None:
    page = (root / "docs" / "RELIABILITY.md").read_text(encoding="utf-8")
    faults = page.split("## Fuzzing")[0]
    rows = [[cell.strip() for cell in row.split("|")] for row in ROW.findall(faults)]
    assert len(rows) > 40
    wrong = [row[0] for row in rows if len(row) != 4 or not all(row) or not NAMED.search(row[3])]
    assert not wrong, "\n".join(wrong)
