"""A run goes on exactly where it stopped, ends by steps, time or patience, and survives losses that are no numbers."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.data.sample import Sample, Variation  # noqa: E402
from engine.errors import InputError  # noqa: E402
from engine.events import Metric, Noted, Progress, Warned  # noqa: E402
from engine.network.ksdiff import Architecture, KSDiff  # noqa: E402
from engine.training import loop as module  # noqa: E402
from tests.training.synthetic import BANDS, Ripples, Run, config, until_step, weights  # noqa: E402

LONG = {"stage1": {"steps": 60, "lr": 5e-3, "warm_up": 5}, "stage2": {"steps": 40, "lr": 2e-3, "warm_up": 5}}


class Spoilt(Ripples):
    """Ripples of which some draws are so bright that no network can add them up."""

    def __init__(self, bad: range) -> None:
        self._bad, self._drawn = bad, 0

    def draw(self, patch: int, variation: Variation, random: np.random.Generator) -> Sample:
        self._drawn += 1
        made = self._sample(patch, random)
        factor = np.float32(1e32 if self._drawn - 1 in self._bad else 1.0)
        return Sample(made.pan * factor, made.ms_up * factor, made.truth * factor, made.origin)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that was never stopped."""
    run = Run(config(tmp_path_factory.mktemp("whole") / "run"))
    run.outcome = run.go()  # type: ignore[attr-defined]
    return run


@pytest.mark.parametrize("stops", [[(1, 3)], [(1, 2), (2, 0)], [(2, 2)], [(1, 5), (2, 1), (2, 3)]])
@pytest.mark.slow
def test_a_run_that_is_resumed_ends_with_the_bytes_of_one_that_never_stopped(
    stops: list[tuple[int, int]], whole: Run, tmp_path: Path
) -> None:
    for number, (stage, step) in enumerate(stops):
        run = Run(config(tmp_path / "run"))
        outcome = (run.resume if number else run.go)(until_step(run, stage, step))
        assert outcome.stopped and (outcome.state.stage, outcome.state.step) == (stage, step)
    last = Run(config(tmp_path / "run"))
    outcome = last.resume()
    assert not outcome.stopped and outcome.best == whole.outcome.best  # type: ignore[attr-defined]
    one, two = weights(whole), weights(last)
    assert one.keys() == two.keys() and len(one) > 100
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


