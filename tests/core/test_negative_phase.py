"""Where chains start, where they go, what counts in an estimate, and what is refused.

That the samplers stay at the right distribution: test_stationarity.py.
"""

from collections.abc import Callable

import numpy as np
import pytest

import rbmviz
from rbmviz import (
    RBM,
    ContrastiveDivergence,
    ExactEnumeration,
    FastPersistentContrastiveDivergence,
    InputError,
    MeanField,
    NegativePhase,
    NegativePhaseEstimate,
    ParallelTempering,
    PersistentContrastiveDivergence,
)
from rbmviz.core.negative_phase import FastChains

N_CHAINS = 20_000


def make_rbm() -> RBM:
    rng = np.random.default_rng(0)
    return RBM(rng.normal(0, 1.0, (6, 5)), rng.normal(0, 0.7, 6), rng.normal(0, 0.7, 5))


def drift(rbm: RBM, estimate: NegativePhaseEstimate) -> float:
    """The largest distance of a statistic from its exact value, in standard errors of this run."""
    exact, _ = rbmviz.exact_negative_phase(rbm)
    v, h = estimate.samples, rbmviz.mean_h_given_v(rbm, estimate.samples)
    terms = np.concatenate([(v[:, :, None] * h[:, None, :]).reshape(len(v), -1), v, h], axis=1)
    se = terms.std(axis=0) / np.sqrt(len(v)) + 1e-6  # a stuck kernel has no spread at all
    return float((np.abs(estimate.statistics.flat() - exact.flat()) / se).max())


def test_long_chains_from_one_row_reach_the_model() -> None:
    rbm = make_rbm()
    rng = np.random.default_rng(2)
    _, estimate = ContrastiveDivergence(200).step(rng, None, rbm, np.zeros((N_CHAINS, 6)))
    assert drift(rbm, estimate) < 5
    _, short = ContrastiveDivergence(1).step(rng, None, rbm, np.zeros((N_CHAINS, 6)))
    assert drift(rbm, short) > 5  # CD-1 is biased toward where it started


def test_persistent_chains_go_on_where_they_stood() -> None:
    """From one far row, many PCD-1 steps reach the model although each step is short."""
    rbm, rng = make_rbm(), np.random.default_rng(3)
    method = PersistentContrastiveDivergence(n_chains=N_CHAINS)
    chains = method.init(rng, rbm, np.zeros((1, 6)))
    for _ in range(200):
        chains, estimate = method.step(rng, chains, rbm, np.zeros((1, 6)))
    assert drift(rbm, estimate) < 5


def test_tempering_leaves_a_mode_that_gibbs_sampling_does_not() -> None:
    """All units on or all off, half each, and every chain begins at all off."""
    rbm = RBM(np.full((6, 6), 3.0), np.full(6, -9.0), np.full(6, -9.0))
    rng, rows = np.random.default_rng(8), np.zeros((1, 6))
    shares = []
    for method in (ParallelTempering(500), PersistentContrastiveDivergence(500)):
        chains = method.init(rng, rbm, rows)
        for _ in range(200):
            chains, estimate = method.step(rng, chains, rbm, rows)
        shares.append(estimate.samples.mean())
    standard_error = 0.5 / np.sqrt(500)  # a chain is all on or all off, with even odds
    assert abs(shares[0] - 0.5) < 4 * standard_error
    assert shares[1] < 0.5 - 10 * standard_error


def test_each_ladder_starts_at_one_row() -> None:
    strong = RBM(50 * np.eye(6), np.zeros(6), np.full(6, -25.0))  # h copies v
    method = ParallelTempering(n_chains=4, n_temperatures=3)
    chains = method.init(np.random.default_rng(9), strong, np.eye(6))
    assert chains.h.shape == (12, 6)
    np.testing.assert_array_equal(chains.h[:4], chains.h[4:8])
    np.testing.assert_array_equal(chains.h[:4], chains.h[8:])
    assert not chains.swap_odd
    _, estimate = method.step(np.random.default_rng(9), chains, strong, np.eye(6))
    assert estimate.samples.shape == (4, 6)  # the hot rows play no part


@pytest.mark.parametrize(("n_steps", "odd"), [(1, True), (2, False), (3, True)])
def test_swaps_alternate_between_even_and_odd_pairs(n_steps: int, odd: bool) -> None:
    rbm, rng = make_rbm(), np.random.default_rng(10)
    method = ParallelTempering(n_chains=2, n_temperatures=3, n_steps=n_steps)
    moved, _ = method.step(rng, method.init(rng, rbm, np.eye(6)), rbm, np.eye(6))
    assert moved.swap_odd is odd


