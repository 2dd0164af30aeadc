"""log Z that follows the parameters: right on average, honest about its drift."""

import math

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbmviz
from rbmviz import RBM, InputError
from rbmviz.core.log_z import tracking
from rbmviz.core.log_z.tracking import anchored, start_tracking, total_probability, track

V = rbmviz.load_dataset("bars-and-stripes 3x3").v
SETTINGS = rbmviz.TrainingSettings(
    6, rbmviz.PersistentContrastiveDivergence(n_chains=32), learning_rate=0.1, seed=3
)


def run_of_models(n: int, every: int) -> list[RBM]:
    state = rbmviz.start(SETTINGS, V)
    models = [state.rbm]
    for _ in range(n):
        state = rbmviz.train(state, every)
        models.append(state.rbm)
    return models


MODELS = run_of_models(20, 40)
TRUTHS = [oracle.log_z(m.W, m.b, m.c) for m in (MODELS[0], MODELS[-1])]


def tracked_errors(n_repeats: int, n_particles: int = 100) -> np.ndarray:
    """exp(tracked - exact) at the end of the run, minus one."""
    errors = []
    for seed in range(n_repeats):
        rng = np.random.default_rng(seed)
        found = start_tracking(rng, MODELS[0], V, n_particles, n_betas=20)
        for rbm in MODELS[1:]:
            found = track(rng, found, rbm)
        errors.append(math.expm1(found.log_z - TRUTHS[1]))
    return np.array(errors)


def z_score(errors: np.ndarray) -> float:
    return float(errors.mean() / (errors.std(ddof=1) / math.sqrt(len(errors))))


def test_the_tracked_z_is_right_on_average():
    assert abs(z_score(tracked_errors(150))) < 4.5
    assert abs(TRUTHS[1] - TRUTHS[0]) > 1  # there was something to follow


def test_a_tracker_whose_particles_move_at_another_temperature_fails(monkeypatch):
    right = tracking.mean_h_unchecked

    def hotter(rbm, v):
        return right(RBM(0.3 * rbm.W, rbm.b, 0.3 * rbm.c), v)

    monkeypatch.setattr(tracking, "mean_h_unchecked", hotter)
    assert abs(z_score(tracked_errors(150))) > 9


def test_a_tracker_whose_particles_stay_behind_scatters_more(monkeypatch):
    moving = tracked_errors(60).std()
    monkeypatch.setattr(tracking, "sample_bernoulli", lambda rng, p: (p > 0.5).astype(float))
    assert tracked_errors(60).std() > 2 * moving or abs(z_score(tracked_errors(60))) > 6


def test_the_deviation_is_that_of_repeats_within_a_factor():
    rng = np.random.default_rng(9)
    found = start_tracking(rng, MODELS[0], V, 100, n_betas=20)
    for rbm in MODELS[1:]:
        found = track(rng, found, rbm)
    measured = tracked_errors(100).std()
    assert measured / 3 < found.deviation < 3 * measured


def test_particles_are_resampled_when_few_are_effective():
    rng = np.random.default_rng(1)
    found = start_tracking(rng, MODELS[0], V, 200)
    far = track(rng, found, MODELS[-1])
    assert far.effective_sample_size == pytest.approx(200)  # drawn anew with even weights
    near = track(rng, found, MODELS[1])
    assert 100 <= near.effective_sample_size < 200
    assert np.logaddexp.reduce(near.log_weights) == pytest.approx(0, abs=1e-12)
    assert set(np.unique(near.v)) <= {0.0, 1.0}


def test_an_anchor_puts_it_on_the_exact_value_and_notes_the_drift():
    rng = np.random.default_rng(2)
    found = start_tracking(rng, MODELS[0], V)
    for rbm in MODELS[1:]:
        found = track(rng, found, rbm)
    put = anchored(found, TRUTHS[1])
    assert put.log_z == TRUTHS[1]
    assert put.drift == found.log_z - TRUTHS[1]
    assert put.deviation == 0
    assert track(rng, put, MODELS[-1]) is put  # nothing moved


def test_distinct_rows_cannot_hold_more_than_all_probability():
    rbm = MODELS[-1]
    p = oracle.probabilities(rbm.W, rbm.b, rbm.c)
    numbers = {int(v @ (1 << np.arange(9))) for v in V.astype(int)}
    expected = sum(p[n] for n in numbers)
    assert total_probability(rbm, V, TRUTHS[1]) == pytest.approx(expected)
    assert total_probability(rbm, np.vstack([V, V]), TRUTHS[1]) == pytest.approx(expected)
    assert total_probability(rbm, V, TRUTHS[1] - 10) > 1


def test_another_size_is_refused():
    rng = np.random.default_rng(3)
    found = start_tracking(rng, MODELS[0], V, n_particles=10, n_betas=5)
    with pytest.raises(InputError, match="start_tracking again"):
        track(rng, found, RBM.random(rng, 9, 5))


def two_particles(log_weight: float, size: float) -> tracking.TrackedLogZ:
    """A particle of weight one at v = 10, and one of next to no weight at v = 01."""
    log_w = np.array([0.0, log_weight])
    rbm = RBM(np.zeros((2, 1)), np.array([size, -size]), np.zeros(1))
    log_w -= np.logaddexp.reduce(log_w)
    return tracking.TrackedLogZ(rbm, np.eye(2), log_w, log_z=0.0, variance=0.0)


def test_a_weight_of_nothing_times_a_ratio_beyond_bounds_is_a_variance() -> None:
    """All weight moves to the particle that had none: 0 times exp(1600)."""
    found = track(
        np.random.default_rng(0),
        two_particles(-800.0, 400.0),
        RBM(np.zeros((2, 1)), np.array([-400.0, 400.0]), np.zeros(1)),
    )
    assert found.variance == pytest.approx(2.0)
    assert math.isfinite(found.deviation)


@given(st.floats(-2000, 0), st.floats(-2000, 2000), st.floats(-2000, 2000), st.integers(0, 10**6))
def test_the_variance_is_never_negative_nor_undefined(
    log_weight: float, before: float, after: float, seed: int
) -> None:
    end = RBM(np.zeros((2, 1)), np.array([after, -after]), np.zeros(1))
    with np.errstate(under="ignore"):
        found = track(np.random.default_rng(seed), two_particles(log_weight, before), end)
    assert 0.0 <= found.variance <= 2.0
    assert found.deviation >= 0.0
    assert math.isfinite(found.log_z)


def test_the_variance_of_a_move_is_that_of_the_ratios() -> None:
    rng = np.random.default_rng(5)
    found = start_tracking(rng, MODELS[0], V, 50, n_betas=20)
    change = rbmviz.log_p_tilde(MODELS[1], found.v) - rbmviz.log_p_tilde(MODELS[0], found.v)
    w = [math.exp(x) for x in found.log_weights]
    mean = sum(w_k * math.exp(x) for w_k, x in zip(w, change, strict=True))
    ratios = [math.exp(x) / mean for x in change]
    expected = sum((w_k * (r - 1.0)) ** 2 for w_k, r in zip(w, ratios, strict=True))
    moved = track(rng, found, MODELS[1])
    assert moved.variance - found.variance == pytest.approx(expected)