@pytest.mark.slow
def test_a_stop_between_lines_of_the_history_loses_none(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"))
    assert run.go(until_step(run, 1, 4)).stopped
    outcome = Run(config(tmp_path / "run")).resume()
    steps = [(line["stage"], line["step"]) for line in outcome.state.history if "image" in line]
    assert steps == [(1, step) for step in range(1, 7)] + [(2, step) for step in range(1, 5)]


@pytest.mark.slow
def test_a_run_is_resumable_before_its_first_step(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"))
    assert run.go(lambda: False).state.step == 0
    assert not Run(config(tmp_path / "run")).resume().stopped


def test_the_best_averaged_weights_of_the_last_stage_are_kept(whole: Run) -> None:
    found = weights(whole)
    assert len(whole.kept) >= 1
    for name, value in whole.kept[-1].items():
        assert not name.startswith("truth_encoder.")
        np.testing.assert_array_equal(value, found[f"best/{name}"])
    assert not np.array_equal(found["average/backbone.head.weight"], found["network/backbone.head.weight"])


@pytest.mark.slow
def test_the_second_stage_begins_with_the_best_averaged_weights_of_the_first(tmp_path: Path) -> None:
    first, second = (Run(config(tmp_path / name, validate_every=100)) for name in ("first", "second"))
    first.go(until_step(first, 1, 6))
    second.go(until_step(second, 2, 0))
    ended, begun = weights(first), weights(second)
    for name in ("backbone.head.weight", "truth_encoder.head.leave.weight"):
        np.testing.assert_array_equal(begun[f"network/{name}"], ended[f"average/{name}"])
        assert not np.array_equal(begun[f"network/{name}"], ended[f"network/{name}"])


@pytest.mark.slow
def test_each_validation_is_told_in_one_line_beside_what_has_to_be_beaten(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"), rivals=[{"nearer": lambda pan, ms_up: ms_up + 0.3 * (pan - ms_up.mean(0))}])
    outcome = run.go()
    lines = [event.message for event in run.events if isinstance(event, Noted) and "ERGAS" in event.message]
    assert len(lines) == 4 and all(line.endswith("in brackets, MS only enlarged and nearer.") for line in lines)
    assert lines[0].startswith("Stage 1, step 3, with the prior that the truth gives: ERGAS ")
    assert lines[-1].startswith("Stage 2, step 4: ERGAS ")
    assert f"({outcome.enlarged['ergas']:.4g}, {outcome.rivals['nearer']['ergas']:.4g}), SAM" in lines[0]
    assert outcome.rivals["nearer"]["ergas"] < outcome.enlarged["ergas"]


def test_losses_are_told_now_and_then_with_the_rate_and_the_time_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_NOTE_SECONDS", (0.0, 1000.0))
    run = Run(config(tmp_path / "run"))
    run.go(until_step(run, 1, 3))
    (line,) = (event.message for event in run.events if isinstance(event, Noted) and "loss" in event.message)
    assert line.startswith("Stage 1, step 2 of 6: loss 0.") and "samples a second; " in line
    assert "% of the run is done, about" in line and line.endswith(" left.")


def test_where_a_run_stands_is_known_before_while_and_after_it_learns(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"))
    assert run.training.standing.step == 0 and run.training.standing.left is None
    seen = []

    def going() -> bool:
        seen.append(run.training.standing)
        return len(seen) < 8

    run.go(going)
    assert [each.fraction for each in seen] == sorted(each.fraction for each in seen)
    standing = run.training.standing
    assert (standing.stage, standing.stages, standing.name, standing.steps) == (1, 2, "Stage 1", 6)
    assert 0 < standing.step < 6 and standing.samples == 4 * standing.step and standing.samples_per_second > 0.0
    again = Run(config(tmp_path / "run"))
    again.training.load(again.latest())
    assert again.training.standing.elapsed == pytest.approx(standing.elapsed, abs=2.0)
    assert again.training.standing.step == standing.step


def test_a_stop_while_other_methods_are_measured_leaves_a_checkpoint(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"), rivals=[{"never asked": lambda pan, ms_up: pytest.fail("was asked")}])
    assert run.go(lambda: False).stopped
    assert run.latest().state.step == 0


def test_what_happens_is_told_and_written(whole: Run) -> None:
    lines = [json.loads(line) for line in (whole.folder.path / "history.jsonl").read_text().splitlines()]
    learning = [line for line in lines if "image" in line]
    assert [(line["stage"], line["step"]) for line in learning] == [(1, n) for n in range(1, 7)] + [
        (2, n) for n in range(1, 5)
    ]
    assert all(line["latent"] > 0 for line in learning if line["stage"] == 2)
    measured = [(line["stage"], line["step"]) for line in lines if "validation" in line]
    assert measured == [(1, 3), (1, 6), (2, 3), (2, 4)]
    fractions = [event.fraction for event in whole.events if isinstance(event, Progress)]
    # It is 1 only once the result is in its place, which is for the job to say.
    assert fractions == sorted(fractions) and 0.99 < fractions[-1] < 1.0
    assert "stage2_ergas" in {event.name for event in whole.events if isinstance(event, Metric)}
    assert any("MS only enlarged" in event.message for event in whole.events if isinstance(event, Noted))


@pytest.mark.slow
def test_something_is_learnt_in_both_stages(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run", **LONG, validate_every=100))
    outcome = run.go()
    first = next(line["validation"] for line in outcome.state.history if "validation" in line)
    assert first["ergas"] < 0.6 * outcome.enlarged["ergas"]
    assert outcome.best["ergas"] < 0.6 * outcome.enlarged["ergas"]
    latent = [line["latent"] for line in outcome.state.history if line["stage"] == 2 and "latent" in line]
    assert latent[-1] < 0.8 * latent[0]


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{"separate": True}, {"h2_prior": "single_t"}])
def test_the_ablations_of_the_second_stage_train_otherwise(changes: dict[str, Any], whole: Run, tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run", **changes))
    run.go()
    mine, other = weights(run), weights(whole)
    name = "network/backbone.head.weight"
    assert not np.array_equal(mine[name], other[name])
    images = [line["image"] for line in run.training._state.history if line["stage"] == 2 and "image" in line]
    assert all(image == 0.0 for image in images) == ("separate" in changes)


def test_a_network_without_a_prior_is_trained_in_one_stage(tmp_path: Path) -> None:
    settings = config(tmp_path / "run")
    baseline = Architecture.tiny(BANDS).ablations()["baseline"]
    run = Run(settings, baseline)
    outcome = run.go()
    assert outcome.state.stage == 1 and outcome.best["ergas"] < outcome.enlarged["ergas"]
    KSDiff(baseline).load_state_dict(run.kept[-1])


@pytest.mark.slow
def test_pieces_of_a_batch_add_up_to_the_whole(whole: Run, tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run", accumulate=4))
    run.go()
    one, two = ([line["image"] for line in each.training._state.history if "image" in line] for each in (run, whole))
    assert one == pytest.approx(two, rel=1e-5)


@pytest.mark.slow
def test_a_run_ends_with_its_time_and_its_rate_ends_low(tmp_path: Path) -> None:
    settings = {"stage1": {"steps": 400, "lr": 1e-3, "warm_up": 2}, "stage2": {"steps": 400, "lr": 1e-3}}
    run = Run(config(tmp_path / "run", **settings, batch=2, max_minutes=4 / 60, validate_every=1000))
    begun = time.monotonic()
    outcome = run.go()
    assert 3.5 < time.monotonic() - begun < 8.0
    assert outcome.state.stage == 2 and run.kept and outcome.best
    rates = [line["rate"] for line in outcome.state.history if line["stage"] == 1 and "rate" in line]
    assert rates[-1] < 0.1e-3 < 0.8e-3 < max(rates)
    shares = [line["seconds"] for line in outcome.state.history if "validation" not in line and line["stage"] == 1]
    assert shares[-1] == pytest.approx(2.0, abs=1.0)


@pytest.mark.slow
def test_a_stage_ends_when_nothing_gets_better(tmp_path: Path) -> None:
    still = {"steps": 60, "lr": 1e-12, "lr_end": 0.0, "warm_up": 0}
    outcome = Run(config(tmp_path / "run", stage1=still, stage2=still, patience=2, validate_every=2, ema=0.0)).go()
    last = {line["stage"]: line["step"] for line in outcome.state.history}
    assert 4 <= last[1] < 30 and 4 <= last[2] < 30


@pytest.mark.slow
def test_losses_that_are_no_numbers_once_halve_the_rate(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"), source=Spoilt(range(16, 17)))
    outcome = run.go()
    (warning,) = (event.message for event in run.events if isinstance(event, Warned))
    assert "went back to step 3 and goes on with half the learning rate" in warning
    assert outcome.state.rate_factor == 0.5 and np.isfinite(outcome.best["ergas"])
    steps = [line["step"] for line in outcome.state.history if line["stage"] == 1 and "image" in line]
    assert steps == [1, 2, 3, 4, 5, 6]


def test_losses_that_are_no_numbers_again_end_the_run_in_a_sentence(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run"), source=Spoilt(range(16, 10_000)))
    with pytest.raises(InputError, match="no numbers again, at step"):
        run.go()
    checkpoint = run.latest()
    assert all(np.isfinite(value.numpy()).all() for value in checkpoint.tensors.values())


class Unreadable(Ripples):
    """Ripples that cannot be drawn any more from some draw on."""

    def __init__(self, after: int) -> None:
        self._left = after

    def draw(self, patch: int, variation: Variation, random: np.random.Generator) -> Sample:
        self._left -= 1
        if self._left < 0:
            raise InputError("It cannot be read.", "Copy it again.")
        return super().draw(patch, variation, random)


@pytest.mark.slow
def test_what_was_learnt_before_a_sample_could_not_be_read_is_kept(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Run(config(tmp_path / "run"), source=Unreadable(12)).go()
    assert Run(config(tmp_path / "run")).latest().state.step == 3


def test_a_run_without_any_time_left_ends_with_a_model(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run", max_minutes=1e-4))
    outcome = run.go()
    assert run.kept and outcome.best["ergas"] > 0.0


@pytest.mark.slow
def test_checkpoints_are_written_as_time_goes_by(tmp_path: Path) -> None:
    run = Run(config(tmp_path / "run", checkpoint_every_minutes=1e-6))
    written: list[str] = []

    def going() -> bool:
        written.extend(name for name in os.listdir(tmp_path / "run") if name.endswith(".npz"))
        return True

    run.go(going)
    assert {f"step-{number:07d}.npz" for number in range(11)} == {*written, "step-0000010.npz"}


@pytest.mark.slow
def test_half_precision_trains_too(tmp_path: Path) -> None:
    outcome = Run(config(tmp_path / "run", precision="bf16")).go()
    assert outcome.best["ergas"] < outcome.enlarged["ergas"]
