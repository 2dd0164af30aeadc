"""Kept runs: at most six, none twice, the asked for stay; an opened run goes on bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from asking import send

import rbmviz
from rbmviz.run.difference import Difference
from rbmviz.run.kept_runs import MAX_NAME, MAX_RUNS, Runs, differing
from rbmviz.run.lab import Lab
from rbmviz.run.run import Run
from rbmviz.run.settings import LabSettings

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5)


def ran(step: int = 5, **changed: object) -> Run:
    lab = Lab(replace(SMALL, **changed))
    send(lab, "step", step)
    return lab.copy_of_run()


def names(runs: Runs) -> list[str]:
    return [kept.run.name for kept in runs]


def test_at_most_six_are_kept_and_the_asked_for_stay() -> None:
    runs = Runs()
    for seed in range(MAX_RUNS + 2):
        assert runs.keep(ran(1, seed=seed), asked=seed in (0, 3)) is None
    assert names(runs) == ["Run 1", "Run 4", "Run 5", "Run 6", "Run 7", "Run 8"]
    for run in list(runs):
        runs.rename(run.id, f"mine {run.id}")
    notice = runs.keep(ran(1, seed=99), asked=True)
    assert notice.kind == "warning"
    assert "6 runs are kept: delete one" in notice.text
    assert runs.keep(ran(1, seed=99), asked=False) is None  # it is let go in silence
    runs.delete(next(iter(runs)).id)
    assert runs.keep(ran(1, seed=99), asked=True) is None
    assert len(runs) == MAX_RUNS


def test_the_same_run_is_kept_once_where_it_is_furthest() -> None:
    runs = Runs()
    short, long = ran(5), ran(30)
    changed = Lab(SMALL)
    send(changed, "step", 10)
    changed.apply(replace(SMALL, learning_rate=0.7), 20)
    send(changed, "step", 10)
    runs.keep(short, asked=False)
    runs.rename(next(iter(runs)).id, "mine")
    runs.keep(long, asked=False)
    (only,) = runs
    assert (only.run.step, only.run.name, only.asked) == (30, "mine", True)
    assert "holds this run up to step 30" in runs.keep(ran(5), asked=True).text
    runs.keep(changed.copy_of_run(), asked=True)  # the same up to step 10, another one after
    assert [kept.run.step for kept in runs] == [30, 20]


def test_names_are_cleaned_and_never_empty() -> None:
    runs = Runs()
    runs.keep(ran(), asked=True)
    (run,) = runs
    for given, taken in (("  a\n b ", "a b"), ("", "a b"), ("   ", "a b"), ("x" * 99, "x" * 40)):
        runs.rename(run.id, given)
        assert names(runs) == [taken]
        assert len(taken) <= MAX_NAME
    runs.rename(12345, "nobody")
    runs.delete(12345)
    assert runs.get(12345) is None
    assert len(runs) == 1


def test_a_run_is_kept_when_a_new_one_begins() -> None:
    lab = Lab(SMALL)
    send(lab, "restart")
    assert len(lab.runs) == 0  # nothing was trained
    send(lab, "step", 12)
    lab.apply(replace(SMALL, n_hidden=4), 20)
    send(lab, "step", 7)
    send(lab, "new_seed")
    assert [(each.run.step, each.run.settings.n_hidden) for each in lab.runs] == [
        (12, 3),
        (7, 4),
    ]
    assert not any(run.asked for run in lab.runs)


def test_an_opened_run_shows_its_record_and_goes_on_bit_for_bit() -> None:
    lab = Lab(SMALL)
    for _ in range(3):
        send(lab, "step", 10)
    lab.apply(replace(SMALL, estimator="pcd", n_chains=9), 20)
    send(lab, "step", 10)
    ledger = lab.curves()
    expected = rbmviz.train(lab.state, 15)
    send(lab, "new_seed")
    send(lab, "step", 3)
    (kept,) = lab.runs
    lab.open_run(kept.run)
    assert lab.settings == replace(SMALL, estimator="pcd", n_chains=9)
    answer = lab.answer()
    assert (answer.snapshots[-1].step, answer.playing) == (40, False)
    assert "step 40" in answer.notice.text
    assert lab.curves()["step"] == ledger["step"]
    assert lab.curves()["log_z"] == ledger["log_z"]
    assert [each.run.step for each in lab.runs] == [40, 3]  # the one that made way is kept
    send(lab, "step", 15)
    np.testing.assert_array_equal(lab.state.rbm.W, expected.rbm.W)
    kept = lab.runs.get(kept.id)
    assert kept.step == 40  # what is kept does not move
    assert kept.curves.points[-1].step == 40
    assert kept.recording.checkpoints[-1].step == 40


def test_run_b_is_kept_with_its_name_and_can_take_the_stage() -> None:
    lab = Lab(SMALL)
    send(lab, "step", 60)
    lab.apply(SMALL, 20, Difference("learning_rate", 0.5, from_step=30))
    lab.answer()
    lab.catch_up(20.0)
    expected = lab._second.run.state
    lab.keep(second=True)
    run = next(iter(lab.runs)).run
    assert run.name == "B: rate 0.5 from step 30"
    assert run.settings.learning_rate == 0.5
    lab.open_run(run)
    np.testing.assert_array_equal(lab.state.rbm.W, expected.rbm.W)
    assert lab.answer().snapshots[-1].step == 60


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"learning_rate": 0.5, "seed": 7}, "Learning rate 0.5, Seed 7"),
        ({"n_chains": 5}, ""),  # which CD does not use
        ({"estimator": "tap", "n_steps": 3}, "TAP mean field, Iterations k 3"),
        ({"dataset": "XOR", "n_hidden": 2}, "Data set XOR, Hidden units 2"),
        ({"centered": True}, "Centered gradient"),
    ],
)
def test_what_differs_is_said(changed: dict[str, object], said: str) -> None:
    assert differing(replace(SMALL, **changed), SMALL) == said
