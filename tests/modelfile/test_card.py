"""A card says the same when it is read again, and one that is not as agreed is refused in words."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest

from engine.errors import ModelFileError
from engine.modelfile import card as cards
from engine.modelfile.card import KEY, Base, Card
from engine.modelfile.header import read_metadata
from engine.modelfile.places import SHIPPED
from engine.pixels.resample import reach
from engine.request import RESAMPLINGS
from tests.modelfile.cards import card, contract, fields


def refusal(text: str) -> str:
    with pytest.raises(ModelFileError) as caught:
        Card.from_json(text)
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


def changed(path: str, value: Any) -> str:
    """Return the JSON of a card in which what lies at `path` was replaced."""
    values = fields()
    *way, last = path.split("/")
    inside: Any = values
    for step in way:
        inside = inside[int(step) if step.isdigit() else step]
    inside[int(last) if last.isdigit() else last] = value
    return json.dumps(values)


def test_a_card_reads_as_it_was_written() -> None:
    written = card()
    assert Card.from_json(written.to_json()) == written
    assert Card.from_json(written.to_json()).to_json() == written.to_json()


def test_a_card_that_names_a_base_reads_as_it_was_written() -> None:
    written = card(base=Base("ksdiff-any", "0.11.0", "cd" * 32))
    assert json.loads(written.to_json())["base"] == {
        "name": "ksdiff-any", "version": "0.11.0", "tensor_hash": "cd" * 32
    }  # fmt: skip
    assert Card.from_json(written.to_json()) == written != card()
    assert str(written.base) == "ksdiff-any 0.11.0 (sha256 cdcdcdcdcdcd)"


def test_a_card_without_a_base_does_not_speak_of_it() -> None:
    assert '"base"' not in card().to_json() and Card.from_json(card().to_json()).base is None
    shipped = sorted(SHIPPED.glob("*.safetensors"))
    texts = [read_metadata(str(path))[KEY] for path in shipped]
    assert texts and all(Card.from_json(text).to_json() == text for text in texts)


def test_the_order_of_keys_and_whole_numbers_for_fractions_make_no_other_card() -> None:
    values = fields()
    values["input"]["ratio"] = 4
    shuffled = json.dumps(dict(reversed(values.items())), indent=3)
    assert Card.from_json(shuffled).to_json() == card().to_json()
    backwards = card(architecture=dict(reversed(card().architecture.items())))
    assert backwards.to_json() == card().to_json()


def test_a_card_is_one_line_of_ascii_whatever_it_says() -> None:
    assert card().to_json().isascii() and "\n" not in card().to_json()
    assert "雪" in Card.from_json(card().to_json()).description


def test_a_card_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        card().name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("dropped", sorted(fields()))
def test_each_field_is_needed(dropped: str) -> None:
    values = fields()
    del values[dropped]
    assert f"lacks {dropped}" in refusal(json.dumps(values))


@pytest.mark.parametrize("inside", ["", "input/", "input/scaling/", "recipe/stages/0/", "scores/0/", "input/bands/1/"])
def test_an_unknown_field_is_refused(inside: str) -> None:
    assert "unknown field 'surprise'" in refusal(changed(f"{inside}surprise", 1))


def test_a_newer_card_asks_for_an_update_whatever_else_it_says() -> None:
    said = refusal(json.dumps({"format": 2, "quite": "different"}))
    assert "made by a newer version" in said and "format 2" in said and said.endswith("Update the plugin.")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("base", "ksdiff-any", "card.base is no object"),
        ("base", {"name": "ksdiff-any", "version": "1"}, "card.base lacks tensor_hash"),
        ("base", {"name": "../../x", "version": "1", "tensor_hash": "cd" * 32}, "no sound name and version"),
        ("base", {"name": "ksdiff-any", "version": "1 0", "tensor_hash": "cd" * 32}, "no sound name and version"),
        ("base", {"name": "ksdiff-any", "version": "1", "tensor_hash": ""}, "is changed is no SHA-256"),
        ("base", {"name": "ksdiff-any", "version": "1", "tensor_hash": "x"}, "is changed is no SHA-256"),
        ("format", 0, "format"),
        ("format", -1, "format"),
        ("format", "1", "card.format is no whole number"),
        ("format", True, "card.format is no whole number"),
        ("task", "segmentation", "pansharpening"),
        ("name", "Not A Name", "name"),
        ("name", "../../x", "name"),
        ("title", "two\nlines", "title"),
        ("title", " ", "title"),
        ("title", "x" * 121, "title"),
        ("title", 7, "card.title is no text"),
        ("title", None, "card.title is no text"),
        ("description", " ", "description is empty"),
        ("description", "x" * 5000, "card.description"),
        ("description", "\u001b[2J", "control characters"),
        ("description", "gnp.exe\u202efdp", "control characters"),
        ("description", "\ud800", "control characters"),
        ("version", "1 0", "version"),
        ("created", "yesterday", "time of creation"),
        ("created", "2026-02-30T00:00:00Z", "time of creation"),
        ("created", "2026-01-31T12:00:00+02:00", "time of creation"),
        ("created", "", "time of creation"),
        ("licence", "all rights reserved", "SPDX"),
        ("tensor_hash", "abc", "SHA-256"),
        ("recipe/config_hash", "XY" * 32, "SHA-256"),
        ("recipe/stages/0/steps", -1, "steps"),
        ("recipe/stages/0/seed", 1.5, "stages[0].seed is no whole number"),
        ("recipe/stages", {}, "card.recipe.stages is no list"),
        ("sensors", "WV3", "card.sensors is no list"),
        ("sensors/0", 3, "card.sensors[0] is no text"),
        ("sensors", ["x"] * 1001, "card.sensors is no list of a sensible length"),
        ("input", [], "card.input is no object"),
        ("input/bands/0/role", "purple", "role"),
        ("input/bands/0/wavelength_um", 450.0, "micrometres"),
        ("input/bands/0/wavelength_um", 0, "micrometres"),
        ("input/bands/0/name", "", "name"),
        ("input/bands/0/name", "Blue", "same name"),
        ("input/bands/0/name", "PAN", "same name"),
        ("input/wavelength_tolerance_um", -0.1, "tolerance"),
        ("input/ratio", 0.5, "ratio"),
        ("input/ratio", "4", "card.input.ratio is no number"),
        ("input/ratio", True, "card.input.ratio is no number"),
        ("input/ratios_tested", [4.0, 2.0], "tested ratios"),
        ("input/ratios_tested", [4.0], "has 1 values instead of 2"),
        ("input/scaling/kind", "magic", "divisor, percentile"),
        ("input/scaling/value", 0, "above 0"),
        ("input/scaling", {"kind": "percentile", "value": 101}, "at most 100"),
        ("input/value_range", [1.0, 1.0], "value range"),
        ("input/enlargement", "sinc", "polynomial"),
        ("architecture", [1], "card.architecture is no object"),
        ("architecture", {"text": "x" * 20000}, "16384 characters"),
        ("scores/0/metrics/SAM", "low", "card.scores[0].metrics.SAM is no number"),
        ("scores/0/compared_with", {"exp": 3.0}, "card.scores[0].compared_with.exp"),
        ("training_data/0/credits", [["x"]], "credits[0] is no text"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(path: str, value: Any, words: str) -> None:
    assert words in refusal(changed(path, value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("null", "no object"),
        ("[]", "no object"),
        ('"card"', "no object"),
        ("{", "no JSON"),
        ('{"format": 1, "format": 1}', "twice"),
        ('{"format": NaN}', "NaN"),
        ('{"format": -Infinity}', "Infinity"),
        ('{"format": 1e999}', "too great"),
        (f'{{"format": 1{"0" * 500_000}}}', "500001 digits"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_text_that_is_no_card_is_refused(text: str, words: str) -> None:
    assert words in refusal(text)


def test_a_card_made_in_python_is_checked_as_one_that_is_read() -> None:
    with pytest.raises(ModelFileError, match="ratio"):
        contract(ratio=math.nan)
    with pytest.raises(ModelFileError, match="JSON cannot say"):
        card(architecture={"width": math.inf})
    with pytest.raises(ModelFileError, match="JSON cannot say"):
        card(architecture={"width": object()})


def test_the_kernels_that_a_card_may_name_are_those_there_are() -> None:
    assert set(cards.ENLARGEMENTS) <= set(RESAMPLINGS)
    assert all(reach(kernel) > 0 for kernel in cards.ENLARGEMENTS)


def test_a_card_that_names_no_bands_takes_any_number_and_another_only_its_own() -> None:
    assert [contract(3).takes(bands) for bands in (1, 3, 8)] == [False, True, False]
    assert all(contract(0).takes(bands) for bands in (1, 3, 8))
    again = Card.from_json(card(input=contract(0), sensors=("any",)).to_json())
    assert again.input.bands == () and again.serves("quickbird") and not card().serves("quickbird")