def test_fast_weights_learn_and_decay_by_the_written_rule() -> None:
    """fast = decay * fast + rate * (positive - negative phase); chains move under their sum."""
    rbm, rng = make_rbm(), np.random.default_rng(11)
    batch = (rng.random((7, 6)) < 0.3).astype(float)
    method = FastPersistentContrastiveDivergence(5, fast_learning_rate=0.2, fast_decay=0.9)
    chains = method.init(rng, rbm, batch)
    for part in (chains.fast_W, chains.fast_b, chains.fast_c):
        assert not part.any()
    before = FastChains(chains.h, rng.normal(size=(6, 5)), np.ones((1, 6)), np.ones((1, 5)))
    moved, estimate = method.step(rng, before, rbm, batch)
    positive = rbmviz.positive_phase(rbm, batch)
    # of the model itself, without the fast weights
    negative = rbmviz.positive_phase(rbm, estimate.samples)
    np.testing.assert_allclose(estimate.statistics.flat(), negative.flat(), atol=1e-12)
    for now, old, slope in (
        (moved.fast_W, before.fast_W, positive.vh - negative.vh),
        (moved.fast_b[0], before.fast_b[0], positive.v - negative.v),
        (moved.fast_c[0], before.fast_c[0], positive.h - negative.h),
    ):
        np.testing.assert_allclose(now, 0.9 * old + 0.2 * slope, atol=1e-12)


def test_fast_weights_are_added_to_the_model_that_moves_the_chains() -> None:
    rbm, rng = make_rbm(), np.random.default_rng(12)
    fast_b, fast_c = rng.normal(size=(1, 6)), rng.normal(size=(1, 5))
    fast = FastChains(np.zeros((N_CHAINS, 5)), rng.normal(size=(6, 5)), fast_b, fast_c)
    method = FastPersistentContrastiveDivergence(N_CHAINS, n_steps=100)
    _, estimate = method.step(rng, fast, rbm, np.zeros((1, 6)))
    overlaid = RBM(rbm.W + fast.fast_W, rbm.b + fast_b[0], rbm.c + fast_c[0])
    as_overlaid = NegativePhaseEstimate(
        estimate.samples, rbmviz.mean_h_given_v(overlaid, estimate.samples)
    )
    assert drift(overlaid, as_overlaid) < 5
    assert drift(rbm, estimate) > 5


def test_exact_enumeration_is_exact_and_brings_exact_samples() -> None:
    rbm, rng = make_rbm(), np.random.default_rng(4)
    chains, estimate = ExactEnumeration(n_samples=N_CHAINS).step(rng, None, rbm, np.zeros((1, 6)))
    exact, _ = rbmviz.exact_negative_phase(rbm)
    assert chains is None
    np.testing.assert_array_equal(estimate.statistics.vh, exact.vh)
    assert drift(rbm, NegativePhaseEstimate(estimate.samples, np.zeros((1, 5)), exact)) == 0
    as_sampled = NegativePhaseEstimate(
        estimate.samples, rbmviz.mean_h_given_v(rbm, estimate.samples)
    )
    assert drift(rbm, as_sampled) < 5


def test_each_chain_counts_once_whatever_the_batch() -> None:
    """A phase is a mean over its own rows: 7 chains beside a batch of 3."""
    rbm, rng = make_rbm(), np.random.default_rng(5)
    method = PersistentContrastiveDivergence(n_chains=7)
    chains = method.init(rng, rbm, np.eye(6))
    _, estimate = method.step(rng, chains, rbm, np.zeros((3, 6)))
    assert estimate.samples.shape == (7, 6)
    mean_h = rbmviz.mean_h_given_v(rbm, estimate.samples)
    outer = [np.outer(v, h) for v, h in zip(estimate.samples, mean_h, strict=True)]
    by_hand = np.mean(outer, axis=0)
    np.testing.assert_allclose(estimate.statistics.vh, by_hand, atol=1e-12)


