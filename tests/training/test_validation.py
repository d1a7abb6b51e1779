"""Validation gives the field's numbers, in counts, on samples that stay the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.data.sample import Sample, Scaling  # noqa: E402
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
