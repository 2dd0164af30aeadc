"""Mean-field free energies: a bound at first order, close for weak couplings at second.

The truth is a plain sum over all states; the free energy in plain loops is in oracle.py.
"""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbmviz import RBM, InputError, MeanField, MeanFieldLogZ
from rbmviz.core.errors import FloatArray


def random_rbm(seed: int, n_visible: int, n_hidden: int, scale: float) -> RBM:
    rng = np.random.default_rng(seed)
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, 1, n_visible),
        rng.normal(0, 1, n_hidden),
    )


def value(rbm: RBM, order: int, n_starts: int = 10, v: object = None) -> float:
    method = MeanFieldLogZ(order, n_starts, tolerance=1e-13)
    found = method.estimate(np.random.default_rng(0), rbm, v)  # type: ignore[arg-type]
    return found.log_z


def truth(rbm: RBM) -> float:
    return oracle.log_z(rbm.W, rbm.b, rbm.c)


@given(
    seed=st.integers(0, 10**6),
    n_visible=st.integers(1, 4),
    n_hidden=st.integers(1, 4),
    scale=st.floats(0, 30),
    n_starts=st.integers(1, 5),
    max_steps=st.integers(20, 60),
    with_data=st.booleans(),
)
def test_the_first_order_is_never_above_log_z_wherever_it_stops(
    seed: int,
    n_visible: int,
    n_hidden: int,
    scale: float,
    n_starts: int,
    max_steps: int,
    with_data: bool,
) -> None:
    rbm = random_rbm(seed, n_visible, n_hidden, scale)
    v = np.ones((2, n_visible)) if with_data else None
    method = MeanFieldLogZ(1, n_starts, max_steps)
    found = method.estimate(np.random.default_rng(seed), rbm, v)
    slack = 1e-10 * (1 + scale)
    assert found.log_weights.max() <= truth(rbm) + slack
    assert found.log_z == found.log_weights.max()
    assert found.log_z - slack <= found.low < found.log_z
    assert found.low <= truth(rbm)  # without any slack
    assert found.high == np.inf
    assert found.bound == "lower"


def test_the_second_order_is_no_bound_so_that_the_check_can_fail() -> None:
    above = [value(rbm, 2) > truth(rbm) for rbm in (random_rbm(s, 4, 3, 3.0) for s in range(20))]
    assert any(above)
    found = MeanFieldLogZ(2).estimate(np.random.default_rng(0), random_rbm(0, 4, 3, 1.0))
    assert (found.low, found.high, found.bound) == (-np.inf, np.inf, None)


@pytest.mark.parametrize("order", [1, 2])
def test_independent_units_are_exact(order: int) -> None:
    like = random_rbm(3, 4, 3, 1.0)
    rbm = RBM(0 * like.W, like.b, like.c)
    assert value(rbm, order) == pytest.approx(truth(rbm), abs=1e-12)


@pytest.mark.parametrize(("order", "power"), [(1, 2), (2, 3)])
def test_the_error_of_weak_couplings_falls_with_the_power_left_out(order: int, power: int) -> None:
    like = random_rbm(5, 4, 3, 1.0)

    def error(size: float) -> float:
        rbm = RBM(size * like.W, like.b, like.c)
        return abs(value(rbm, order) - truth(rbm))

    slope = np.log(error(0.04) / error(0.02)) / np.log(2)
    assert slope == pytest.approx(power, abs=0.15)
    assert error(0.02) < (1e-2 if order == 1 else 1e-5)


@pytest.mark.parametrize("order", [1, 2])
def test_the_value_is_the_expansion_in_plain_loops(order: int) -> None:
    rbm = random_rbm(6, 4, 3, 0.8)
    phase = MeanField(order, n_chains=1, n_steps=500)
    rng = np.random.default_rng(0)
    chains = phase.init(rng, rbm, np.ones((1, 4)))
    chains, estimate = phase.step(rng, chains, rbm, np.ones((1, 4)))
    m_v, m_h = list(estimate.samples[0]), list(chains.h[0])
    wanted = oracle.mean_field_log_z(rbm.W, rbm.b, rbm.c, m_v, m_h, order)
    assert value(rbm, order) == pytest.approx(wanted, abs=1e-10)
    other = oracle.mean_field_log_z(rbm.W, rbm.b, rbm.c, m_v, m_h, 3 - order)
    assert abs(value(rbm, order) - other) > 1e-3


STEP = 1e-5


@pytest.mark.parametrize("order", [1, 2])
def test_its_derivative_is_the_statistic_of_the_mean_field_phase(order: int) -> None:
    """At a fixed point the value moves with the parameters alone: d / d W_ij = E[v_i h_j]."""
    rbm = random_rbm(7, 3, 2, 0.7)  # weak enough for one fixed point
    phase = MeanField(order, n_chains=1, n_steps=500)
    rng, row = np.random.default_rng(0), np.ones((1, 3))
    _, estimate = phase.step(rng, phase.init(rng, rbm, row), rbm, row)
    wanted = estimate.statistics.flat()

    flat = np.concatenate([rbm.W.ravel(), rbm.b, rbm.c])

    def at(x: FloatArray) -> float:
        return value(RBM(x[:6].reshape(3, 2), x[6:9], x[9:]), order)

    slopes = np.array([(at(flat + d) - at(flat - d)) / (2 * STEP) for d in STEP * np.eye(11)])
    np.testing.assert_allclose(slopes, wanted, atol=1e-8)
    exact = np.concatenate([np.ravel(part) for part in oracle.negative_phase(rbm.W, rbm.b, rbm.c)])
    assert np.abs(slopes - exact).max() > 1e-4  # of another function than log Z itself


def test_the_best_of_the_starts_is_taken_and_data_are_among_them() -> None:
    W = np.full((4, 3), 3.0)
    rbm = RBM(W, -W.sum(axis=1) / 2 - 0.2, -W.sum(axis=0) / 2)  # all off is the better mode
    found = MeanFieldLogZ(1, 20).estimate(np.random.default_rng(0), rbm, np.ones((1, 4)))
    assert found.log_z == found.log_weights.max() > found.log_weights.min() + 0.5
    assert len(found.log_weights) == 20
    assert truth(rbm) - 0.6 < found.log_z < truth(rbm)


def test_an_iteration_cut_short_says_so() -> None:
    rbm = random_rbm(8, 6, 5, 1.5)
    rng = np.random.default_rng(0)
    for order, words in ((1, "a bound all the same"), (2, "not a fixed point's")):
        found = MeanFieldLogZ(order, 5, max_steps=20, tolerance=1e-14).estimate(rng, rbm)
        assert found.warning is not None
        assert words in found.warning
        assert "After 20 steps the means still move by" in found.warning
    assert (
        MeanFieldLogZ(1, 5, tolerance=1e-6).estimate(rng, random_rbm(8, 3, 2, 0.5)).warning is None
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"order": 3}, "order is 3; it must be from 1 to 2"),
        ({"order": 0}, "order is 0; it must be from 1 to 2"),
        ({"n_starts": 0}, "n_starts is 0; it must be at least 1"),
        ({"max_steps": 5}, "max_steps is 5; it must be at least 20"),
        ({"tolerance": 0.0}, "tolerance is 0.0; choose"),
        ({"damping": 1.0}, "damping is 1.0; choose"),
        ({"damping": -0.1}, "damping is -0.1; choose"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        MeanFieldLogZ(**settings)  # type: ignore[arg-type]