def test_chains_start_at_each_row_equally_often() -> None:
    strong = RBM(50 * np.eye(6), np.zeros(6), np.full(6, -25.0))  # h copies v
    chains = PersistentContrastiveDivergence(n_chains=15).init(
        np.random.default_rng(6), strong, np.eye(6)
    )
    counts = chains.h.sum(axis=0)
    assert counts.sum() == 15
    assert set(counts) == {2.0, 3.0}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ContrastiveDivergence(0), "n_steps is 0; it must be at least 1"),
        (lambda: ContrastiveDivergence(-3), "n_steps is -3"),
        (lambda: ContrastiveDivergence(1.5), "whole number"),
        (lambda: PersistentContrastiveDivergence(n_chains=0), "n_chains is 0"),
        (lambda: ExactEnumeration(n_samples=-1), "n_samples is -1"),
        (lambda: ParallelTempering(n_chains=0), "n_chains is 0"),
        (lambda: ParallelTempering(n_temperatures=1), "n_temperatures is 1; it must be at least 2"),
        (lambda: ParallelTempering(n_steps=0), "n_steps is 0"),
        (lambda: FastPersistentContrastiveDivergence(n_chains=0), "n_chains is 0"),
        (lambda: FastPersistentContrastiveDivergence(n_steps=0), "n_steps is 0"),
        (
            lambda: FastPersistentContrastiveDivergence(fast_learning_rate=-0.1),
            "fast_learning_rate is -0.1",
        ),
        (
            lambda: FastPersistentContrastiveDivergence(fast_decay=1.0),
            r"fast_decay is 1.0; choose a finite value in \[0, 1\)",
        ),
        (lambda: MeanField(order=3), "order is 3; it must be from 1 to 2"),
        (lambda: MeanField(n_chains=0), "n_chains is 0"),
        (lambda: MeanField(n_steps=0), "n_steps is 0"),
        (lambda: MeanField(damping=1.0), r"damping is 1.0; choose a finite value in \[0, 1\)"),
    ],
)
def test_wrong_counts_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_wrong_rows_and_chains_are_refused() -> None:
    rbm, rng = make_rbm(), np.random.default_rng(7)
    for method in (ContrastiveDivergence(), ExactEnumeration()):
        with pytest.raises(InputError, match="5 columns; the model has 6"):
            method.step(rng, None, rbm, np.zeros((2, 5)))
        with pytest.raises(InputError, match=r"v_batch\[0, 2\] is nan"):
            method.step(rng, None, rbm, np.array([[0, 1, np.nan, 0, 0, 1]]))


PERSISTENT: list[NegativePhase] = [
    PersistentContrastiveDivergence(),
    FastPersistentContrastiveDivergence(),
    ParallelTempering(),
    MeanField(),
]


@pytest.mark.parametrize("method", PERSISTENT, ids=repr)
def test_chains_of_another_model_are_refused(method: NegativePhase) -> None:
    rbm, rng = make_rbm(), np.random.default_rng(13)
    with pytest.raises(InputError, match="got NoneType, it needs"):
        method.step(rng, None, rbm, np.zeros((2, 6)))
    smaller = method.init(rng, RBM.random(rng, 6, 4), np.zeros((2, 6)))
    with pytest.raises(InputError, match=r"of shape \(\d+, 4\), it needs .*, 5\). Pass what init"):
        method.step(rng, smaller, rbm, np.zeros((2, 6)))


@pytest.mark.parametrize(
    "method", [FastPersistentContrastiveDivergence(), ParallelTempering()], ids=repr
)
def test_plain_chains_are_refused_where_more_is_needed(method: NegativePhase) -> None:
    rbm, rng = make_rbm(), np.random.default_rng(14)
    plain = PersistentContrastiveDivergence().init(rng, rbm, np.zeros((2, 6)))
    with pytest.raises(InputError, match="got Chains"):
        method.step(rng, plain, rbm, np.zeros((2, 6)))


def test_chains_of_another_estimator_or_number_are_refused() -> None:
    """Hot rows of a ladder, or means, would count as samples."""
    rbm, rng, rows = make_rbm(), np.random.default_rng(16), np.zeros((2, 6))
    method = PersistentContrastiveDivergence(12)
    for other in (ParallelTempering(3, 4), MeanField(n_chains=12), method.__class__(11)):
        with pytest.raises(InputError, match="Pass what init"):
            method.step(rng, other.init(rng, rbm, rows), rbm, rows)


@pytest.mark.parametrize("began", [ParallelTempering(5, 4), ParallelTempering(4, 4)], ids=repr)
def test_ladders_of_another_shape_are_refused(began: ParallelTempering) -> None:
    """20 chains are 5 ladders of 4 as well as 4 of 5: nothing else tells the temperatures apart."""
    rbm, rng = make_rbm(), np.random.default_rng(15)
    chains = began.init(rng, rbm, np.zeros((2, 6)))
    with pytest.raises(InputError, match="Pass what init"):
        ParallelTempering(4, 5).step(rng, chains, rbm, np.zeros((2, 6)))
