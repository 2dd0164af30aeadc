"""Mean-field and TAP phases: fixed points of an expansion of log Z, and how good it is.

The expansion is written in plain loops (oracle.mean_field_log_z); the truth is enumeration.
"""

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import RBM, MeanField, NegativePhaseEstimate
from rbmviz.core.errors import FloatArray

SHAPES = [(4, 3), (3, 4), (1, 1)]


def random_rbm(n_visible: int = 4, n_hidden: int = 3, scale: float = 0.8) -> RBM:
    rng = np.random.default_rng([n_visible, n_hidden])
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, 1, n_visible),
        rng.normal(0, 1, n_hidden),
    )


def fixed_point(
    rbm: RBM, order: int, damping: float = 0.5, row: float = 1.0
) -> tuple[FloatArray, FloatArray, NegativePhaseEstimate]:
    """Iterate one start to rest: m_v, m_h and the estimate there."""
    method = MeanField(order=order, n_chains=1, n_steps=500, damping=damping)
    rng = np.random.default_rng(0)
    rows = np.full((1, rbm.n_visible), row)
    chains, estimate = method.step(rng, method.init(rng, rbm, rows), rbm, rows)
    return estimate.samples[0], chains.h[0], estimate


def flat(phase: oracle.Phase) -> FloatArray:
    return np.concatenate([np.ravel(part) for part in phase])


@pytest.mark.parametrize("order", [1, 2])
def test_independent_units_are_exact_after_one_step(order: int) -> None:
    like = random_rbm()
    rbm, rng = RBM(0 * like.W, like.b, like.c), np.random.default_rng(0)
    method = MeanField(order=order, n_chains=3, n_steps=1)
    chains = method.init(rng, rbm, np.eye(4))
    _, estimate = method.step(rng, chains, rbm, np.eye(4))
    wanted = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
    np.testing.assert_allclose(estimate.statistics.flat(), wanted, atol=1e-14)


STEP = 1e-4  # central differences of numbers near 5: wrong by about 1e-11 / STEP and STEP**2


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
@pytest.mark.parametrize("order", [1, 2])
def test_iteration_rests_where_the_expansion_is_stationary(
    order: int, n_visible: int, n_hidden: int
) -> None:
    """The slope of the expanded log Z along every mean is zero there, and not at other means."""
    rbm = random_rbm(n_visible, n_hidden)
    m_v, m_h, _ = fixed_point(rbm, order)

    def slopes(means: FloatArray) -> FloatArray:
        def value(shift: FloatArray) -> float:
            m = list(means + shift)
            return oracle.mean_field_log_z(rbm.W, rbm.b, rbm.c, m[:n_visible], m[n_visible:], order)

        shifts = STEP * np.eye(len(means))
        return np.array([(value(s) - value(-s)) / (2 * STEP) for s in shifts])

    means = np.concatenate([m_v, m_h])
    np.testing.assert_allclose(slopes(means), 0, atol=1e-5)
    assert np.abs(slopes(0.9 * means)).max() > 0.05


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
@pytest.mark.parametrize("order", [1, 2])
def test_statistics_are_the_slopes_of_the_expansion(
    order: int, n_visible: int, n_hidden: int
) -> None:
    """At a stationary point the means can be held fixed while W, b and c move."""
    rbm = random_rbm(n_visible, n_hidden)
    m_v, m_h, estimate = fixed_point(rbm, order)
    parameters = np.concatenate([rbm.W.ravel(), rbm.b, rbm.c])

    def value(shift: FloatArray) -> float:
        at = rbmviz.PhaseStatistics.from_flat(parameters + shift, n_visible)
        return oracle.mean_field_log_z(at.vh, at.v, at.h, m_v, m_h, order)

    shifts = STEP * np.eye(len(parameters))
    slopes = [(value(s) - value(-s)) / (2 * STEP) for s in shifts]
    np.testing.assert_allclose(estimate.statistics.flat(), slopes, atol=1e-9)
    other = fixed_point(rbm, 3 - order)[2].statistics.flat()
    assert np.abs(other - slopes).max() > 1e-3  # the other order is another expansion


