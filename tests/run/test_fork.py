"""A fork is, bit for bit, a run whose settings changed at that step, however it got there."""

from dataclasses import replace

import numpy as np
import pytest
from asking import send

import rbmviz
from rbmviz.core.training import with_settings
from rbmviz.run.difference import MAX_FORK_STEP, Difference, read_difference
from rbmviz.run.estimators import OFFERED
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Request, parse_request
from rbmviz.run.run import Run
from rbmviz.run.second_run import SecondRun
from rbmviz.run.settings import LabSettings

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=3, seed=5, n_chains=7)

pytestmark = pytest.mark.usefixtures("generous_budgets")


def library(changes: list[tuple[int, LabSettings]], step: int) -> rbmviz.TrainingState:
    """A run by the library alone, its settings changed at these steps."""
    state = rbmviz.start(changes[0][1].training_settings(), changes[0][1].data.v)
    for at, settings in changes[1:]:
        state = with_settings(rbmviz.train(state, at - state.step), settings.training_settings())
    return rbmviz.train(state, step - state.step)


def assert_b_is(lab: Lab, state: rbmviz.TrainingState) -> None:
    rival = lab._second
    assert rival.step == state.step
    for name in ("W", "b", "c"):
        np.testing.assert_array_equal(getattr(rival.run.state.rbm, name), getattr(state.rbm, name))
    assert rival.run.state.chain_rng == state.chain_rng
    assert rival.run.state.cursor == state.cursor


@pytest.mark.parametrize(
    ("estimator", "name", "value"),
    [
        *zip(OFFERED, ["momentum"] * 7, [0.9] * 7, strict=True),
        ("cd", "learning_rate", 0.5),
        ("tempering", "batch_size", 2),
        ("fpcd", "centered", True),
    ],
)
def test_a_fork_equals_a_run_whose_setting_changed_there(
    estimator: str, name: str, value: object
) -> None:
    settings = replace(SMALL, estimator=estimator)
    changed = replace(settings, **{name: value})
    lab = Lab(settings)
    send(lab, "step", 20)
    send(lab, "step", 40)
    lab.apply(settings, 20, Difference(name, value, from_step=33))
    lab.answer()
    assert_b_is(lab, library([(0, settings), (33, changed)], 60))
    send(lab, "step", 5)
    assert_b_is(lab, library([(0, settings), (33, changed)], 65))


@pytest.mark.parametrize("fork", [1, 20, 21, 60])
def test_another_estimator_from_any_step(fork: int) -> None:
    lab = Lab(SMALL)
    for _ in range(6):
        send(lab, "step", 10)
    lab.apply(SMALL, 20, Difference("estimator", "pcd", from_step=fork))
    lab.answer()
    assert f"leaves run A at step {fork}" in lab.answer().notice.text
    pcd = replace(SMALL, estimator="pcd")
    assert_b_is(lab, library([(0, SMALL), (fork, pcd)], 60))


def test_a_fork_takes_the_changes_that_run_a_made_before_at_and_after_it() -> None:
    lab = Lab(SMALL)
    pcd = replace(SMALL, estimator="pcd")
    fast = replace(pcd, learning_rate=0.4)
    send(lab, "step", 20)
    lab.apply(pcd, 20)
    send(lab, "step", 20)
    lab.apply(fast, 20)  # at 40, where the fork will be
    send(lab, "step", 20)
    lab.apply(replace(fast, batch_size=2), 20)
    send(lab, "step", 20)
    lab.apply(lab.settings, 20, Difference("momentum", 0.5, from_step=40))
    lab.answer()
    changes = [(0, SMALL), (20, pcd), (40, fast), (40, replace(fast, momentum=0.5))]
    changes.append((60, replace(fast, momentum=0.5, batch_size=2)))
    assert_b_is(lab, library(changes, 80))
    lab.apply(replace(lab.settings, weight_decay=0.01), 20, lab._second.difference)
    send(lab, "step", 10)
    changes.append((80, replace(changes[-1][1], weight_decay=0.01)))
    assert_b_is(lab, library(changes, 90))


def test_it_goes_on_from_the_kept_state_and_both_curves_share_their_trunk() -> None:
    lab = Lab(SMALL)
    for _ in range(10):
        send(lab, "step", 10)
    before = lab.curves()
    send(lab, "fork", 47)
    assert lab.take_fork() == 47
    assert lab.take_fork() is None
    lab.apply(SMALL, 20, Difference("learning_rate", 2.0, from_step=47))
    assert "kept at step 40" in lab.notice.text
    lab.answer()
    view = lab.side_by_side()
    assert (view.a.step, view.b.step) == (100, 100)
    assert view.labels == ("rate 0.1", "rate 2 from step 47")
    shared = [k for k, step in enumerate(view.columns[1]["step"]) if step <= 40]
    assert [view.columns[1]["step"][k] for k in shared] == [0, 10, 20, 30, 40]
    for k in shared:
        for name in ("mean_log_p_tilde", "log_z"):
            assert view.columns[1][name][k] == before[name][k]
    assert view.columns[1]["log_z"][-1] != view.columns[0]["log_z"][-1]
    recorded = lab._second.run.recording.checkpoints
    assert [each.step for each in recorded][:5] == [0, 10, 20, 30, 40]
    assert recorded[-1].settings.learning_rate == 2.0


