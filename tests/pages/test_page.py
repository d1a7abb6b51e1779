"""The page is well-formed, harmless and complete, and shows what there is and nothing that is not."""

from __future__ import annotations

import dataclasses
import math
import re
from html.parser import HTMLParser

import pytest

from engine.pages.evaluation import Arrow, Evaluation, MapPicture
from engine.pages.page import render
from tests.pages.samples import PICTURE, baseline, candidate, evaluation, full, reduced

VOID = {"meta", "img"}
HOSTILE = "<script>alert('1')</script>\"'&\x00\x1b\udcff\u202e" + "very_long_" * 60


class Reader(HTMLParser):
    """What a page holds; a tag that is closed wrongly stops it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def without_data(page: str) -> str:
    return re.sub(r"base64,[A-Za-z0-9+/=]*", "", page)


def empty() -> Evaluation:
    """Return an evaluation where everything that may be missing or nan is."""
    nothing = {
        key: [math.nan, None, math.inf, -math.inf] if isinstance(value, list) else math.nan
        for key, value in {**reduced(), **full()}.items()
    }
    bad = dataclasses.replace(
        candidate("A", reduced=nothing, full=nothing, shift_from_pan=(math.nan, 1.0), shift_from_ms=(math.inf, 0.0)),
        error=MapPicture(PICTURE, math.nan, math.nan, "%"),
        power=(math.nan, math.inf, -1.0),
    )
    return evaluation(
        dataclasses.replace(bad, kind="baseline"),
        bad,
        ratio=math.nan,
        wavelengths=(math.nan, None, 1.0, 2.0),
        shift=(math.nan, math.nan),
        arrows=(Arrow(math.nan, 1.0, math.nan, 0.0, math.nan),),
        histogram_ranges=((math.nan, math.inf),) * 4,
        frequencies=(math.nan, 0.1, math.inf),
        pan_power=(math.nan, math.nan, 0.0),
    )


SAMPLES = {
    "whole": evaluation(),
    "empty": empty(),
    "nobody": dataclasses.replace(evaluation(), candidates=()),
    "baseline": evaluation(baseline()),
    "twelve": evaluation(baseline(), *(candidate(f"M{number}") for number in range(12))),
    "one band": evaluation(
        candidate(reduced=reduced(count=1), full=full(count=1)), band_names=("only",), wavelengths=(None,)
    ),
    "no truth": evaluation(candidate(reduced=None, error=None, quality=None)),
    "hostile": evaluation(
        baseline(),
        candidate(HOSTILE, source=HOSTILE),
        pan=HOSTILE,
        ms=(HOSTILE, HOSTILE),
        band_names=(HOSTILE,) * 4,
        wavelengths=(None,) * 4,
        facts={HOSTILE: HOSTILE},
        warnings=(HOSTILE,),
        notes=(HOSTILE,),
        created=HOSTILE,
    ),
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_every_page_is_well_formed_without_scripts_and_needs_nothing_from_elsewhere(sample: Evaluation) -> None:
    page = render(sample)
    page.encode("utf-8")
    seen = Reader(page)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(seen.tags)
    assert "://" not in without_data(page) and "<script" not in page
    for name, value in seen.attributes:
        assert not name.startswith("on")
        assert name not in {"src", "href"} or value.startswith(("data:image/", "#"))
    assert ("content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'") in seen.attributes


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_no_page_shows_what_is_no_number(sample: Evaluation) -> None:
    assert not re.findall(r"\b(?:nan|inf|None|Infinity)\b", without_data(render(sample)))


def test_hostile_names_are_shown_as_they_are_but_for_what_cannot_be() -> None:
    texts = "".join(Reader(render(SAMPLES["hostile"])).texts)
    assert "<script>alert('1')</script>\"'&\ufffd\ufffd\ufffd\ufffdvery_long_" in texts


def test_the_best_and_what_is_as_good_are_marked() -> None:
    page = render(evaluation(baseline(), candidate("A"), candidate("B", reduced=reduced(2.03, 3.5, 0.8))))
    table = page[page.index('id="truth"') :]
    row = {name: re.findall(r"<td[^>]*>.*?</td>", _row(table, name)) for name in ("EXP", "A", "B")}
    assert row["A"][0] == '<td class="best">2.000<sup title="best">★</sup></td>'
    assert row["B"][0] == '<td>2.030<sup title="as good as the best">≈</sup></td>'
    assert row["EXP"][0] == "<td>4.000<sup></sup></td>"
    assert row["B"][1] == "<td>3.500<sup></sup></td>"


def test_a_number_that_could_not_be_had_is_a_dash_and_nothing_is_best_alone() -> None:
    page = render(evaluation(candidate("A", reduced=reduced(psnr=None))))
    assert "<td>–<sup></sup></td>" in page and "★" not in page


def test_an_image_without_truth_has_no_row_among_those_with_one() -> None:
    page = render(evaluation(baseline(), candidate("A"), candidate("F", reduced=None)))
    truth, rest = page[page.index('id="truth"') :].split('id="full"')
    assert "<span>A</span></span></th>" in truth and "<span>F</span></span></th>" not in truth
    assert "<span>F</span></span></th>" in rest


def _row(page: str, name: str) -> str:
    return next(row for row in re.findall(r"<tr>.*?</tr>", page) if f"<span>{name}</span>" in row)


def test_sections_without_data_do_not_appear() -> None:
    bare = candidate("A", reduced=None, full=full(), counts=None, shift_from_pan=None, shift_from_ms=None)
    bare = dataclasses.replace(bare, error=None, quality=None, histograms=(), power=(), crops=())
    page = render(
        evaluation(
            bare,
            shift=None,
            arrows=(),
            places=(),
            histogram_ranges=(),
            ms_histograms=(),
            frequencies=(),
            pan_power=(),
            notes=(),
        )
    )
    assert re.findall(r'<section id="([^"]*)"', page) == ["meaning", "pair", "full", "metrics"]
    assert re.findall(r'href="#([^"]*)"', page) == ["full", "metrics"]
    everything = render(evaluation(notes=("A note.",)))
    assert re.findall(r'<section id="([^"]*)"', everything) == [
        *("meaning", "pair", "close-ups", "truth", "full", "values", "registration", "pixels", "notes", "metrics")
    ]


def test_what_was_left_out_is_said() -> None:
    page = render(evaluation(baseline(), candidate("A", reduced=reduced(pixels_left_out=0.012, blocks_left_out=0.25))))
    assert "Left out, not valid or incomplete: up to 1.2\u00a0% of the pixels" in page
    assert "up to 25\u00a0% of the blocks (Q2n)" in page
    assert "Left out" not in render(evaluation())


def test_maps_of_one_scale_share_a_bar_and_others_have_their_own() -> None:
    assert render(evaluation()).count("Scale of colours") == 2
    other = candidate(error=MapPicture(PICTURE, 0.0, 50.0, "%"))
    assert render(evaluation(baseline(), other)).count("Scale of colours") == 3


def test_the_truth_is_named_and_the_footer_says_who_made_the_page_and_when() -> None:
    page = render(evaluation(reference="truth.tif"))
    assert "<dd>truth.tif</dd>" in page and "with the truth that was given" in page
    assert "Wald" in render(evaluation())
    assert "Made by KSDiff 1.2.3, 2024-05-06 07:08" in page


def test_wavelengths_are_an_axis_only_where_all_are_known() -> None:
    assert "wavelength, µm" in render(evaluation())
    assert "wavelength, µm" not in render(evaluation(wavelengths=(0.48, None, 0.66, 0.83)))


def test_a_bias_that_means_nothing_has_a_bar_too_short_to_be_taken_for_one() -> None:
    def widest(bias: float) -> float:
        page = render(evaluation(candidate("A", reduced=None, full=full(r_bias_percent=[bias, 0.0, 0.0, 0.0]))))
        bars = page[page.index("Bias to MS by band") :].split("</section>")[0]
        return max(float(width) for width in re.findall(r'<rect[^>]* width="([0-9.]+)"', bars))

    assert widest(0.002) < 2.0 < 50.0 < widest(0.2)
