"""Verdicts follow the numbers: no winner where differences mean nothing, a remedy where something is wrong."""

from __future__ import annotations

import math

import pytest

from engine.pages.evaluation import Arrow, Counts, Evaluation
from engine.pages.merit import closest, colours, detail, faithfulness
from engine.pages.soundness import pixels, registration
from engine.pages.verdict import verdicts
from tests.pages.samples import BANDS, baseline, candidate, evaluation, full, reduced


def levels(findings: list) -> list[str]:  # type: ignore[type-arg]
    return [finding.level for finding in findings]


def biased(*values: float | None) -> dict:  # type: ignore[type-arg]
    return full(r_bias_percent=list(values))


def test_a_clear_winner_is_named_with_its_gain_and_the_next() -> None:
    found = closest(evaluation(baseline(), candidate("A"), candidate("B", reduced=reduced(2.5, 3.5, 0.85))))
    assert levels(found) == ["good"]
    assert found[0].text == (
        "A is closest to the truth. ERGAS 2.00 (50 % lower than plain enlargement), SAM 3.00° (40 % lower than plain "
        "enlargement), Q2n 0.900 (29 % higher than plain enlargement). B is next (ERGAS 2.50)."
    )


def test_a_difference_to_the_next_that_means_nothing_is_called_so() -> None:
    close = candidate("B", reduced=reduced(2.03, 3.5, 0.9))
    text = closest(evaluation(baseline(), candidate("A"), close))[0].text
    assert text.startswith("A is closest") and text.endswith("by ERGAS and Q2n the two do not differ.")


def test_a_measure_that_could_not_be_had_is_not_called_even() -> None:
    pair = [candidate(name, reduced={**reduced(e, 3.0, 0.9), "q2n": None}) for name, e in (("A", 2.0), ("B", 2.5))]
    text = closest(evaluation(baseline(), *pair))[0].text
    assert text.endswith("by SAM the two do not differ.") and "Q2n" not in text


def test_no_winner_is_named_where_the_differences_mean_nothing() -> None:
    found = closest(evaluation(baseline(), candidate("A"), candidate("B", reduced=reduced(2.03, 3.02, 0.901))))
    assert found[0].text.startswith("A and B are equally close to the truth")
    assert "is closest" not in found[0].text


def test_where_measures_disagree_each_names_its_own() -> None:
    found = closest(evaluation(baseline(), candidate("A"), candidate("B", reduced=reduced(2.5, 2.0, 0.9))))
    assert levels(found) == ["note"]
    assert "A by ERGAS, B by SAM, A and B by Q2n" in found[0].text


def test_an_image_no_better_than_plain_enlargement_is_no_winner() -> None:
    found = closest(evaluation(baseline(), candidate("A", reduced=reduced(3.97, 5.0, 0.7))))
    assert levels(found) == ["warning"] and "no closer to the truth" in found[0].text


def test_a_change_that_means_nothing_is_not_told_in_per_cent() -> None:
    text = closest(evaluation(baseline(), candidate("A", reduced=reduced(2.0, 5.02, 0.9))))[0].text
    assert "SAM 5.02° (as plain enlargement)" in text and "ERGAS 2.00 (50 % lower" in text


def test_an_image_alone_is_not_called_bad_twice() -> None:
    found = closest(evaluation(baseline(), candidate("A", reduced=reduced(9.0, 9.0, 0.5))))
    assert levels(found) == ["warning"] and "no closer to the truth" in found[0].text


def test_an_image_worse_than_plain_enlargement_is_warned_of() -> None:
    found = closest(evaluation(baseline(), candidate("A"), candidate("B", reduced=reduced(5.0, 6.0, 0.6))))
    assert levels(found) == ["good", "warning"] and found[1].text.startswith("B lies farther from the truth")


def test_the_baseline_alone_asks_for_something_to_compare() -> None:
    found = closest(evaluation(baseline()))
    assert levels(found) == ["note"] and found[0].text.startswith("Only plain enlargement")


def test_without_truth_nobody_is_closest_to_it() -> None:
    files = [candidate(name, kind="file", reduced=None, full=full(hqnr=q)) for name, q in (("A", 0.95), ("B", 0.90))]
    found = closest(evaluation(baseline(reduced=None), *files))
    assert levels(found) == ["note", "note"]
    assert found[0].text.startswith("No truth was available") and found[1].text.startswith("A has the best HQNR")
    even = [candidate(name, reduced=None, full=full(hqnr=q)) for name, q in (("A", 0.902), ("B", 0.900))]
    assert "differ by nothing" in closest(evaluation(*even))[1].text


def test_a_file_without_truth_beside_methods_with_one_is_named() -> None:
    found = closest(evaluation(baseline(), candidate("A"), candidate("F", kind="file", reduced=None)))
    assert found[-1].text.startswith("For F there was no truth")


@pytest.mark.parametrize(
    ("bias", "level"), [(0.19, "good"), (-0.19, "good"), (0.21, "note"), (1.99, "note"), (-2.0, "warning")]
)
def test_colours_are_kept_or_not_by_the_worst_band(bias: float, level: str) -> None:
    found = colours(evaluation(baseline(), candidate("A", full=biased(0.01, None, bias, 0.0))))
    assert levels(found) == [level]
    assert level == "good" or "in red" in found[0].text
    assert level != "warning" or "−2.0 %" in found[0].text


def test_other_units_are_not_taken_for_other_colours() -> None:
    found = colours(evaluation(baseline(), candidate("A", full=biased(-83.1, -83.2, -83.0, -83.1))))
    assert levels(found) == ["warning"] and "A (0.17 times MS)" in found[0].text and "units" in found[0].text
    uneven = colours(evaluation(baseline(), candidate("A", full=biased(-83.1, -60.0, -83.0, -83.1))))
    assert uneven[0].text.startswith("Colours change visibly")


