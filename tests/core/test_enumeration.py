"""Exact enumeration against plain loops, central differences, closed forms and extreme weights."""

import itertools

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbmviz
from rbmviz import RBM
from rbmviz.core import state_blocks


def random_rbm(seed: int, n_visible: int, n_hidden: int, scale: float) -> RBM:
    rng = np.random.default_rng(seed)
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


def parameters(rbm: RBM) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return rbm.W, rbm.b, rbm.c


def plain_log_z(rbm: RBM) -> float:
    """Log-sum-exp over the states of the visible layer, softplus by logaddexp."""
    v = np.array(list(itertools.product([0.0, 1.0], repeat=rbm.n_visible)))
    return float(np.logaddexp.reduce(v @ rbm.b + np.logaddexp(0, v @ rbm.W + rbm.c).sum(axis=1)))


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(1, 1), (3, 2), (2, 5), (5, 3), (4, 4)])
@pytest.mark.parametrize("scale", [0.0, 0.5, 3.0])
def test_everything_agrees_with_plain_loops(n_visible: int, n_hidden: int, scale: float) -> None:
    rbm = random_rbm(1, n_visible, n_hidden, scale)
    truth, (vh, v, h) = oracle.log_z(*parameters(rbm)), oracle.negative_phase(*parameters(rbm))
    phase, log_z = rbmviz.exact_negative_phase(rbm)
    assert log_z == pytest.approx(truth, abs=1e-9)
    assert rbmviz.exact_log_z(rbm) == pytest.approx(truth, abs=1e-9)
    np.testing.assert_allclose(phase.vh, vh, atol=1e-12)
    np.testing.assert_allclose(phase.v, v, atol=1e-12)
    np.testing.assert_allclose(phase.h, h, atol=1e-12)
    np.testing.assert_allclose(
        rbmviz.exact_probabilities(rbm), oracle.probabilities(*parameters(rbm)), atol=1e-12
    )


