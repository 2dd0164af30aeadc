"""Angles, signs, bias and noise of estimates made by hand, so that each can be worked out."""

from dataclasses import dataclass

import numpy as np
import pytest

import rbmviz
from rbmviz import (
    RBM,
    BiasAndNoise,
    NegativePhase,
    NegativePhaseEstimate,
    PhaseStatistics,
    measure_bias_and_noise,
)

RBM_OF_NOTHING = RBM(np.zeros((2, 2)), np.zeros(2), np.zeros(2))
POSITIVE = rbmviz.positive_phase(RBM_OF_NOTHING, [[1, 1]])


@dataclass(frozen=True)
class InTurn(NegativePhase):
    """Give the two phases of a list, one after another, along the axis of repeats."""

    phases: tuple[PhaseStatistics, ...]

    def init(self, rng: object, rbm: RBM, v_data: object) -> None:
        """Nothing to start."""

    def advance(self, rng, chains, rbm, v_batch, mean_h_batch):
        n = v_batch.shape[:-2]
        which = np.arange(n[0]) % 2 if n else 0
        vh, v, h = (
            np.array([getattr(phase, part) for phase in self.phases])[which]
            for part in ("vh", "v", "h")
        )
        phase = PhaseStatistics(vh=vh, v=v, h=h)
        return None, NegativePhaseEstimate(samples=0.5 + 0 * v_batch, computed=phase)


def phase_of(*gradient: float) -> PhaseStatistics:
    """The negative phase that leaves this gradient of the four weights, and none of the biases."""
    return PhaseStatistics(
        vh=POSITIVE.vh - np.reshape(gradient, (2, 2)), v=POSITIVE.v, h=POSITIVE.h
    )


def judge(*estimates: PhaseStatistics) -> BiasAndNoise:
    """Ten repeats, in turn, where the exact gradient is (3, 4, 0, 0)."""
    return measure_bias_and_noise(
        np.random.default_rng(0),
        RBM_OF_NOTHING,
        InTurn(estimates),
        [[1, 1]],
        n_repeats=10,
        exact=phase_of(3, 4, 0, 0),
    )


def test_two_estimates_in_turn_are_judged_as_by_hand() -> None:
    """Gradients (3, -4, 0, 0) and (4, 3, 0, 0)."""
    found = judge(phase_of(3, -4, 0, 0), phase_of(4, 3, 0, 0))
    assert found.n_repeats == 10
    np.testing.assert_allclose(found.bias.vh, [[-0.5, 4.5], [0, 0]], atol=1e-12)  # of minus it
    np.testing.assert_allclose(found.mean.vh, phase_of(3.5, -0.5, 0, 0).vh, atol=1e-12)
    # +-0.5 and +-3.5 around the mean; 10 / 9 as for every standard deviation from repeats
    np.testing.assert_allclose(
        found.deviation.vh, np.sqrt(10 / 9) * np.array([[0.5, 3.5], [0, 0]]), atol=1e-12
    )
    assert found.noise_norm == pytest.approx(np.sqrt(10 / 9 * 12.5))
    assert found.bias_floor == pytest.approx(np.sqrt(12.5 / 9))
    assert found.bias_norm == pytest.approx(np.sqrt(0.25 + 20.25 - 12.5 / 9))
    one, other = np.arccos(-7 / 25), np.arccos(24 / 25)
    assert found.angle_of_one == pytest.approx(np.degrees(one + other) / 2)
    # the mean is (3.5, -0.5) long, less the 12.5 / 9 that its noise explains
    mean_angle = np.arccos((3 * 3.5 - 4 * 0.5) / 5 / np.sqrt(12.5 - 12.5 / 9))
    assert found.angle_of_mean == pytest.approx(np.degrees(mean_angle))
    assert found.wrong_signs_of_mean == 0  # -0.5 is within two standard errors, 2 * 3.5 / 3
    assert found.wrong_signs_of_one == 1 / 8
    assert found.visible_frequencies is None  # 0.5 is no state


def test_a_sign_is_wrong_beyond_two_standard_errors() -> None:
    assert judge(phase_of(3, -4, 0, 0), phase_of(3, -5, 0, 0)).wrong_signs_of_mean == 1 / 4
    assert judge(phase_of(3, 4, 0, 0), phase_of(3, 5, 0, 0)).wrong_signs_of_mean == 0


def test_an_estimate_without_a_gradient_has_no_angle_and_no_sign() -> None:
    """Where the estimate equals the positive phase; the other one is off by 90 degrees."""
    found = judge(phase_of(0, 0, 0, 0), phase_of(4, -3, 0, 0))
    assert found.angle_of_one == pytest.approx(90)
    assert found.wrong_signs_of_one == 1 / 8
    assert np.isnan(judge(phase_of(0, 0, 0, 0), phase_of(0, 0, 0, 0)).angle_of_one)
