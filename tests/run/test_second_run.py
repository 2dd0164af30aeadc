"""Run B: the library's run with one setting changed, at any step of A, however it got there."""

from dataclasses import is_dataclass, replace

import numpy as np
import pytest
from asking import send

import rbmviz
from rbmviz.run.difference import (
    DIFFERENCES,
    Difference,
    differences,
    read_difference,
    run_label,
    suggested_value,
)
from rbmviz.run.estimators import OFFERED
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Request
from rbmviz.run.run import Run
from rbmviz.run.second_run import SecondRun
from rbmviz.run.settings import LabSettings, clamp_settings

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5)
CD5 = Difference("n_steps", 5)

pytestmark = pytest.mark.usefixtures("generous_budgets")


def weights_at(settings: LabSettings, step: int) -> np.ndarray:
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    return rbmviz.train(state, step).rbm.W


def opened(difference: Difference = CD5, settings: LabSettings = SMALL, speed: int = 7) -> Lab:
    lab = Lab(settings, speed)
    lab.apply(settings, speed, difference)
    lab.answer()
    return lab


def assert_level(lab: Lab, step: int) -> None:
    view = lab.side_by_side()
    assert (view.a.step, view.b.step) == (step, step)


def test_b_is_the_library_s_run_with_one_setting_changed() -> None:
    lab = opened()
    assert_level(lab, 0)
    send(lab, "step", 10)
    view = lab.side_by_side()
    assert_level(lab, 10)
    np.testing.assert_array_equal(view.a.rbm.W, weights_at(SMALL, 10))
    np.testing.assert_array_equal(view.b.rbm.W, weights_at(replace(SMALL, n_steps=5), 10))
    np.testing.assert_array_equal(weights_at(SMALL, 0), weights_at(replace(SMALL, n_steps=5), 0))
    assert view.labels == ("CD-1", "CD-5")
    assert view.b.log_z == pytest.approx(rbmviz.exact_log_z(view.b.rbm))
    assert view.columns[1]["step"] == [0, 10]


def test_pause_brings_both_back_to_the_step_on_the_screen() -> None:
    lab = opened()
    send(lab, "play")
    played = [s.step for s in lab.answer().snapshots]
    assert_level(lab, played[-1])
    send(lab, "pause", shown=played[2])
    assert_level(lab, played[2])
    b = lab.side_by_side().b
    np.testing.assert_array_equal(b.rbm.W, weights_at(replace(SMALL, n_steps=5), played[2]))
    assert max(lab.side_by_side().columns[1]["step"]) == played[2]


def test_a_late_b_is_replayed_from_the_start_with_its_curve() -> None:
    lab = Lab(SMALL)
    send(lab, "step", 500)
    lab.apply(SMALL, 20, CD5)
    answer = lab.answer()
    assert "step 500" in answer.notice.text
    assert_level(lab, 500)
    view = lab.side_by_side()
    np.testing.assert_array_equal(view.b.rbm.W, weights_at(replace(SMALL, n_steps=5), 500))
    assert len(view.columns[1]["step"]) > 20
    assert None not in view.columns[1]["log_z"]
    lab.apply(SMALL, 20, None)
    assert lab.side_by_side() is None


@pytest.mark.parametrize("late", [False, True])
def test_changes_on_the_way_are_made_to_both_at_the_same_steps(late: bool) -> None:
    """A difference without effect must give A bit for bit, chains and all."""
    difference = Difference("centered", False)
    lab = Lab(SMALL, speed=5)
    wanted = None if late else difference
    lab.apply(SMALL, 5, wanted)
    send(lab, "step", 10)
    pcd = replace(SMALL, estimator="pcd", n_chains=9)
    lab.apply(pcd, 5, wanted)
    lab.apply(replace(pcd, learning_rate=0.3), 5, wanted)  # at the same step
    send(lab, "play")
    played = [s.step for s in lab.answer().snapshots]
    lab.apply(replace(pcd, momentum=0.5), 5, wanted)
    lab.answer()
    send(lab, "pause", shown=played[1])  # before the last change
    send(lab, "step", 10)
    lab.apply(lab.settings, 5, difference)
    lab.answer()
    view = lab.side_by_side()
    assert view.a.step == view.b.step == played[1] + 10
    np.testing.assert_array_equal(view.a.rbm.W, view.b.rbm.W)
    np.testing.assert_array_equal(view.a.negative.samples, view.b.negative.samples)


