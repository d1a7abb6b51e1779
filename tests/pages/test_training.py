"""The page of a training says where the run stands, whether anything was gained, and draws what the history holds."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from engine.pages.samples import view
from engine.pages.training import Run, Status, render, verdict

EXP = {"ergas": 4.0, "sam": 3.0, "q2n": 0.8, "scc": 0.9, "l1": 0.02}
GSA = {"ergas": 2.5, "sam": 2.5, "q2n": 0.85, "scc": 0.92, "l1": 0.015}
BEST = {"ergas": 2.0, "sam": 2.0, "q2n": 0.9, "scc": 0.95, "l1": 0.01}
RUNNING = Status("running", "Stage 1 of 2, step 7.", "It loads itself anew.", 0.25)


def line(stage: int, step: int, image: float, latent: float = 0.0) -> dict[str, Any]:
    return {"stage": stage, "step": step, "image": image, "latent": latent, "norm": 1.0, "rate": 1e-3}


def measured(stage: int, step: int, ergas: float) -> dict[str, Any]:
    return {"stage": stage, "step": step, "validation": {**BEST, "ergas": ergas}}


def look() -> Any:
    random = np.random.default_rng(0)
    truth = random.uniform(0.0, 1.0, (4, 16, 16))
    images = [("MS only enlarged", truth + 0.2), ("GSA", truth + 0.1), ("The model", None)]
    return view(truth.mean(0), truth, images, (2, 1, 0))


RUN = Run(
    title="A <b>title</b>",
    written="2026-01-31 12:00:00",
    version="0.1.0",
    status=Status("finished", "120 samples seen.", "", 1.0),
    facts={"device": "<i>cpu</i>"},
    sources=(("<u>pair</u>", "learning", "landsat7", "2", "6", "100%"),),
    settings={"batch": 32, "architecture": "</style><script>"},
    stages=2,
    history=(
        line(1, 10, 0.03),
        measured(1, 10, 1.5),
        line(1, 20, float("nan")),
        line(2, 10, 0.02, 0.5),
        measured(2, 10, 2.0),
    ),
    best=BEST,
    best_step=10,
    baseline="MS only enlarged",
    enlarged=EXP,
    rivals={"Brovey": {**GSA, "ergas": 3.0}, "GSA": GSA},
    views=(look(),),
    seen="step 10 of stage 2",
    warnings=("The clouds were <thick>.",),
)


class Tags(HTMLParser):
    """Counts elements and remembers their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.seen if name == tag]


def test_the_page_shows_status_scores_curves_pictures_sources_and_settings() -> None:
    page = render(RUN)
    for words in (
        "Finished", "120 samples seen.", "ERGAS, less is better", "SAM in degrees", "Q2n, more is better",
        "Of the image", "Of the latent", "better than GSA: 2.5", "Brovey", "landsat7", "batch", "32",
    ):  # fmt: skip
        assert words in page
    assert "nan" not in page
    tags = Tags(page)
    assert len(tags.of("svg")) >= 6
    # PAN, MS, GSA, truth; the errors of two; their colours.  What was not made is not shown.
    assert len(tags.of("img")) == 7


def test_the_best_of_each_score_is_bold() -> None:
    page = render(dataclasses.replace(RUN, rivals={"GSA": {**GSA, "q2n": 0.95}}))
    bold = re.findall(r'<td class="best">([^<]*)</td>', page)
    assert bold == ["2", "2", "0.95", "0.01", "0.95"]  # the model's, but for Q2n, of the row below


def test_one_sample_is_not_called_several() -> None:
    assert "A sample for validation, at" in render(RUN)
    assert "Samples for validation, the hardest first" in render(dataclasses.replace(RUN, views=RUN.views * 2))


def test_whatever_things_are_called_is_text() -> None:
    page = render(RUN)
    for words in ("&lt;b&gt;title", "&lt;i&gt;cpu", "&lt;u&gt;pair", "&lt;thick&gt;", "&lt;/style&gt;&lt;script&gt;"):
        assert words in page
    tags = Tags(page)
    assert not tags.of("script") and not tags.of("u") and len(tags.of("head")) == 1


def test_only_the_page_of_a_run_that_goes_on_loads_itself_anew() -> None:
    def refreshes(run: Run) -> list[dict[str, Any]]:
        return [each for each in Tags(render(run)).of("meta") if each.get("http-equiv") == "refresh"]

    running = dataclasses.replace(RUN, status=RUNNING)
    assert refreshes(running) == [{"http-equiv": "refresh", "content": "10"}]
    assert "<title>25%: A" in render(running) and "It loads itself anew." in render(running)
    assert "ERGAS now" in render(running)
    assert not refreshes(RUN) and "ERGAS now" not in render(RUN)


def test_nothing_is_taken_from_elsewhere() -> None:
    tags = Tags(render(RUN))
    assert not tags.of("link")
    assert all(each["src"].startswith("data:image/png;base64,") for each in tags.of("img"))


def test_half_the_error_is_a_gain_of_50_per_cent_and_of_20_over_the_best_method() -> None:
    found = verdict(RUN)
    assert found.level == "good"
    assert "50 % smaller than that of MS only enlarged and 20 % smaller than that of GSA" in found.text


@pytest.mark.parametrize(
    ("ergas", "level", "words"),
    [
        (2.47, "good", "1 % smaller than that of GSA"),
        (2.49, "warning", "Nothing was gained over GSA"),
        (3.9, "warning", "until then GSA does as well"),
        (3.99, "warning", "Nothing was gained over MS only enlarged"),
        (float("nan"), "warning", "Nothing was gained over MS only enlarged"),
    ],
)
def test_what_gains_nothing_is_said_to(ergas: float, level: str, words: str) -> None:
    found = verdict(dataclasses.replace(RUN, best={**BEST, "ergas": ergas}))
    assert found.level == level and words in found.text


def test_without_other_methods_the_samples_own_ms_has_to_be_beaten() -> None:
    found = verdict(dataclasses.replace(RUN, rivals={}, baseline="MTF-GLP-FS"))
    assert found.level == "good" and found.text.count("smaller than") == 1 and "MTF-GLP-FS" in found.text


def test_what_is_not_over_is_judged_as_such() -> None:
    running = dataclasses.replace(RUN, status=RUNNING)
    assert verdict(running).text.startswith("So far the error against the truth is 50 %")
    first = dataclasses.replace(running, history=RUN.history[:2], best={})
    assert "with a prior that the truth gives" in verdict(first).text and "ERGAS is 1.5" in verdict(first).text
    assert verdict(dataclasses.replace(running, history=(), best={})).text == "Nothing has been measured yet."


def test_a_run_without_a_validation_has_no_model() -> None:
    bare = dataclasses.replace(RUN, best={}, history=(), views=())
    assert "there is no model" in verdict(bare).text
    page = render(bare)
    assert "Of the image" not in page and "How it looks" not in page


def test_the_second_stage_is_drawn_where_the_first_ended_however_early_that_was() -> None:
    page = render(dataclasses.replace(RUN, history=(*RUN.history, measured(2, 20, 1.9))))
    # 20 steps of the first stage and 20 of the second: the axis ends at 40, whatever was planned.
    assert ">40</text>" in page and ">60</text>" not in page
