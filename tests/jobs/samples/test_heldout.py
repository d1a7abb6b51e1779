"""What is measured on lies apart from what is learnt from, on the ground and not only in the files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.jobs.samples.heldout import Ground, Split, apart, split, together

PATCH = 16.0


def ground(left: float = 0.0, top: float = 0.0, width: int = 12, height: int = 6, crs: str = "A") -> Ground:
    """Return places that overlap by half, in rows and columns."""
    x, y = np.meshgrid(left + np.arange(width) * PATCH / 2, top + np.arange(height) * PATCH / 2)
    x, y = x.ravel(), y.ravel()
    return Ground(np.stack([x, y, x + PATCH, y + PATCH], axis=1), crs, PATCH / 2)


def parted(grounds: list[Ground], share: float = 0.2, seed: int = 0) -> Split:
    return split(grounds, share, seed, str.__eq__)


def boxes(grounds: list[Ground], masks: Any) -> Any:
    return np.concatenate([one.boxes[mask] for one, mask in zip(grounds, masks)])


def gap(learnt: Any, measured: Any) -> float:
    """Return the distance between the nearest two."""
    low = np.maximum(learnt[:, None, :2], measured[None, :, :2])
    high = np.minimum(learnt[:, None, 2:], measured[None, :, 2:])
    return float((low - high).max(axis=2).min())


def test_of_one_image_a_strip_is_held_out_with_ground_between() -> None:
    grounds = [ground()]
    made = parted(grounds)
    learnt, measured = boxes(grounds, made.training), boxes(grounds, made.validation)
    assert not made.whole and gap(learnt, measured) >= PATCH / 2
    assert 0.15 <= len(measured) / len(grounds[0].boxes) <= 0.35 and len(learnt) > len(measured)


def test_of_many_images_whole_ones_are_held_out() -> None:
    grounds = [ground(1000.0 * number) for number in range(10)]
    made = parted(grounds)
    held = [mask.all() for mask in made.validation]
    assert made.whole and sum(held) == 2
    assert all(mask.any() != other.any() for mask, other in zip(made.training, made.validation))
    others = [parted(grounds, seed=seed).validation for seed in range(8)]
    assert len({tuple(bool(mask.all()) for mask in other) for other in others}) > 1, "the seed decides which"


def test_images_of_the_same_ground_are_never_parted() -> None:
    # Two dates of each place: one of them must not be measured on where the other is learnt from.
    grounds = [ground(1000.0 * (number // 2), 3.0 * (number % 2)) for number in range(12)]
    made = parted(grounds)
    assert made.whole and gap(boxes(grounds, made.training), boxes(grounds, made.validation)) > 100.0
    pair = [ground(), ground(4.0, 4.0)]
    strips = parted(pair)
    assert not strips.whole
    assert gap(boxes(pair, strips.training), boxes(pair, strips.validation)) >= PATCH / 2


def test_images_without_a_coordinate_system_or_of_another_are_places_of_their_own() -> None:
    assert together([ground(crs=""), ground(crs=""), ground(), ground(crs="B")], str.__eq__) == [[0], [1], [2], [3]]
    # The third joins the first two.
    chain = [ground(0.0), ground(150.0), ground(75.0), ground(500.0)]
    assert together(chain, str.__eq__) == [[0, 1, 2], [3]]


def test_one_huge_image_is_not_held_out_for_a_fifth() -> None:
    grounds = [ground(0.0, 0.0, 60, 60), *(ground(10_000.0 * number, width=3, height=3) for number in range(1, 6))]
    made = parted(grounds)
    assert not made.whole and made.training[0].any() and made.validation[0].any()


@pytest.mark.parametrize("number", [0, 1])
def test_a_share_of_nothing_holds_out_nothing_and_too_little_gives_nothing_to_learn_from(number: int) -> None:
    assert all(mask.all() for mask in parted([ground()], 0.0).training)
    tiny = [ground(width=1 + number, height=1)]
    made = parted(tiny)
    assert not made.training[0].any() and made.validation[0].sum() == 1


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_however_much_is_held_out_something_is_left_to_learn_from(share: float) -> None:
    for count in (1, 2, 3, 9):
        made = parted([ground(1000.0 * number, width=40) for number in range(count)], share)
        assert sum(mask.sum() for mask in made.training) > 0 < sum(mask.sum() for mask in made.validation)


def test_what_is_measured_on_does_not_overlap_itself() -> None:
    found = ground().boxes[apart(ground().boxes)]
    assert len(found) == 6 * 3
    assert len({tuple(box) for box in (found[:, :2] // PATCH).tolist()}) == len(found)
    uneven = np.random.default_rng(0).uniform(0.0, 100.0, (300, 2))
    uneven = np.concatenate([uneven, uneven + PATCH], axis=1)
    chosen = uneven[apart(uneven)]
    low = np.maximum(chosen[:, None, :2], chosen[None, :, :2])
    high = np.minimum(chosen[:, None, 2:], chosen[None, :, 2:])
    overlaps = ((high - low) > 1e-9).all(axis=2)
    assert overlaps.sum() == len(chosen), "each overlaps itself alone"
    assert len(apart(np.zeros((0, 4)))) == 0