@pytest.mark.parametrize("name", ["W", "b", "c"])
def test_the_phase_is_the_gradient_of_log_z(name: str) -> None:
    rbm = random_rbm(2, 6, 4, 1.0)
    phase, _ = rbmviz.exact_negative_phase(rbm)
    claimed = {"W": phase.vh, "b": phase.v, "c": phase.h}[name]
    for index in np.ndindex(claimed.shape):
        ends = []
        for step in (1e-5, -1e-5):
            moved = {"W": rbm.W.copy(), "b": rbm.b.copy(), "c": rbm.c.copy()}
            moved[name][index] += step
            ends.append(plain_log_z(RBM(**moved)))
        assert claimed[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize(
    ("scale", "route"), [(0.01, "table"), (2.0, "table"), (20.0, "groups"), (200.0, "plain")]
)
def test_every_route_is_right(scale: float, route: str) -> None:
    rbm = random_rbm(3, 12, 17, scale)
    blocks = state_blocks.StateBlocks(rbm)
    taken = "plain" if not blocks.groups else "groups" if len(blocks.groups) > 1 else "table"
    assert taken == route  # the test reaches the code it is meant for
    truth = plain_log_z(rbm)
    phase, log_z = rbmviz.exact_negative_phase(rbm)
    assert log_z == pytest.approx(truth, abs=1e-9, rel=1e-13)
    assert rbmviz.exact_log_z(rbm) == pytest.approx(truth, abs=1e-9, rel=1e-13)
    p = rbmviz.exact_probabilities(rbm)
    v = ((np.arange(p.size)[:, None] >> np.arange(12)) & 1).astype(float)
    log_p = v @ rbm.b + np.logaddexp(0, v @ rbm.W + rbm.c).sum(axis=1) - truth
    np.testing.assert_allclose(p, np.exp(log_p), atol=1e-9)
    np.testing.assert_allclose(phase.v, p @ v, atol=1e-9)
    np.testing.assert_allclose(phase.h, p @ rbmviz.mean_h_given_v(rbm, v), atol=1e-9)


def test_many_blocks_agree_with_one() -> None:
    """A 15-unit layer is cut into 32 blocks; the plain sum knows no blocks."""
    rbm = random_rbm(4, 15, 9, 0.7).swapped
    assert state_blocks.StateBlocks(random_rbm(4, 15, 20, 0.7)).n_blocks > 1
    wide = random_rbm(4, 15, 20, 0.7)
    assert rbmviz.exact_log_z(wide) == pytest.approx(plain_log_z(wide), abs=1e-9)
    assert rbmviz.exact_log_z(rbm) == pytest.approx(plain_log_z(rbm), abs=1e-9)


@given(
    seed=st.integers(0, 1000),
    n_visible=st.integers(1, 6),
    n_hidden=st.integers(1, 6),
    scale=st.sampled_from([0.0, 1.0, 10.0, 60.0, 200.0, 1000.0]),
)
def test_finite_bounded_and_symmetric(
    seed: int, n_visible: int, n_hidden: int, scale: float
) -> None:
    rbm = random_rbm(seed, n_visible, n_hidden, scale)
    phase, log_z = rbmviz.exact_negative_phase(rbm)
    mirrored, mirrored_log_z = rbmviz.exact_negative_phase(RBM(rbm.W.T, rbm.c, rbm.b))
    assert np.isfinite(log_z)
    for array in (phase.vh, phase.v, phase.h):
        assert array.min() >= 0
        assert array.max() <= 1 + 1e-12
    assert log_z == pytest.approx(mirrored_log_z, abs=1e-8, rel=1e-12)
    np.testing.assert_allclose(phase.vh, mirrored.vh.T, atol=1e-9)
    np.testing.assert_allclose(phase.v, mirrored.h, atol=1e-9)


def test_a_long_visible_layer_reproduces_a_published_value() -> None:
    """200 x 10 units with the parameters of numpy's RandomState(1234)."""
    rs = np.random.RandomState(1234)
    b, c, W = rs.randn(200), rs.randn(10), rs.randn(200, 10)
    assert rbmviz.exact_log_z(RBM(W, b, c)) == pytest.approx(338.667968526, abs=1e-6)


def test_independent_units_have_a_closed_form_at_the_limit_of_listing() -> None:
    """With W = 0, Z is a product over units; 20 x 20 takes the many-block route."""
    rng = np.random.default_rng(5)
    b, c = rng.normal(size=20), rng.normal(size=20)
    phase, log_z = rbmviz.exact_negative_phase(RBM(np.zeros((20, 20)), b, c))
    assert log_z == pytest.approx(np.logaddexp(0, b).sum() + np.logaddexp(0, c).sum(), abs=1e-9)
    np.testing.assert_allclose(phase.v, 1 / (1 + np.exp(-b)), atol=1e-12)
    np.testing.assert_allclose(phase.vh, np.outer(phase.v, phase.h), atol=1e-12)


def test_too_many_units_are_refused_with_the_cost() -> None:
    rbm = RBM(np.zeros((30, 28)), np.zeros(30), np.zeros(28))
    for call in (rbmviz.exact_log_z, rbmviz.exact_negative_phase):
        with pytest.raises(
            rbmviz.TooManyUnitsError, match=r"28 units .* CPU seconds .* limit is 26"
        ):
            call(rbm)
    with pytest.raises(rbmviz.TooManyUnitsError, match="limit is 20"):
        rbmviz.exact_probabilities(RBM(np.zeros((21, 2)), np.zeros(21), np.zeros(2)))


def test_progress_is_reported_and_can_cancel() -> None:
    rbm = random_rbm(6, 16, 16, 0.5)
    seen: list[float] = []
    rbmviz.exact_log_z(rbm, progress=seen.append)
    assert seen == sorted(seen)
    assert 0 <= seen[0] < seen[-1] < 1

    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rbmviz.exact_negative_phase(rbm, progress=cancel)


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(5, 6), (7, 4)])
def test_exact_samples_have_the_exact_means(n_visible: int, n_hidden: int) -> None:
    """Means and pair means within 5 standard errors; samples of another model must fail."""
    rbm = random_rbm(7, n_visible, n_hidden, 1.0)
    p = np.array(oracle.probabilities(*parameters(rbm)))
    states = ((np.arange(p.size)[:, None] >> np.arange(n_visible)) & 1).astype(float)
    n = 40_000

    def worst_z_score(v: np.ndarray) -> float:
        truth = states.T @ (p[:, None] * states)
        se = np.sqrt(truth * (1 - truth) / n) + 1e-9
        return float(np.abs((v.T @ v / n - truth) / se).max())

    assert worst_z_score(rbmviz.exact_samples(np.random.default_rng(8), rbm, n)) < 5
    wrong = RBM(rbm.W, rbm.b + 0.1, rbm.c)
    assert worst_z_score(rbmviz.exact_samples(np.random.default_rng(8), wrong, n)) > 5


def test_mean_log_likelihood() -> None:
    rbm = random_rbm(9, 4, 3, 1.0)
    v = np.array([[0, 0, 1, 1], [1, 0, 1, 0]])
    log_p = np.log(np.array(oracle.probabilities(*parameters(rbm))))
    expected = (log_p[0b1100] + log_p[0b0101]) / 2  # bit k of the index is v[k]
    assert rbmviz.mean_log_likelihood(rbm, v) == pytest.approx(expected, abs=1e-9)
    log_z = rbmviz.exact_log_z(rbm)
    assert rbmviz.mean_log_likelihood(rbm, v, log_z + 1) == pytest.approx(expected - 1, abs=1e-9)
    with pytest.raises(rbmviz.InputError, match="0 or 1"):
        rbmviz.mean_log_likelihood(rbm, v * 0.5)
    with pytest.raises(rbmviz.InputError, match="finite"):
        rbmviz.mean_log_likelihood(rbm, v, float("nan"))
