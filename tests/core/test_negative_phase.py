"""Samplers are tested for stationarity, each beside a broken twin that must fail the same test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import rbmviz
from rbmviz import (
    RBM,
    Chains,
    ContrastiveDivergence,
    ExactEnumeration,
    InputError,
    NegativePhase,
    NegativePhaseEstimate,
    PersistentContrastiveDivergence,
)
from rbmviz.core.rbm import mean_h_unchecked, mean_v_unchecked, sample_bernoulli

N_CHAINS = 20_000


def make_rbm() -> RBM:
    rng = np.random.default_rng(0)
    return RBM(rng.normal(0, 1.0, (6, 5)), rng.normal(0, 0.7, 6), rng.normal(0, 0.7, 5))


@dataclass(frozen=True)
class Broken(NegativePhase):
    """A Gibbs kernel with one mistake, started at the batch."""

    mistake: str

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: object) -> None:
        """Nothing to start."""

    def advance(
        self,
        rng: np.random.Generator,
        chains: Chains | None,
        rbm: RBM,
        v_batch: np.ndarray,
        mean_h_batch: np.ndarray,
    ) -> tuple[None, NegativePhaseEstimate]:
        h = sample_bernoulli(rng, mean_h_batch)
        if self.mistake == "probabilities for h":
            h = mean_h_batch
        if self.mistake == "no visible bias":
            rbm = RBM.unchecked(rbm.W, 0 * rbm.b, rbm.c)
        v = sample_bernoulli(rng, mean_v_unchecked(rbm, h))
        if self.mistake == "thresholded v":
            v = (mean_v_unchecked(rbm, h) > 0.5).astype(float)
        return None, NegativePhaseEstimate(samples=v, mean_h=mean_h_unchecked(rbm, v))


def drift(rbm: RBM, estimate: NegativePhaseEstimate) -> float:
    """The largest distance of a statistic from its exact value, in standard errors of this run."""
    exact, _ = rbmviz.exact_negative_phase(rbm)
    v, h = estimate.samples, rbmviz.mean_h_given_v(rbm, estimate.samples)
    terms = np.concatenate([(v[:, :, None] * h[:, None, :]).reshape(len(v), -1), v, h], axis=1)
    se = terms.std(axis=0) / np.sqrt(len(v)) + 1e-6  # a stuck kernel has no spread at all
    return float((np.abs(estimate.statistics.flat() - exact.flat()) / se).max())


def run(method: NegativePhase, n_steps: int = 3) -> float:
    """Start at exact samples, so that a right kernel must stay there."""
    rbm, rng = make_rbm(), np.random.default_rng(1)
    v = rbmviz.exact_samples(rng, rbm, N_CHAINS)
    chains = method.init(rng, rbm, v)
    for _ in range(n_steps):
        chains, estimate = method.step(rng, chains, rbm, v)
        if chains is None:
            v = estimate.samples
    return drift(rbm, estimate)


@pytest.mark.parametrize(
    "method",
    [
        ContrastiveDivergence(1),
        ContrastiveDivergence(5),
        PersistentContrastiveDivergence(n_chains=N_CHAINS, n_steps=1),
        PersistentContrastiveDivergence(n_chains=N_CHAINS, n_steps=4),
    ],
)
def test_exact_samples_stay_exact(method: NegativePhase) -> None:
    assert run(method) < 5


@pytest.mark.parametrize("mistake", ["probabilities for h", "no visible bias", "thresholded v"])
def test_a_broken_kernel_drifts(mistake: str) -> None:
    assert run(Broken(mistake)) > 5


def test_without_a_mistake_the_twin_stays() -> None:
    assert run(Broken("none")) < 5


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
    with pytest.raises(InputError, match=r"Pass what init"):
        PersistentContrastiveDivergence().step(rng, None, rbm, np.zeros((2, 6)))
