"""The German texts say what the English ones say, in the same shape: nothing is missing, lost or left in English."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import i18n

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%(?:\d|n\b)|</?[a-zA-Z][^<>]*>|&|\n|;;|\(\*[^()]*\)")  # the last: file filters
_NAME = re.compile(r"\b[A-Z][A-Z0-9_-]*[A-Z0-9]\b")  # parameters, their choices, methods, metrics
_FILE = re.compile(r"[\w*/]*\.[a-z]\w*")  # files and endings
_DIGITS = re.compile(r"\d+")  # without the decimal sign, which German prose writes otherwise
_SAME_IN_GERMAN = {
    "Bilinear",
    "Manifest",
    "Problem",
    "Sensor",
    "Threads",
    "{hours} h {minutes} min",
    "{minutes} min {seconds} s",
    "{seconds} s",
}


@pytest.fixture(scope="module")
def english(root: Path) -> list[str]:
    return i18n.texts(root / "ksdiff_qgis")[0]


@pytest.fixture(scope="module")
def german(root: Path, english: list[str]) -> dict[str, str]:
    """The finished translations of the texts that the plugin has now."""
    finished = {}
    for message in ElementTree.parse(root / "i18n" / "ksdiff_de.ts").iter("message"):
        translation = message.find("translation")
        if translation is not None and translation.text and translation.get("type") is None:
            finished[message.findtext("source", "")] = translation.text
    return {text: finished[text] for text in english if text in finished}


def test_every_text_has_a_finished_translation(english: list[str], german: dict[str, str]) -> None:
    assert [text for text in english if text not in german] == []


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda text: Counter(_PLACEHOLDER.findall(text)), id="placeholders_tags_and_file_filters"),
        pytest.param(lambda text: Counter(_DIGITS.findall(text)), id="numbers"),
        pytest.param(lambda text: set(_NAME.findall(text)), id="names_in_capitals"),
        pytest.param(lambda text: set(_FILE.findall(text)), id="file_names_and_endings"),
        pytest.param(lambda text: (text[: -len(text.lstrip())], text[len(text.rstrip()) :]), id="outer_blanks"),
        pytest.param(lambda text: text[-1] if text[-1] in ".:;,!?" else "", id="final_punctuation"),
    ],
)
def test_a_translation_keeps_what_is_no_language(kept: Callable[[str], object], german: dict[str, str]) -> None:
    assert {text: said for text, said in german.items() if kept(text) != kept(said)} == {}


def test_nothing_is_left_in_english_but_what_is_the_same_in_german(german: dict[str, str]) -> None:
    assert {text for text, said in german.items() if text == said} == _SAME_IN_GERMAN


def test_quotation_marks_are_german_and_come_in_pairs(german: dict[str, str]) -> None:
    unpaired = re.compile(r"[„“”\"']")
    assert [said for said in german.values() if unpaired.search(re.sub("„[^„“]+“", "", said))] == []


def test_search_words_stand_between_bare_commas_and_once(german: dict[str, str]) -> None:
    tags = [said for text, said in german.items() if text.count(",") > 4 and ", " not in text and "." not in text]
    assert len(tags) == 10  # one list for each algorithm
    for words in (said.split(",") for said in tags):
        assert all(word and word == word.strip() for word in words)
        assert len({word.casefold() for word in words}) == len(words)