def test_a_rival_may_be_brought_to_any_step_in_any_order() -> None:
    first = Run.start(SMALL)
    b = SecondRun(CD5, first)
    for step in (50, 20, 80, 0, 79):
        first = Run.start(SMALL)
        first.bring_to(step, 20.0)
        b.lead(first, playing=False, seconds=20.0)
        assert b.step == step
        expected = weights_at(replace(SMALL, n_steps=5), step)
        np.testing.assert_array_equal(b.run.snapshot.rbm.W, expected)
        assert max(b.run.curves.columns()["step"]) <= step


def test_a_new_start_is_one_for_both() -> None:
    lab = opened()
    send(lab, "step", 30)
    send(lab, "restart")
    assert_level(lab, 0)
    send(lab, "step", 5)
    larger = replace(SMALL, n_hidden=4)
    lab.apply(larger, 7, CD5)
    lab.answer()
    assert_level(lab, 0)
    assert lab.side_by_side().b.rbm.n_hidden == 4
    send(lab, "new_seed")
    view = lab.side_by_side()
    np.testing.assert_array_equal(view.a.rbm.W, view.b.rbm.W)


def test_b_falls_behind_within_its_time_and_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rbmviz.run.second_run.STILL_SECONDS", 0.0)
    lab = Lab(SMALL)
    send(lab, "step", 300)
    lab.apply(SMALL, 20, CD5)
    lab.answer()
    assert lab.second_lag == (0, 300)
    for _ in range(1000):
        if lab.second_lag is None:
            break
        lab.catch_up(0.001)
    assert_level(lab, 300)


def test_a_slow_b_slows_a_down_while_playing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rbmviz.run.player.Player.budget", 0.03)
    monkeypatch.setattr("rbmviz.run.second_run.PLAYING_SECONDS", 0.03)
    lab = opened(speed=100)
    lab._second.run.seconds_an_update = 0.02
    send(lab, "play")
    assert [s.step for s in lab.answer().snapshots][:2] == [1, 2]


def test_while_b_catches_up_a_keeps_half_of_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rbmviz.run.player.Player.budget", 0.5)
    monkeypatch.setattr("rbmviz.run.second_run.PLAYING_SECONDS", 0.0)
    monkeypatch.setattr("rbmviz.run.second_run.STILL_SECONDS", 0.0)
    lab = Lab(SMALL, speed=100)
    send(lab, "step", 300)
    lab.apply(SMALL, 100, CD5)
    for _ in range(50):  # the frames before B was chosen are forgotten
        send(lab, "step", 1)
    lab._second.run.seconds_an_update = 1.0
    lab._pace.seconds_an_update = 1e-4
    send(lab, "play")
    assert lab.answer().snapshots[0].step == 400
    assert lab.side_by_side().b.step < 350


def test_what_both_runs_keep_of_large_chains_stays_small() -> None:
    """Arrays that the frames to go back to, and run B's places, hold: once each."""
    highest = {"n_chains": 500, "n_temperatures": 30, "n_hidden": 64, "estimator": "tempering"}
    settings, _ = clamp_settings({**highest, "batch_size": 500, "dataset": "digits"})
    lab = opened(Difference("learning_rate", 0.01), settings, speed=1)
    send(lab, "play")
    for _ in range(8):
        lab.receive(Request("tab", -1, 6, ()))
        lab.answer()
    kept = [past.place.state for run in (lab._run, lab._second.run) for past in run._past]
    assert len(lab._run._past) == 40
    held: dict[int, int] = {}

    def weigh(thing: object) -> None:
        if isinstance(thing, np.ndarray):
            held[id(thing)] = thing.nbytes
        elif is_dataclass(thing):
            for part in vars(thing).values():
                weigh(part)

    for state in kept:
        weigh(state)
    assert sum(held.values()) < 60e6


