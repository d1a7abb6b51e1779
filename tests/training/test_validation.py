"""Validation gives the field's numbers, in counts, on samples that stay the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.data.sample import Sample, Scaling  # noqa: E402
from engine.errors import MethodError  # noqa: E402
from engine.metrics import reference  # noqa: E402
from engine.network.ksdiff import KSDiff  # noqa: E402
from engine.training.stages import stages  # noqa: E402
from engine.training.validation import Stopped, Validation  # noqa: E402
from tests.training.synthetic import BANDS, DIVISOR, Ripples, config  # noqa: E402

PATCH, COUNT = 32, 5


def validation(batch: int = 2) -> Validation:
    return Validation([Ripples()], PATCH, COUNT, batch, 2.0, torch.device("cpu"))


def test_enlarged_ms_gets_the_numbers_of_the_counts_side_by_side() -> None:
    samples = Ripples().spread(PATCH, COUNT)
    truth, ms_up = (np.concatenate([getattr(one, name) for one in samples], axis=1) for name in ("truth", "ms_up"))
    found = validation().enlarged
    assert found["ergas"] == pytest.approx(reference.ergas(truth, ms_up, 2.0), rel=1e-5)
    assert found["sam"] == pytest.approx(reference.sam(truth, ms_up), rel=1e-4)
    assert found["l1"] == pytest.approx(np.abs(truth - ms_up).mean() / DIVISOR, rel=1e-5)
    q2n = [reference.measure(one.truth, one.ms_up).blocks.mean() for one in samples]
    assert found["q2n"] == pytest.approx(np.mean(q2n), rel=1e-5)


def test_the_scores_of_a_network_do_not_depend_on_how_samples_are_batched(tmp_path: Path) -> None:
    settings = config(tmp_path)
    architecture = settings.network(BANDS)
    torch.manual_seed(1)
    network = KSDiff(architecture).eval()
    for stage in stages(settings, architecture):
        one, two = (validation(size).scores(stage, network, lambda: True) for size in (2, 5))
        assert one == pytest.approx(two, rel=1e-5)
        assert one == validation(2).scores(stage, network, lambda: True)


def test_validation_stops_when_asked(tmp_path: Path) -> None:
    settings = config(tmp_path)
    architecture = settings.network(BANDS)
    with pytest.raises(Stopped):
        validation().scores(stages(settings, architecture)[0], KSDiff(architecture), lambda: False)


def test_reflectances_are_not_all_alike_to_q2n() -> None:
    class Reflectances(Ripples):
        scaling = Scaling(DIVISOR / 10_000.0)

        def _sample(self, patch: int, random: np.random.Generator) -> Sample:
            made = super()._sample(patch, random)
            return Sample(made.pan / 10_000, made.ms_up / 10_000, made.truth / 10_000, made.origin)

    found = Validation([Reflectances()], PATCH, COUNT, 2, 2.0, torch.device("cpu")).enlarged
    assert found["q2n"] < 0.99
    assert found == pytest.approx(validation().enlarged, rel=1e-3)


def dull(pan: Any, ms_up: Any) -> Any:
    return ms_up * np.float32(1.01)


def sharp(pan: Any, ms_up: Any) -> Any:
    return ms_up + pan - ms_up.mean(0)


def unable(pan: Any, ms_up: Any) -> Any:
    raise MethodError("There is too little.", "Give more.")


def infinite(pan: Any, ms_up: Any) -> Any:
    return np.full_like(ms_up, np.inf)


def test_other_methods_are_measured_on_the_same_samples_and_what_cannot_be_is_left_out() -> None:
    made = validation()
    assert made.best_rival is None
    rivals = {"dull": dull, "unable": unable, "sharp": sharp, "infinite": infinite}
    made.compete([rivals], lambda: True)
    assert list(made.rivals) == ["dull", "sharp"] and made.best_rival == "sharp"
    samples = Ripples().spread(PATCH, COUNT)
    truth = np.concatenate([one.truth for one in samples], axis=1)
    fused = np.concatenate([sharp(one.pan, one.ms_up) for one in samples], axis=1)
    assert made.rivals["sharp"]["ergas"] == pytest.approx(reference.ergas(truth, fused, 2.0), rel=1e-4)


def test_each_source_has_methods_of_its_own() -> None:
    made = Validation([Ripples(), Ripples()], PATCH, COUNT, 2, 2.0, torch.device("cpu"))
    asked = [0, 0]

    def counting(place: int) -> Any:
        def rival(pan: Any, ms_up: Any) -> Any:
            asked[place] += 1
            return ms_up

        return rival

    made.compete([{"one": counting(0)}, {"one": counting(1)}], lambda: True)
    assert asked == [2, 3] and made.rivals["one"] == made.enlarged


def test_measuring_other_methods_stops_when_asked() -> None:
    with pytest.raises(Stopped):
        validation().compete([{"dull": dull}], lambda: False)


def test_samples_that_are_shown_are_those_of_all_difficulties_the_hardest_first(tmp_path: Path) -> None:
    made = Validation([Ripples()], PATCH, 20, 4, 2.0, torch.device("cpu"))
    missed = [float(np.abs(one.truth - one.ms_up).mean()) for one in made.examples()]
    assert len(missed) == 4 and missed == sorted(missed, reverse=True)
    every = sorted(float(np.abs(one.truth - one.ms_up).mean()) / DIVISOR for one in Ripples().spread(PATCH, 20))
    assert missed == pytest.approx([every[int(20 * share)] for share in (0.9, 0.65, 0.4, 0.15)], rel=1e-5)


def test_they_are_shown_with_what_the_network_and_the_best_method_made_of_them(tmp_path: Path) -> None:
    made = validation()
    assert not made.has_seen and all(one.fused is None and one.rival is None for one in made.examples())
    settings = config(tmp_path)
    stage = stages(settings, settings.network(BANDS))[0]
    made.scores(stage, KSDiff(settings.network(BANDS)).eval(), lambda: True)
    made.compete([{"dull": dull, "sharp": sharp}], lambda: True)
    for one in made.examples():
        assert one.pan.shape == (PATCH, PATCH) and one.fused is not None and one.fused.shape == one.truth.shape
        np.testing.assert_allclose(one.rival, sharp(one.pan, one.ms_up), rtol=1e-6)
    assert made.has_seen