@pytest.mark.parametrize("order", [1, 2])
def test_damping_moves_the_way_and_not_the_goal(order: int) -> None:
    rbm = random_rbm()
    goals = [fixed_point(rbm, order, damping)[2].statistics.flat() for damping in (0.0, 0.5, 0.9)]
    np.testing.assert_allclose(goals[1], goals[0], atol=1e-12)
    np.testing.assert_allclose(goals[2], goals[0], atol=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_one_step_follows_the_written_rule(order: int) -> None:
    """m = damping * m + (1 - damping) * sigmoid(...), the visible means before the hidden ones."""
    rbm, rng = random_rbm(), np.random.default_rng(1)
    method = MeanField(order=order, n_chains=1, n_steps=1, damping=0.3)
    before = method.init(rng, rbm, np.eye(4))
    chains, estimate = method.step(rng, before, rbm, np.eye(4))
    m_h = before.h[0]
    m_v = [logistic(rbm.b[i] + sum(rbm.W[i] * m_h)) for i in range(4)]
    for i in range(4):
        x = rbm.b[i] + sum(rbm.W[i, j] * m_h[j] for j in range(3))
        if order == 2:
            x -= sum(rbm.W[i, j] ** 2 * (m_v[i] - 0.5) * m_h[j] * (1 - m_h[j]) for j in range(3))
        m_v[i] = 0.3 * m_v[i] + 0.7 * logistic(x)
    after = []
    for j in range(3):
        y = rbm.c[j] + sum(rbm.W[i, j] * m_v[i] for i in range(4))
        if order == 2:
            y -= sum(rbm.W[i, j] ** 2 * (m_h[j] - 0.5) * m_v[i] * (1 - m_v[i]) for i in range(4))
        after.append(0.3 * m_h[j] + 0.7 * logistic(y))
    np.testing.assert_allclose(estimate.samples[0], m_v, atol=1e-14)
    np.testing.assert_allclose(chains.h[0], after, atol=1e-14)


def logistic(x: float) -> float:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("order", [1, 2])
def test_errors_shrink_by_one_more_power_of_the_weights_at_second_order(order: int) -> None:
    """Halving W divides what is left of log Z, and of E[v], E[h], by 2^(order + 1).

    E[v h^T] is the slope along W, and so one power behind.
    """
    errors = []
    for scale in (0.04, 0.02, 0.01):
        like = random_rbm(scale=1.0)
        rbm = RBM(scale * like.W, like.b, like.c)
        m_v, m_h, estimate = fixed_point(rbm, order)
        log_z = oracle.mean_field_log_z(rbm.W, rbm.b, rbm.c, m_v, m_h, order)
        vh, v, h = oracle.negative_phase(rbm.W, rbm.b, rbm.c)
        found = estimate.statistics
        means = np.concatenate([found.v - v, found.h - h])
        errors.append(
            [
                abs(log_z - oracle.log_z(rbm.W, rbm.b, rbm.c)),
                np.linalg.norm(means),
                np.linalg.norm(found.vh - vh),
            ]
        )
    powers = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(powers, [[order + 1, order + 1, order]] * 2, atol=0.15)


def test_second_order_is_nearer_to_the_truth_for_weak_couplings() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rbm = RBM(rng.normal(0, 0.3, (4, 3)), rng.normal(0, 1, 4), rng.normal(0, 1, 3))
        wanted = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
        naive, tap = (
            np.linalg.norm(fixed_point(rbm, order)[2].statistics.flat() - wanted)
            for order in (1, 2)
        )
        assert tap < 0.4 * naive


@pytest.mark.parametrize("order", [1, 2])
def test_each_mode_has_a_fixed_point_and_each_start_counts_equally(order: int) -> None:
    """All on or all off: starts on either side stay there, three of four on the side of ones."""
    rbm = RBM(np.full((4, 4), 2.0), np.full(4, -4.0), np.full(4, -4.0))
    method, rng = MeanField(order=order, n_chains=4, n_steps=200), np.random.default_rng(2)
    rows = np.repeat([[0.0], [1.0], [1.0], [1.0]], 4, axis=1)
    _, estimate = method.step(rng, method.init(rng, rbm, rows), rbm, rows)
    off, on = fixed_point(rbm, order, row=0.0), fixed_point(rbm, order, row=1.0)
    assert off[0].max() < 0.1 < 0.9 < on[0].min()
    np.testing.assert_allclose(np.sort(estimate.samples[:, 0]), [off[0][0], *[on[0][0]] * 3])
    mixed = 0.25 * off[2].statistics.flat() + 0.75 * on[2].statistics.flat()
    np.testing.assert_allclose(estimate.statistics.flat(), mixed, atol=1e-12)


def test_iteration_goes_on_from_the_last_step_and_draws_nothing() -> None:
    """The chains hold m_h; without damping, m_v follows from it at first order."""
    rbm, rows = random_rbm(), np.eye(4)
    few, many = (MeanField(order=1, n_chains=5, n_steps=n, damping=0.0) for n in (2, 4))
    begun = few.init(np.random.default_rng(3), rbm, rows)
    rng = np.random.default_rng(4)
    before = rng.bit_generator.state
    halfway, first = few.step(rng, begun, rbm, rows)
    twice, second = few.step(rng, halfway, rbm, rows)
    at_once, other = many.step(rng, begun, rbm, rows)
    assert rng.bit_generator.state == before
    np.testing.assert_allclose(twice.h, at_once.h, atol=1e-14)
    np.testing.assert_allclose(second.samples, other.samples, atol=1e-14)
    assert np.abs(first.samples - second.samples).max() > 1e-3


def test_steps_go_on_from_where_the_last_stopped_and_end_at_a_fixed_point() -> None:
    """The second-order equations of both layers hold at the end, whatever the steps in a call."""
    rng = np.random.default_rng(20)
    W, b, c = rng.normal(0, 0.7, (6, 5)), rng.normal(0, 1, 6), rng.normal(0, 1, 5)
    rbm = rbmviz.RBM(W, b, c)
    rows = (rng.random((4, 6)) < 0.5).astype(float)
    method = rbmviz.MeanField(order=2, n_chains=4, n_steps=1)
    chains = method.init(rng, rbm, rows)
    for _ in range(400):
        chains, _ = method.step(rng, chains, rbm, rows)
    for m_v, m_h in zip(chains.v, chains.h, strict=True):
        for i in range(6):
            x = b[i] + sum(
                W[i, j] * m_h[j] - W[i, j] ** 2 * (m_v[i] - 0.5) * m_h[j] * (1 - m_h[j])
                for j in range(5)
            )
            assert m_v[i] == pytest.approx(1 / (1 + np.exp(-x)), abs=1e-9)
