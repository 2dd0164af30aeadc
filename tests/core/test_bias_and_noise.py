"""Bias and noise of an estimator from repeats, beside the exact values of the Gibbs operator.

How they are summed up, on a case made by hand: test_bias_and_noise_by_hand.py.
"""

from collections.abc import Callable

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import (
    RBM,
    BiasAndNoise,
    Chains,
    ContrastiveDivergence,
    ExactEnumeration,
    FastPersistentContrastiveDivergence,
    MeanField,
    NegativePhase,
    ParallelTempering,
    PersistentContrastiveDivergence,
    measure_bias_and_noise,
)
from rbmviz.core import bias_and_noise as module
from rbmviz.core.errors import FloatArray

N_REPEATS = 8000
# The largest of some 40 statistics: a right value exceeds this once in 40,000 seeds.
K_STANDARD_ERRORS = 5.0


@pytest.fixture(autouse=True)
def _no_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TIMING_SECONDS", 1e-4)


def random_rbm(n_visible: int = 6, n_hidden: int = 4, scale: float = 1.0) -> RBM:
    rng = np.random.default_rng([n_visible, n_hidden])
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


def data_rows(n_visible: int = 6, n: int = 5) -> FloatArray:
    return (np.random.default_rng(1).random((n, n_visible)) < 0.4).astype(float)


def flat(phase: oracle.Phase) -> FloatArray:
    return np.concatenate([np.ravel(part) for part in phase])


def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def distance(found: BiasAndNoise, wanted: FloatArray) -> float:
    """The largest distance of a mean from a value, in standard errors of the repeats."""
    se = found.deviation.flat() / np.sqrt(found.n_repeats)
    return float((np.abs(found.mean.flat() - wanted) / se).max())


# Contrastive divergence, whose bias and noise are known exactly


@pytest.mark.parametrize("n_steps", [1, 3])
@pytest.mark.parametrize(("n_visible", "n_hidden"), [(6, 4), (4, 6)])
def test_repeats_agree_with_the_exact_bias_and_noise(
    n_steps: int, n_visible: int, n_hidden: int
) -> None:
    rbm, rows = random_rbm(n_visible, n_hidden, 2.0), data_rows(n_visible)
    operator = rbmviz.gibbs_operator(rbm)
    exact = rbmviz.exact_bias_and_noise(operator, rows, n_steps)
    found, longer = (
        measure_bias_and_noise(rng(), rbm, ContrastiveDivergence(k), rows, n_repeats=N_REPEATS)
        for k in (n_steps, n_steps + 1)
    )
    assert found.n_repeats == N_REPEATS
    assert distance(found, exact.mean.flat()) < K_STANDARD_ERRORS
    assert distance(longer, exact.mean.flat()) > 2 * K_STANDARD_ERRORS  # one step more shows
    truth = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
    np.testing.assert_allclose(found.bias.flat(), found.mean.flat() - truth, atol=1e-12)
    # a deviation from n repeats is known to about 1 / sqrt(2 n), and with kurtosis a little worse
    known_to = 2 / np.sqrt(2 * N_REPEATS)
    assert found.noise_norm == pytest.approx(exact.noise_norm, rel=K_STANDARD_ERRORS * known_to)
    assert found.bias_floor == pytest.approx(found.noise_norm / np.sqrt(N_REPEATS))
    assert abs(found.bias_norm - exact.bias_norm) < 3 * found.bias_floor
    assert found.angle_of_mean == pytest.approx(exact.angle_of_mean, abs=1.0)
    assert found.angle_of_one > found.angle_of_mean + 5  # a single estimate is noisy


def test_samples_are_counted_where_chains_end() -> None:
    rbm, rows = random_rbm(), data_rows()
    found = measure_bias_and_noise(
        rng(), rbm, ContrastiveDivergence(2), rows, n_repeats=N_REPEATS
    ).visible_frequencies
    assert found.sum() == pytest.approx(1, abs=1e-12)
    operator, n = rbmviz.gibbs_operator(rbm), N_REPEATS * len(rows)

    def worst(p: FloatArray) -> float:
        se = np.sqrt(p * (1 - p) / n)  # no less than that of 5 rows with their own probabilities
        often = p * n > 20  # where the count is nearly normal
        return float((np.abs(found - p) / se)[often].max())

    assert worst(operator.visible_probabilities_after(rows, 2)) < K_STANDARD_ERRORS
    assert worst(operator.visible_probabilities_after(rows, 1)) > 2 * K_STANDARD_ERRORS


def test_states_are_counted_up_to_12_units_and_only_where_they_are_states() -> None:
    for n_visible, method in ((13, ContrastiveDivergence()), (6, MeanField(n_chains=3))):
        rbm, rows = random_rbm(n_visible, 3), data_rows(n_visible)
        found = measure_bias_and_noise(rng(), rbm, method, rows, n_repeats=5)
        assert found.visible_frequencies is None
    rbm, rows = random_rbm(12, 3), data_rows(12)
    found = measure_bias_and_noise(rng(), rbm, ContrastiveDivergence(), rows, n_repeats=5)
    assert found.visible_frequencies.shape == (4096,)
    assert found.visible_frequencies.sum() == pytest.approx(1, abs=1e-12)


# Other estimators


def test_exact_enumeration_has_neither_bias_nor_noise() -> None:
    found = measure_bias_and_noise(rng(), random_rbm(), ExactEnumeration(), data_rows())
    assert found.n_repeats is None
    assert (found.bias_norm, found.noise_norm, found.bias_floor) == (0, 0, 0)
    assert (found.angle_of_mean, found.wrong_signs_of_mean) == (0, 0)
    assert (found.angle_of_one, found.wrong_signs_of_one) == (0, 0)