def test_images_of_one_kind_share_a_sentence() -> None:
    many = [candidate(f"M{number}", full=biased(0.1)) for number in range(12)]
    found = colours(evaluation(baseline(), *many))
    assert len(found) == 1 and "M0, M1, M2 and 9 others" in found[0].text


def test_detail_follows_pan_only_where_it_does_more_than_enlarged_ms() -> None:
    found = detail(evaluation(baseline(), candidate("A"), candidate("B", full=full(d_rho=0.398))))
    assert levels(found) == ["warning", "good"]
    assert found[0].text.startswith("B follows PAN's detail no better")
    assert "D_rho falls from 0.400 of plain enlargement to 0.100" in found[1].text
    assert detail(evaluation(candidate("A"))) == []


def test_an_image_farther_from_ms_than_plain_enlargement_is_unfaithful() -> None:
    found = faithfulness(evaluation(baseline(), candidate("A"), candidate("B", full=full(r_ergas=3.0))))
    assert levels(found) == ["warning", "good"]
    assert found[0].text.startswith("B is less faithful to MS") and "3.00 against 2.00" in found[0].text


def test_nothing_can_be_nearer_to_ms_than_ms_itself() -> None:
    images = evaluation(baseline(), candidate("B", full=full(r_ergas=3.0)), ratio=1.0)
    assert faithfulness(images) == []


@pytest.mark.parametrize(("shift", "first"), [((0.1, 0.0), False), ((0.0, -2.0), True), (None, False)])
def test_where_ms_lies_off_pan_that_is_the_first_reason_to_be_unfaithful(
    shift: tuple[float, float] | None, first: bool
) -> None:
    found = faithfulness(evaluation(baseline(), candidate("B", full=full(r_ergas=3.0)), shift=shift))
    assert ("Co-register" in found[0].text) == first and ("halos" in found[0].text) != first


def test_of_many_values_the_least_and_the_greatest_are_told() -> None:
    many = [candidate(f"M{at}", full=full(r_ergas=3.0 + at)) for at in (2, 0, 1, 6)]
    assert "R-ERGAS 3.00 … 9.00 against 2.00" in faithfulness(evaluation(baseline(), *many))[0].text


@pytest.mark.parametrize(
    ("shift", "level"), [(None, "note"), ((math.nan, 0.0), "note"), ((0.2, 0.2), "good"), ((0.3, -0.1), "warning")]
)
def test_a_shift_above_three_tenths_of_a_pixel_is_warned_of(shift: tuple[float, float] | None, level: str) -> None:
    found = registration(evaluation(shift=shift))
    assert levels(found) == [level]
    assert level != "warning" or "0.32 PAN pixels off PAN (0.30 to the right and 0.10 up)" in found[0].text


def test_a_shift_that_differs_over_the_scene_is_noted() -> None:
    arrows = tuple(Arrow(10.0 * at, 0.0, 0.8 if at % 2 else -0.8, 0.0, 0.9) for at in range(8))
    assert levels(registration(evaluation(shift=(0.0, 0.0), arrows=arrows))) == ["good", "note"]


def counted(lost: int = 0, invented: int = 0, top: int = 0) -> Counts:
    return Counts(100_000, lost, invented, (0,) * len(BANDS), (top,) * len(BANDS))


@pytest.mark.parametrize(
    ("counts", "level", "words"),
    [
        (counted(), "good", "No pixel is lost"),
        (counted(lost=10), "note", "A has no value at 0.01 %"),
        (counted(lost=200), "warning", "A has no value at 0.2 %"),
        (counted(invented=200), "warning", "A has values where PAN or MS has none, at 0.2 %"),
        (counted(top=300), "warning", "A seems to have clipped 0.2 %"),
        (counted(top=100), "good", "No pixel"),
    ],
)
def test_pixels_that_are_lost_invented_or_clipped_are_counted(counts: Counts, level: str, words: str) -> None:
    usual = baseline(counts=counted(top=100))  # what is saturated in MS already is nobody's fault
    found = pixels(evaluation(usual, candidate("A", counts=counts)))
    assert levels(found) == [level] and found[0].text.startswith(words)


def test_warnings_are_among_the_verdicts_word_for_word() -> None:
    assert verdicts(evaluation(warnings=("Mind <this>.",)))[-1].text == "Mind <this>."


NOTHING = {key: [None] * 4 if isinstance(value, list) else None for key, value in {**reduced(), **full()}.items()}


@pytest.mark.parametrize(
    "sample",
    [
        evaluation(baseline(reduced=NOTHING, full=NOTHING), candidate("A", reduced=NOTHING, full=NOTHING)),
        evaluation(baseline(reduced=None, full=None, counts=None), candidate("A", reduced=None, full=None)),
        evaluation(candidate("A", reduced=reduced(0.0, 0.0, 1.0)), baseline(reduced=reduced(0.0, 0.0, 1.0))),
        evaluation(candidate("A", full=full(count=1)), band_names=("only",)),
        evaluation(candidate("A", counts=Counts(0, 0, 0, (), ()))),
        evaluation(*[candidate(f"M{number}") for number in range(12)]),
    ],
)
def test_every_sentence_is_whole_whatever_is_missing(sample: Evaluation) -> None:
    found = verdicts(sample)
    assert found
    for finding in found:
        assert finding.text[0].isupper() and finding.text.endswith(".") and "  " not in finding.text
        assert "None" not in finding.text and "nan" not in finding.text.split()
