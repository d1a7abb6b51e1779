"""The page of models shows each card in full, marks what was best, and takes all words as words."""

from __future__ import annotations

import dataclasses
import re

from engine.pages.models import Lesson, Measured, Shown, render

MODEL = Shown(
    title="Sharp <b>one</b>",
    name="ksdiff-one 1.0.0",
    created="2026-01-31",
    description="Takes & gives.\n\nWeak over water.",
    facts={"Takes": "4 bands", "Licence of the weights": "CC-BY-4.0", "Lies in": "/tmp/a & b.safetensors"},
    measured=(
        Measured("Oslo", "Wald", {"": {"ergas": 2.0, "SAM": 3.0, "l1": 0.5}, "gsa": {"ergas": 4.0, "SAM": 1.0}}),
        Measured("Rome", "Wald <2>", {"": {"ergas": 1.0}}),
    ),
    lessons=(Lesson("Scenes of Oslo", "CC0-1.0", ("Kari", "Ola")),),
)


def rows(page: str) -> list[list[str]]:
    """Return the words of each row of the tables."""
    found = re.findall("<tr>(.*?)</tr>", page)
    return [[re.sub("<[^>]*>", "", cell) for cell in re.findall("<t[hd].*?</t[hd]>", row)] for row in found]


def test_a_card_is_shown_in_full() -> None:
    page = render([MODEL], [], "2026-02-01 12:00", "0.1.0")
    for words in ("1 model · 2026-02-01 12:00", "ksdiff-one 1.0.0 · made 2026-01-31", "CC-BY-4.0", "Weak over water."):
        assert words in page
    assert "<p>Takes &amp; gives.</p>" in page and "Sharp &lt;b&gt;one" in page and "Wald &lt;2&gt;" in page
    assert ["Scenes of Oslo", "CC0-1.0", "Kari; Ola"] in rows(page)


def test_scores_stand_beside_those_of_others_and_the_best_of_each_set_is_marked() -> None:
    page = render([MODEL], [], "", "")
    table = rows(page)
    assert table[0] == ["Images", "ERGAS", "SAM, °", "Mean error"]
    assert table[1:4] == [
        ["Oslo · this model", "2", "3", "0.5"],
        ["Oslo · gsa", "4", "1", "–"],
        ["Rome · this model", "1", "–", "–"],
    ]
    assert re.findall('<td class="best">([^<]*)', page) == ["2", "1"], "what is alone is not the best of anything"


def test_a_model_without_scores_or_lessons_has_no_empty_tables() -> None:
    page = render([dataclasses.replace(MODEL, measured=(), lessons=())], [], "", "")
    assert "<table" not in page and "<h3" not in page


def test_links_lead_to_each_of_several_models_and_problems_come_first() -> None:
    page = render([MODEL, MODEL], ["/m.safetensors is <empty>."], "", "")
    for place in (1, 2):
        assert f'href="#model-{place}"' in page and f'id="model-{place}"' in page
    assert 0 < page.index("is &lt;empty&gt;.") < page.index('id="model-1"')


def test_without_models_the_page_says_so() -> None:
    assert "0 models" in render([], [], "", "")
