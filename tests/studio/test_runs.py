"""Kept runs: at most six, none twice, the asked for stay; an opened run goes on bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

import rbmviz
from rbmviz.run.difference import Difference
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.studio.engine import Engine
from rbmviz.studio.runs import MAX_NAME, MAX_RUNS, KeptRun, Runs, differing

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5)


def send(engine: Engine, kind: str, value: int = 0) -> None:
    engine.receive(Request("tab", -1, 8, (Command(engine._ack + 1, kind, value),)))
    engine.answer()


def ran(step: int = 5, **changed: object) -> KeptRun:
    engine = Engine(replace(SMALL, **changed))
    send(engine, "step", step)
    return engine.kept()


def names(runs: Runs) -> list[str]:
    return [run.name for run in runs]


def test_at_most_six_are_kept_and_the_asked_for_stay() -> None:
    one = ran()
    runs = Runs()
    for seed in range(MAX_RUNS + 2):
        schedule = replace(one.schedule, entries=((0, replace(SMALL, seed=seed)),))
        assert runs.keep(replace(one, schedule=schedule, asked=seed in (0, 3))) is None
    assert names(runs) == ["Run 1", "Run 4", "Run 5", "Run 6", "Run 7", "Run 8"]
    for run in list(runs):
        runs.rename(run.id, f"mine {run.id}")
    other = replace(one.schedule, entries=((0, replace(SMALL, seed=99)),))
    notice = runs.keep(replace(one, schedule=other))
    assert notice.kind == "warning"
    assert "6 runs are kept: delete one" in notice.text
    assert runs.keep(replace(one, schedule=other, asked=False)) is None  # it is let go in silence
    runs.delete(next(iter(runs)).id)
    assert runs.keep(replace(one, schedule=other)) is None
    assert len(runs) == MAX_RUNS


def test_the_same_run_is_kept_once_where_it_is_furthest() -> None:
    runs = Runs()
    short, long = ran(5), ran(30)
    changed = Engine(SMALL)
    send(changed, "step", 10)
    changed.apply(replace(SMALL, learning_rate=0.7), 20)
    send(changed, "step", 10)
    runs.keep(replace(short, asked=False))
    runs.rename(next(iter(runs)).id, "mine")
    runs.keep(replace(long, asked=False))
    (only,) = runs
    assert (only.step, only.name, only.asked) == (30, "mine", True)
    assert "holds this run up to step 30" in runs.keep(short).text
    runs.keep(changed.kept())  # the same up to step 10, another one after
    assert [run.step for run in runs] == [30, 20]


def test_names_are_cleaned_and_never_empty() -> None:
    runs = Runs()
    runs.keep(ran())
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
    engine = Engine(SMALL)
    send(engine, "restart")
    assert len(engine.runs) == 0  # nothing was trained
    send(engine, "step", 12)
    engine.apply(replace(SMALL, n_hidden=4), 20)
    send(engine, "step", 7)
    send(engine, "new_seed")
    assert [(run.step, run.settings.n_hidden) for run in engine.runs] == [(12, 3), (7, 4)]
    assert not any(run.asked for run in engine.runs)


def test_an_opened_run_shows_its_record_and_goes_on_bit_for_bit() -> None:
    engine = Engine(SMALL)
    for _ in range(3):
        send(engine, "step", 10)
    engine.apply(replace(SMALL, estimator="pcd", n_chains=9), 20)
    send(engine, "step", 10)
    ledger = engine.record_columns()
    expected = rbmviz.train(engine.state, 15)
    send(engine, "new_seed")
    send(engine, "step", 3)
    (run,) = engine.runs
    engine.open_run(run)
    assert engine.settings == replace(SMALL, estimator="pcd", n_chains=9)
    answer = engine.answer()
    assert (answer.snapshots[-1].step, answer.playing) == (40, False)
    assert "step 40" in answer.notice.text
    assert engine.record_columns()["step"] == ledger["step"]
    assert engine.record_columns()["log_z"] == ledger["log_z"]
    assert [run.step for run in engine.runs] == [40, 3]  # the one that made way is kept
    send(engine, "step", 15)
    np.testing.assert_array_equal(engine.state.rbm.W, expected.rbm.W)
    kept = engine.runs.get(run.id)
    assert kept.step == 40  # what is kept does not move
    assert kept.record.points[-1].step == 40
    assert kept.recording.checkpoints[-1].step == 40


def test_run_b_is_kept_with_its_name_and_can_take_the_stage() -> None:
    engine = Engine(SMALL)
    send(engine, "step", 60)
    engine.apply(SMALL, 20, Difference("learning_rate", 0.5, from_step=30))
    engine.answer()
    engine.catch_up(20.0)
    expected = engine._companion.rival._place.state
    engine.keep(rival=True)
    (run,) = engine.runs
    assert run.name == "B: rate 0.5 from step 30"
    assert run.settings.learning_rate == 0.5
    engine.open_run(run)
    np.testing.assert_array_equal(engine.state.rbm.W, expected.rbm.W)
    assert engine.answer().snapshots[-1].step == 60


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
