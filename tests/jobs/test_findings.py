"""What was found as JSON and as a table: strict, complete, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import numpy as np
import pytest

from engine.jobs.findings import as_csv, as_json, as_text, judged_first
from engine.pages.evaluation import Counts, Evaluation
from tests.pages.samples import baseline, candidate, evaluation, reduced


def rows(found: Evaluation) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(found), newline="")))


def refuse(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


def test_the_table_has_one_line_per_image_and_one_column_per_band() -> None:
    found = evaluation(baseline(), candidate("gsa", counts=Counts(100, 3, 4, (1, 2, 0, 0), (0, 0, 0, 9))))
    first, second = rows(found)
    assert (first["image"], first["kind"]) == ("EXP", "baseline") and (second["image"], second["kind"]) == (
        "gsa",
        "method",
    )
    assert [float(second[f"reduced_rmse_percent_{band}"]) for band in (1, 2, 3, 4)] == [4.0, 5.0, 6.0, 7.0]
    assert "reduced_rmse_percent" not in second and "reduced_rmse_percent_5" not in second
    assert float(second["full_hqnr"]) == 0.9
    assert [second[f"count_{name}"] for name in ("pixels", "lost", "invented", "bottom_2", "top_4")] == [
        *("100", "3", "4", "2", "9")
    ]
    assert [float(second[f"shift_from_{name}"]) for name in ("pan_x", "pan_y", "ms_x", "ms_y")] == [
        *(0.02, -0.01, 0.01, 0.03)
    ]


def test_what_was_not_measured_is_an_empty_cell() -> None:
    bare = candidate("file", reduced=None, counts=None, shift_from_pan=None)
    partly = candidate("gsa", reduced=reduced(psnr=None, rmse=[1.0, None, 3.0, 4.0]))
    _, file, method = rows(evaluation(baseline(), bare, partly))
    assert file["reduced_ergas"] == file["reduced_rmse_4"] == file["count_pixels"] == file["shift_from_pan_x"] == ""
    assert (method["reduced_psnr"], method["reduced_rmse_1"], method["reduced_rmse_2"]) == ("", "1.0", "")
    assert not [value for row in rows(evaluation(bare)) for value in row.values() if value is None]


def test_numbers_are_written_to_the_last_digit_and_as_numbers_alone() -> None:
    value = np.float64(0.1) + np.float64(0.2)
    (row,) = rows(evaluation(candidate(reduced=reduced(ergas=value), shift_from_pan=(value, -value))))
    assert float(row["reduced_ergas"]) == float(row["shift_from_pan_x"]) == 0.1 + 0.2
    assert row["shift_from_pan_y"] == "-0.30000000000000004"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_a_spreadsheet_would_run_is_made_inert(start: str) -> None:
    name = f'{start}HYPERLINK("http://x";"y")'
    (row,) = rows(evaluation(candidate(name, source=name)))
    assert row["image"] == row["source"] == f"'{name}"


def test_negative_numbers_stay_numbers() -> None:
    (row,) = rows(evaluation(candidate(reduced=reduced(bias=[-1.5, 0.0, 0.0, 0.0]), shift_from_ms=(-2.0, 0.0))))
    assert (row["reduced_bias_1"], row["shift_from_ms_x"]) == ("-1.5", "-2.0")


@pytest.mark.parametrize("name", ["a,b;c.tif", 'say "x".tif', "two\nlines.tif", "ümlaut\x07.tif"])
def test_odd_names_stay_in_their_cell(name: str) -> None:
    first, second = rows(evaluation(baseline(), candidate(name)))
    assert (first["image"], second["image"]) == ("EXP", name)


def test_json_is_strict_and_holds_all_numbers() -> None:
    odd = candidate(
        "x\x00\x1b\u2028.tif",
        reduced=reduced(ergas=math.nan, rmse=[math.inf, 1.0, 2.0, 3.0]),
        shift_from_pan=(math.nan, 1.0),
    )
    read = json.loads(as_text(evaluation(baseline(), odd)), parse_constant=refuse)
    assert read == as_json(evaluation(baseline(), odd))
    image = read["images"][1]
    assert image["name"] == "x\x00\x1b\u2028.tif"
    assert image["reduced"]["ergas"] is None and image["reduced"]["rmse"] == [None, 1.0, 2.0, 3.0]
    assert image["shift_from_pan"] == [None, 1.0]
    assert image["counts"] == {"pixels": 10_000, "lost": 0, "invented": 0, "bottom": [0] * 4, "top": [0] * 4}
    assert read["local_shifts"][0] == {"col": 10.0, "row": 20.0, "dx": 0.1, "dy": 0.0, "correlation": 0.9}
    assert read["wavelengths_um"] == [0.48, 0.55, 0.66, 0.83] and read["shift"] == [0.05, -0.02]


def test_json_stays_readable_and_bytes_that_are_no_text_can_be_written() -> None:
    text = as_text(evaluation(candidate("Größe.tif"), pan="caf\udce9.tif"))
    assert "Größe.tif" in text
    assert json.loads(text.encode("utf-8", "backslashreplace"))["pan"] == "caf\udce9.tif"


def test_no_picture_is_in_the_json() -> None:
    images = as_json(evaluation())["images"]
    assert {key for image in images for key in image} == {
        *("name", "kind", "source", "reduced", "full", "counts", "shift_from_pan", "shift_from_ms")
    }


@pytest.mark.parametrize(
    ("candidates", "judged"),
    [
        ((baseline(), candidate("gsa"), candidate("a.tif", kind="file"), candidate("b.tif", kind="file")), "a.tif"),
        ((baseline(), candidate("gsa"), candidate("gs")), "gsa"),
        ((baseline(),), "EXP"),
    ],
)
def test_the_first_file_is_judged_or_else_the_first_method(candidates: Any, judged: str) -> None:
    assert judged_first(evaluation(*candidates)).name == judged