@pytest.mark.parametrize("centered", [False, True])
def test_the_gradient_that_is_shown_is_the_one_the_update_takes(centered: bool) -> None:
    lab = opened(Difference("centered", not centered), replace(SMALL, centered=centered))
    send(lab, "step", 10)
    before = lab.side_by_side()
    assert before.centered == (centered, not centered)
    send(lab, "step", 1)
    after = lab.side_by_side()
    for k, (old, new) in enumerate(((before.a, after.a), (before.b, after.b))):
        moved = (new.rbm.W - old.rbm.W) / SMALL.learning_rate
        np.testing.assert_allclose(before.ascents[k].vh, moved, atol=1e-10)


def test_a_diverging_b_is_stopped_with_a_notice_and_a_goes_on() -> None:
    calm = replace(SMALL, learning_rate=0.1, weight_decay=1.0, initial_scale=1.0)
    lab = opened(Difference("learning_rate", 10.0), calm)
    send(lab, "step", 1000)
    answer = lab.answer()
    assert answer.snapshots[-1].step == 1000
    assert "Run B diverged" in answer.notice.text
    view = lab.side_by_side()
    assert view.diverged
    assert view.b is None
    assert max(view.columns[1]["step"]) < 1000
    assert lab.second_lag is None
    send(lab, "step", 10)
    assert lab.answer().notice is None  # said once
    assert lab.side_by_side().a.step == 1010
    send(lab, "restart")
    assert_level(lab, 0)


def test_without_enumeration_the_curves_are_estimates() -> None:
    lab = opened(settings=LabSettings("digits", 20))
    view = lab.side_by_side()
    assert not view.exact
    assert view.a.log_z_estimate is not None
    assert view.b.log_z_estimate is not None
    assert view.columns[1]["log_z_estimate"][0] is not None


# ---- what may differ ----------------------------------------------------------------------


@pytest.mark.parametrize("estimator", OFFERED)
def test_every_suggestion_gives_another_run_with_another_name(estimator: str) -> None:
    settings = LabSettings(estimator=estimator)
    assert "learning_rate" in differences(settings)
    for name in differences(settings):
        value = suggested_value(settings, name)
        difference, messages = read_difference(settings, name, value)
        assert difference == Difference(name, value)
        assert messages == []
        rival = difference.applied_to(settings)
        assert rival.training_settings() != settings.training_settings()
        assert run_label(rival, name) != run_label(settings, name)


def test_what_the_estimator_does_not_use_cannot_differ() -> None:
    assert "n_chains" not in differences(SMALL)
    assert read_difference(SMALL, "n_chains", 5) == (None, [])


def test_a_value_that_changes_a_second_setting_of_b_is_refused() -> None:
    settings = LabSettings(n_chains=100, n_steps=50)
    difference, messages = read_difference(settings, "estimator", "tempering")
    assert difference is None
    assert any("n_steps 50 of 1,000 chains" in message for message in messages)
    assert "would differ in n_steps as well" in messages[-1]
    assert read_difference(replace(settings, n_steps=25), "estimator", "tempering")[0]


def test_fixed_points_are_called_what_the_sidebar_calls_them() -> None:
    for estimator in ("tap", "mf"):
        offered = differences(LabSettings(estimator=estimator))
        assert (offered["n_steps"], offered["n_chains"]) == ("Iterations k", "Fixed points")
        assert run_label(LabSettings(estimator=estimator), "n_chains") == "100 fixed points"
    assert differences(LabSettings(estimator="pcd"))["n_chains"] == "Chains"
    assert run_label(LabSettings(estimator="tempering"), "n_chains") == "100 ladders of chains"


@pytest.mark.parametrize("value", [None, "x", float("nan"), -1, 10**30, [], "<b>"])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_hostile_values_are_replaced_and_named(name: str, value: object) -> None:
    settings = LabSettings(estimator="fpcd")
    difference, messages = read_difference(settings, name, value)
    if name in differences(settings):
        assert messages
        assert difference is None or difference.applied_to(settings) != settings
    else:
        assert difference is None


@pytest.mark.parametrize("name", [None, 3, "seed", "dataset", "n_hidden", "__class__", []])
def test_only_learning_settings_may_differ(name: object) -> None:
    assert read_difference(SMALL, name, 2) == (None, [])
