"""Snapshots and the comparison of phases, against independent routes."""

import numpy as np
import pytest

import rbmviz
from rbmviz import ContrastiveDivergence, PhaseStatistics, TrainingSettings
from rbmviz.core.snapshot import most_probable_of


def trained() -> rbmviz.TrainingState:
    data = rbmviz.load_dataset("bars-and-stripes 2x2")
    settings = TrainingSettings(3, ContrastiveDivergence(), batch_size=8, seed=1)
    return rbmviz.train(rbmviz.start(settings, data.v), 50)


def test_a_snapshot_describes_the_update_that_follows() -> None:
    state = trained()
    following = rbmviz.train_step(state)
    snapshot = rbmviz.take_snapshot(state, following, exact=True)
    step = following.rbm.W - state.rbm.W
    claimed = rbmviz.gradient(snapshot.positive, snapshot.negative.statistics)
    np.testing.assert_allclose(step, 0.1 * claimed.vh, atol=1e-14)
    assert snapshot.step == state.step
    assert snapshot.mean_log_likelihood == pytest.approx(
        rbmviz.mean_log_likelihood(state.rbm, state.v_data), abs=1e-12
    )


def test_without_enumeration_nothing_is_called_exact() -> None:
    state = trained()
    snapshot = rbmviz.take_snapshot(state, rbmviz.train_step(state), exact=False)
    assert snapshot.log_z is None
    assert snapshot.exact_negative is None
    assert snapshot.comparison is None
    assert snapshot.mean_log_likelihood is None


def test_comparison_by_hand() -> None:
    def phase(x: float, y: float) -> PhaseStatistics:
        return PhaseStatistics(vh=np.array([[x]]), v=np.array([y]), h=np.array([0.0]))

    found = rbmviz.compare_phases(phase(0, 0), estimated=phase(-3, 0), exact=phase(0, -4))
    assert found.error_norm == pytest.approx(5)
    assert found.angle == pytest.approx(90)
    assert found.norm_ratio == pytest.approx(0.75)
    same = rbmviz.compare_phases(phase(1, 2), phase(0, 1), phase(0, 1))
    assert same.angle == 0
    opposite = rbmviz.compare_phases(phase(0, 0), phase(1, 1), phase(-2, -2))
    assert opposite.angle == pytest.approx(180)
    at_rest = rbmviz.compare_phases(phase(1, 1), phase(0, 0), phase(1, 1))
    assert np.isnan(at_rest.angle)
    assert np.isnan(at_rest.norm_ratio)


def test_most_probable_states_are_the_top_of_the_whole_list() -> None:
    rbm = trained().rbm
    p = rbmviz.exact_probabilities(rbm)
    top = rbmviz.most_probable_states(rbm, 5)
    np.testing.assert_allclose(top.p, np.sort(p)[::-1][:5])
    np.testing.assert_allclose(p[(top.v @ 2 ** np.arange(4)).astype(int)], top.p)
    assert top.complete
    assert len(rbmviz.most_probable_states(rbm, 99).p) == 16
    seen = most_probable_of(rbm, top.v[::-1], 3, rbmviz.exact_log_z(rbm))
    np.testing.assert_allclose(seen.p, top.p[:3], atol=1e-12)
    assert not seen.complete
