"""The tracked log Z of a run in the lab: near the exact one, anchored, honest when it is wrong."""

import numpy as np
import pytest

import rbmviz
from rbmviz import RBM
from rbmviz.charts.ledger import ledger_columns, terms_spec
from rbmviz.core.log_z import anchored
from rbmviz.core.training import TrainingState
from rbmviz.run import tracked_log_z
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.run.tracked_log_z import ANCHOR_EVERY, Follower, report

SETTINGS = LabSettings(dataset="bars-and-stripes 3x3", n_hidden=8, seed=3, learning_rate=0.3)


def run(n_frames: int, every: int = 20) -> list[TrainingState]:
    state = rbmviz.start(SETTINGS.training_settings(), SETTINGS.data.v)
    states = [state]
    for _ in range(n_frames):
        states.append(state := rbmviz.train(state, every))
    return states


STATES = run(100)
TRUTH = rbmviz.exact_log_z(STATES[-1].rbm)


def followed(states: list[TrainingState]) -> Follower:
    found = Follower.at(states[0])
    for state in states[1:]:
        found = found.moved_to(state)
    return found


def test_it_ends_near_the_exact_value() -> None:
    found = followed(STATES)
    assert found.step == STATES[-1].step
    assert found.anchor_step == 0  # it was not placed anew on the way
    assert abs(found.tracked.log_z - TRUTH) < 0.3
    assert abs(Follower.at(STATES[0]).tracked.log_z - TRUTH) > 2.0  # standing still would show


def test_particles_that_do_not_move_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracked_log_z, "track", lambda rng, tracked, rbm: tracked)
    assert abs(followed(STATES).tracked.log_z - TRUTH) > 2.0


def test_the_same_way_gives_the_same_numbers() -> None:
    assert followed(STATES[:6]).tracked.log_z == followed(STATES[:6]).tracked.log_z


def test_an_exact_value_anchors_it_and_leaves_its_drift() -> None:
    found = followed(STATES)
    before = found.tracked.log_z
    put = found.put_on(TRUTH)
    assert put.tracked.log_z == TRUTH
    assert put.measured == (STATES[-1].step, pytest.approx(before - TRUTH))
    assert put.tracked.deviation == 0.0


def test_the_next_anchor_waits_so_that_a_drift_can_be_seen() -> None:
    put = followed(STATES[:3]).put_on(10.0)
    assert put.exact_anchor
    near = put.moved_to(STATES[4])
    assert near.put_on(-5.0) is near
    far = STATES[2 + -(-ANCHOR_EVERY // 20)]
    assert put.moved_to(far).put_on(7.0).tracked.log_z == 7.0


def test_particles_that_are_lost_are_placed_anew() -> None:
    found = Follower.at(STATES[0])
    strange = RBM(np.full((9, 8), 30.0), np.full(9, -300.0), np.full(8, -100.0))
    state = TrainingState(**{**vars(STATES[5]), "rbm": strange})
    placed = found.moved_to(state)
    assert placed.anchor_step == state.step
    assert np.isfinite(placed.tracked.log_z)


def test_probabilities_that_add_up_to_more_than_one_are_told() -> None:
    found = followed(STATES)
    rows = np.unique(SETTINGS.data.v, axis=0)
    mass = float(np.exp(rbmviz.log_p_tilde(STATES[-1].rbm, rows) - TRUTH).sum())
    assert report(found, rows, TRUTH, TRUTH).warning is None
    low = Follower(anchored(found.tracked, TRUTH + np.log(mass) - 0.5), found.step)
    said = report(low, rows, TRUTH, None).warning
    assert said is not None
    assert "too small by at least 0.5 nats" in said
    assert "annealed" in str(report(found, rows, TRUTH, TRUTH + np.log(mass) - 1.0).warning)
    assert report(low, 0.5 * rows, TRUTH, None).warning is None  # no binary rows, no claim


def test_the_lab_tracks_records_and_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rbmviz.run.player.Player.budget", 20.0)
    lab = Lab(SETTINGS)
    lab.answer()

    def ask(id: int, kind: str, value: int = 0, shown: int = 0) -> list[int]:
        commands = (Command(id=id, kind=kind, value=value),)
        lab.receive(Request(client="tab", shown=shown, want=8, commands=commands))
        return [snapshot.step for snapshot in lab.answer().snapshots]

    steps = ask(1, "play")
    seen = lab.log_z_report()
    truth = rbmviz.exact_log_z(lab.state.rbm)
    assert seen.off == pytest.approx(seen.log_z - truth)
    assert abs(seen.log_z - truth) < 0.3
    columns = ledger_columns(lab.curves(), None)
    tracked, exact = columns["log_z_tracked"], columns["log_z"]
    pairs = [(t, z) for t, z in zip(tracked, exact, strict=True) if t is not None and z is not None]
    assert len(pairs) > 3
    assert max(abs(t - z) for t, z in pairs) < 0.3
    assert "log Z tracked" in str(terms_spec())
    ask(2, "pause", shown=steps[2])
    assert lab.state.step == steps[2]
    back = lab.log_z_report()
    assert back.updates < seen.updates
    assert abs(back.log_z - rbmviz.exact_log_z(lab.state.rbm)) < 0.3