def test_without_a_kept_state_it_is_trained_again_and_says_so() -> None:
    trained = Lab(SMALL)
    for _ in range(4):
        send(trained, "step", 10)
    lab = Lab(replace(SMALL, seed=9))
    lab.open_run(trained.copy_of_run())
    lab.apply(SMALL, 20, Difference("learning_rate", 0.5, from_step=25))
    assert "trained again from step 0" in lab.notice.text
    lab.answer()
    assert_b_is(lab, library([(0, SMALL), (25, replace(SMALL, learning_rate=0.5))], 40))


def test_run_a_may_go_back_before_the_fork() -> None:
    lab = Lab(SMALL, speed=5)
    send(lab, "play")
    played = [s.step for s in lab.answer().snapshots]
    fork = Difference("learning_rate", 0.5, from_step=played[3])
    lab.apply(SMALL, 5, fork)
    lab.answer()
    send(lab, "pause", shown=played[1])
    lab.apply(replace(SMALL, n_steps=3), 5, fork)
    send(lab, "step", 100)
    slow = replace(SMALL, n_steps=3)
    changes = [(0, SMALL), (played[1], slow), (played[3], replace(slow, learning_rate=0.5))]
    assert_b_is(lab, library(changes, played[1] + 100))


def test_a_pause_may_go_back_before_the_state_that_b_went_on_from() -> None:
    lab = Lab(SMALL, speed=5)
    send(lab, "play")
    played = [s.step for s in lab.answer().snapshots]
    lab.apply(SMALL, 5, Difference("learning_rate", 0.5, from_step=played[3]))
    assert lab._second.step > played[1]
    send(lab, "pause", shown=played[1])
    assert_b_is(lab, library([(0, SMALL)], played[1]))
    send(lab, "step", 30)
    changes = [(0, SMALL), (played[3], replace(SMALL, learning_rate=0.5))]
    assert_b_is(lab, library(changes, played[1] + 30))


def test_a_fork_that_is_yet_to_come_goes_on_from_run_a_s_states_when_it_came() -> None:
    """As on the way of a link, where run A is trained first."""
    lab = Lab(SMALL)
    lab.apply(SMALL, 20, Difference("learning_rate", 0.5, from_step=47))
    assert "step 47. Until then both runs are identical" in lab.notice.text
    for step in (13, 31, 52, 60):
        lab.lead_to(step)
        lab.go_on(20.0)
    lab.answer()
    assert_b_is(lab, library([(0, SMALL), (47, replace(SMALL, learning_rate=0.5))], 60))
    view = lab.side_by_side()
    assert view.columns[1]["step"][:3] == view.columns[0]["step"][:3] == [0, 1, 2]
    assert view.columns[1]["log_z"][:3] == view.columns[0]["log_z"][:3]


def test_a_restart_forks_the_new_run_at_the_same_step() -> None:
    lab = Lab(SMALL)
    send(lab, "step", 50)
    lab.apply(SMALL, 20, Difference("learning_rate", 0.5, from_step=30))
    send(lab, "restart")
    send(lab, "step", 20)
    assert_b_is(lab, library([(0, SMALL)], 20))
    send(lab, "step", 20)
    assert_b_is(lab, library([(0, SMALL), (30, replace(SMALL, learning_rate=0.5))], 40))


def test_a_fork_at_step_zero_differs_from_the_start() -> None:
    first = Run.start(SMALL)
    b = SecondRun(Difference("estimator", "pcd"), first)
    first.bring_to(20, 20.0)
    b.lead(first, playing=False, seconds=20.0)
    expected = library([(0, replace(SMALL, estimator="pcd"))], 20)
    np.testing.assert_array_equal(b.run.state.rbm.W, expected.rbm.W)


@pytest.mark.parametrize(
    ("step", "taken"),
    [(-5, 0), (7, 7), (2.9, 2), (10**30, MAX_FORK_STEP), (float("nan"), 0), ("x", 0), (None, 0)],
)
def test_hostile_steps_are_clamped(step: object, taken: int) -> None:
    difference, _ = read_difference(SMALL, "learning_rate", 0.5, step)
    assert difference == Difference("learning_rate", 0.5, taken)
    (command,) = parse_request({"commands": [{"id": 1, "kind": "fork", "value": step}]}).commands
    lab = Lab(SMALL)
    lab.receive(Request("tab", -1, 1, (command,)))
    assert lab.take_fork() == 0  # no fork beyond where the run stands
