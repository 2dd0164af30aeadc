"""Learning without a negative phase: exactly the positive phase, and a likelihood that falls."""

import numpy as np
import oracle
import pytest

from rbmviz.core.negative_phase import NoNegativePhase
from rbmviz.core.reconstruction import reconstruction_error
from rbmviz.core.training import TrainingSettings, start, train, train_step

V = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])


def run(n_updates):
    settings = TrainingSettings(2, NoNegativePhase(), learning_rate=0.5, initial_scale=0.3, seed=4)
    return train(start(settings, V), n_updates)


def test_an_update_adds_the_positive_phase_and_nothing_else():
    before, after = run(3), run(4)
    vh, v, h = oracle.positive_phase(before.rbm.W, before.rbm.b, before.rbm.c, V)
    np.testing.assert_allclose(after.rbm.W, before.rbm.W + 0.5 * np.array(vh), rtol=1e-12)
    np.testing.assert_allclose(after.rbm.b, before.rbm.b + 0.5 * np.array(v), rtol=1e-12)
    np.testing.assert_allclose(after.rbm.c, before.rbm.c + 0.5 * np.array(h), rtol=1e-12)
    assert train_step(before).last.negative.samples.shape == (0, 3)


def test_five_updates_equal_two_and_three():
    np.testing.assert_array_equal(run(5).rbm.W, train(run(2), 3).rbm.W)


def test_log_p_tilde_rises_and_the_likelihood_falls():
    told = []
    for n in (0, 10, 20):
        rbm = run(n).rbm
        parts = (rbm.W, rbm.b, rbm.c)
        raised = sum(oracle.log_p_tilde(*parts, v) for v in V) / 2
        told.append((raised, oracle.mean_log_likelihood(*parts, V)))
    assert told[0][0] < told[1][0] < told[2][0]
    assert told[0][1] > told[1][1] > told[2][1]


def test_reconstruction_error_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="columns"):
        reconstruction_error(run(0).rbm, [[1.0, 0.0]])
