"""A request for a training set is checked when it is made, and lists of images become pairs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine.errors import RequestError
from engine.request import PairFiles, TrainingSetRequest, paired

PAIR = PairFiles("pan.tif", ("ms.tif",))


def test_a_pair_and_a_folder_are_enough() -> None:
    request = TrainingSetRequest("out", (PAIR,))
    assert (request.patch, request.most, request.validation, request.limit) == (64, 4000, 0.2, 1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"out": ""}, "'out'"),
        ({"pairs": ()}, "nothing to cut samples from"),
        ({"folders": "a"}, "one text"),
        ({"h5": ("a.h5", "a.h5")}, "named twice"),
        ({"pairs": (PAIR, PAIR)}, "named twice"),
        ({"bands": (0,)}, "band 0"),
        ({"bands": (1, 1)}, "chosen twice"),
        ({"patch": 8}, "16 to 512"),
        ({"patch": 32.0}, "16 to 512"),
        ({"most": 0}, "of 0 has no meaning"),
        ({"validation": 1.0}, "0 to 0.9"),
        ({"validation": math.nan}, "nan"),
        ({"limit": -1.0}, "-1.0"),
        ({"least_texture": 2.0}, "0 to 1"),
        ({"seed": -1}, "cannot be a seed"),
        ({"threads": -1}, "threads"),
    ],
)
def test_what_cannot_be_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        TrainingSetRequest(**{"out": "out", "pairs": (PAIR,), **change})


def test_lists_are_paired_in_their_order_and_one_pan_takes_all_bands() -> None:
    assert paired(["p", "q"], ["m", "n"]) == (PairFiles("p", ("m",)), PairFiles("q", ("n",)))
    assert paired(["p"], ["m", "n"], ["c"]) == (PairFiles("p", ("m", "n"), "c"),)
    assert [pair.clouds for pair in paired(["p", "q"], ["m", "n"], ["c"])] == ["c", "c"]
    assert [pair.clouds for pair in paired(["p", "q"], ["m", "n"], ["c", "d"])] == ["c", "d"]
    assert paired([], []) == ()


@pytest.mark.parametrize(
    ("pans", "mss", "clouds", "words"),
    [
        ("pq", "m", "", "2 panchromatic and 1 multispectral"),
        ("p", "", "", "1 panchromatic and 0"),
        ("", "m", "", "0 panchromatic and 1"),
        ("pqr", "mno", "cd", "2 files of clouds do not fit 3 pairs"),
        ("", "", "c", "no images that they belong to"),
    ],
)
def test_lists_that_do_not_pair_are_refused(pans: str, mss: str, clouds: str, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        paired(list(pans), list(mss), list(clouds))