@pytest.mark.parametrize(
    "method",
    [
        PersistentContrastiveDivergence(n_chains=20),
        FastPersistentContrastiveDivergence(n_chains=20, fast_learning_rate=0),
        ParallelTempering(n_chains=20, n_temperatures=3),
    ],
    ids=repr,
)
def test_warmed_up_chains_have_no_bias_beyond_the_floor(method: NegativePhase) -> None:
    """Well mixing: lambda_2 is below 0.5, so that 30 steps forget where the chains began."""
    rbm, rows = random_rbm(scale=0.7), np.ones((1, 6))
    assert rbmviz.gibbs_operator(rbm).second_eigenvalue < 0.5
    warm, cold = (
        measure_bias_and_noise(rng(), rbm, method, rows, n_repeats=1000, n_warm_up=n)
        for n in (30, 0)
    )
    assert warm.bias_norm < warm.bias_floor
    assert distance(warm, flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))) < K_STANDARD_ERRORS
    assert cold.bias_norm > 3 * cold.bias_floor


def test_repeats_start_at_the_chains_that_are_given() -> None:
    """One step from them: E[v] is that of p(v | h)."""
    rbm, rows = random_rbm(), np.ones((1, 6))
    h = np.array([[1.0, 0.0, 0.0, 1.0]] * 3)
    method = PersistentContrastiveDivergence(n_chains=3)
    found, fresh = (
        measure_bias_and_noise(rng(), rbm, method, rows, n_repeats=2000, chains=chains)
        for chains in (Chains(h=h), None)
    )
    wanted = np.array(oracle.mean_v_given_h(rbm.W, rbm.b, rbm.c, h[0]))
    for one, is_near in ((found, True), (fresh, False)):
        se = one.deviation.v / np.sqrt(2000)
        assert (np.abs(one.mean.v - wanted) < K_STANDARD_ERRORS * se).all() == is_near
    np.testing.assert_array_equal(h, [[1, 0, 0, 1]] * 3)  # and they are left alone


# How it is counted


def test_the_block_size_changes_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its start a mean field draws nothing: the same repeats however they are blocked."""
    rbm, rows = random_rbm(scale=2.0), np.eye(6)
    method = MeanField(n_chains=2, n_steps=2)

    def measure() -> BiasAndNoise:
        return measure_bias_and_noise(rng(), rbm, method, rows, n_repeats=23)

    at_once = measure()
    assert at_once.noise_norm > 0.01  # the repeats differ
    monkeypatch.setattr(module, "_BLOCK_DOUBLES", 5 * 12 * 10)
    in_fives = measure()
    monkeypatch.setattr(module, "_BLOCK_DOUBLES", 1)
    one_by_one = measure()
    for other in (in_fives, one_by_one):
        assert other.n_repeats == 23
        np.testing.assert_allclose(other.mean.flat(), at_once.mean.flat(), atol=1e-12)
        np.testing.assert_allclose(other.deviation.flat(), at_once.deviation.flat(), atol=1e-12)
        assert other.angle_of_one == pytest.approx(at_once.angle_of_one, abs=1e-9)
        assert other.wrong_signs_of_one == pytest.approx(at_once.wrong_signs_of_one, abs=1e-12)


@pytest.mark.parametrize("block", [1, 7 * 11 * 10])
def test_blocks_of_sampled_repeats_agree_with_the_exact_values(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rbm, rows = random_rbm(), data_rows()
    monkeypatch.setattr(module, "_BLOCK_DOUBLES", block)
    exact = rbmviz.exact_bias_and_noise(rbmviz.gibbs_operator(rbm), rows, 1)
    found = measure_bias_and_noise(rng(), rbm, ContrastiveDivergence(), rows, n_repeats=1500)
    assert found.n_repeats == 1500
    assert distance(found, exact.mean.flat()) < K_STANDARD_ERRORS
    assert found.noise_norm == pytest.approx(exact.noise_norm, rel=0.1)


def test_progress_rises_and_can_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK_DOUBLES", 1)
    shares: list[float] = []

    def measure(progress: Callable[[float], None]) -> BiasAndNoise:
        return measure_bias_and_noise(
            rng(),
            random_rbm(),
            ContrastiveDivergence(),
            data_rows(),
            n_repeats=9,
            progress=progress,
        )

    measure(shares.append)
    assert len(shares) >= 9
    assert shares == sorted(set(shares))
    assert 0 <= shares[0] < 0.2 < 0.8 < shares[-1] <= 1

    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(cancel)


def test_what_does_not_fit_is_refused() -> None:
    rbm, method = random_rbm(), ContrastiveDivergence()
    for arguments, message in (
        ({"n_repeats": 0}, "n_repeats is 0"),
        ({"n_warm_up": -1}, "n_warm_up is -1"),
        ({"v_batch": np.zeros((2, 5))}, "5 columns; the model has 6"),
    ):
        with pytest.raises(rbmviz.InputError, match=message):
            measure_bias_and_noise(
                rng(), rbm, method, **{"v_batch": data_rows(), "n_repeats": 5, **arguments}
            )
    large = RBM(np.zeros((28, 28)), np.zeros(28), np.zeros(28))
    with pytest.raises(rbmviz.TooManyUnitsError, match="limit is 26"):
        measure_bias_and_noise(rng(), large, method, np.zeros((1, 28)))
