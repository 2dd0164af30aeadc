"""A sampler started at exact samples must stay there, while each broken twin drifts away.

The exact samples and expectations come from plain loops over all states. Standard errors are
measured: the rows, or the ladders of tempered chains, are independent repeats.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import oracle
import pytest

from rbmviz import (
    RBM,
    Chains,
    ContrastiveDivergence,
    FastPersistentContrastiveDivergence,
    NegativePhase,
    NegativePhaseEstimate,
    ParallelTempering,
    PersistentContrastiveDivergence,
)
from rbmviz.core.errors import FloatArray
from rbmviz.core.negative_phase import TemperedChains

N_CHAINS = 20_000
N_LADDERS = 20_000
# The largest of up to 350 statistics: a right kernel exceeds this once in 5,000 seeds.
K_STANDARD_ERRORS = 5.0


@cache
def make_rbm(name: str) -> RBM:
    rng = np.random.default_rng(0)
    if name == "random":
        return RBM(rng.normal(0, 1.0, (5, 5)), rng.normal(0, 0.7, 5), rng.normal(0, 0.7, 5))
    # Units that copy each other: nearly all on, or nearly all off, and seldom between.
    W = 1.5 + rng.normal(0, 0.5, (6, 4))
    return RBM(W, -W.sum(axis=1) / 2 + rng.normal(0, 0.3, 6), -W.sum(axis=0) / 2 + 0.05)


@cache
def exact_statistics(name: str, beta: float = 1.0) -> FloatArray:
    rbm = make_rbm(name)
    vh, v, h = oracle.negative_phase(beta * rbm.W, beta * rbm.b, beta * rbm.c)
    return np.concatenate([np.ravel(vh), v, h])


def exact_rows(rng: np.random.Generator, W: FloatArray, b: FloatArray, c: FloatArray, n: int):
    """Draw rows of the layer with biases b from its listed probabilities."""
    p = np.array(oracle.probabilities(W, b, c))
    return np.array(oracle.states(len(b)), dtype=float)[rng.choice(len(p), n, p=p / p.sum())]


def logistic(x: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-x))


def terms_of(v: FloatArray, h: FloatArray) -> FloatArray:
    """v h^T, v and h of each row."""
    return np.hstack([(v[:, :, None] * h[:, None, :]).reshape(len(v), -1), v, h])


def drift(terms: FloatArray, exact: FloatArray, means: FloatArray | None = None) -> float:
    """The largest distance of a mean from its exact value, in standard errors of these rows."""
    se = terms.std(axis=0, ddof=1) / np.sqrt(len(terms))
    means = terms.mean(axis=0) if means is None else means
    return float((np.abs(means - exact) / np.maximum(se, 1e-9)).max())  # a constant has no spread


# Kernels without a temperature


def drift_of_method(method: NegativePhase, name: str, n_steps: int = 6) -> float:
    """Run from exact samples; persistent chains get as many rows as they have chains."""
    rbm, rng = make_rbm(name), np.random.default_rng(1)
    v = exact_rows(rng, rbm.W, rbm.b, rbm.c, N_CHAINS)
    chains = method.init(rng, rbm, v)
    for _ in range(n_steps):
        chains, estimate = method.step(rng, chains, rbm, v)
        if chains is None:  # each step starts at its batch
            v = estimate.samples
    terms = terms_of(estimate.samples, logistic(estimate.samples @ rbm.W + rbm.c))
    return drift(terms, exact_statistics(name), estimate.statistics.flat())


@dataclass(frozen=True)
class BrokenGibbs(PersistentContrastiveDivergence):
    """PCD-1 with one mistake."""

    n_chains: int = N_CHAINS
    mistake: str = "none"

    def advance(self, rng, chains, rbm, v_batch, mean_h_batch):
        b, to_v = rbm.b, rbm.W.T
        if self.mistake == "no visible bias":
            b = 0 * rbm.b
        if self.mistake == "a stale visible bias":
            b = rbm.b - 0.2
        if self.mistake == "transposed weights":
            to_v = rbm.W
        mean_v = logistic(chains.h @ to_v + b)
        v = (rng.random(mean_v.shape) < mean_v).astype(float)
        if self.mistake == "thresholded v":
            v = (mean_v > 0.5).astype(float)
        mean_h = logistic(v @ rbm.W + rbm.c)
        h = (rng.random(mean_h.shape) < mean_h).astype(float)
        if self.mistake == "probabilities for h":
            h = mean_h
        return Chains(h=h), NegativePhaseEstimate(samples=v, mean_h=mean_h)


@pytest.mark.parametrize("name", ["random", "two modes"])
@pytest.mark.parametrize(
    "method",
    [
        ContrastiveDivergence(1),
        ContrastiveDivergence(5),
        PersistentContrastiveDivergence(N_CHAINS, n_steps=1),
        PersistentContrastiveDivergence(N_CHAINS, n_steps=4),
        FastPersistentContrastiveDivergence(N_CHAINS, n_steps=1, fast_learning_rate=0),
        FastPersistentContrastiveDivergence(N_CHAINS, n_steps=3, fast_learning_rate=0),
        BrokenGibbs(mistake="none"),  # the twin itself is sound
    ],
    ids=repr,
)
def test_exact_samples_stay_exact(method: NegativePhase, name: str) -> None:
    assert drift_of_method(method, name) < K_STANDARD_ERRORS


@pytest.mark.parametrize(
    ("mistake", "name"),
    [
        ("no visible bias", "random"),
        ("no visible bias", "two modes"),
        ("a stale visible bias", "random"),
        ("a stale visible bias", "two modes"),
        ("transposed weights", "random"),  # a square W: nothing else would notice
        ("thresholded v", "random"),
        ("thresholded v", "two modes"),
        ("probabilities for h", "random"),  # saturated units would hide it
    ],
)
def test_a_broken_gibbs_kernel_drifts(mistake: str, name: str) -> None:
    assert drift_of_method(BrokenGibbs(mistake=mistake), name) > 2 * K_STANDARD_ERRORS


@pytest.mark.parametrize("name", ["random", "two modes"])
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_fast_weights_drift_only_at_a_fast_rate_above_zero(name: str, rate: float) -> None:
    """They flee toward the batch, here one row, while the model stands still: a known bias."""
    rbm, rng = make_rbm(name), np.random.default_rng(2)
    method = FastPersistentContrastiveDivergence(N_CHAINS, fast_learning_rate=rate)
    chains = method.init(rng, rbm, exact_rows(rng, rbm.W, rbm.b, rbm.c, N_CHAINS))
    for _ in range(5):
        chains, estimate = method.step(rng, chains, rbm, np.zeros((1, rbm.n_visible)))
    terms = terms_of(estimate.samples, logistic(estimate.samples @ rbm.W + rbm.c))
    found = drift(terms, exact_statistics(name), estimate.statistics.flat())
    assert found < K_STANDARD_ERRORS if rate == 0 else found > 2 * K_STANDARD_ERRORS


# Parallel tempering, at every temperature


@dataclass(frozen=True)
class BrokenTempering(ParallelTempering):
    """Parallel tempering with one mistake in its swaps."""

    n_chains: int = N_LADDERS
    mistake: str = "none"

    def advance(self, rng, chains, rbm, v_batch, mean_h_batch):
        h = chains.h.reshape(self.n_temperatures, self.n_chains, -1).copy()
        v = np.empty((*h.shape[:2], rbm.n_visible))
        minus_log_p = np.empty(h.shape[:2])
        for t, beta in enumerate(self.betas):
            mean_v = logistic(beta * (h[t] @ rbm.W.T + rbm.b))
            v[t] = rng.random(mean_v.shape) < mean_v
            inputs = v[t] @ rbm.W + rbm.c
            h[t] = rng.random(inputs.shape) < logistic(beta * inputs)
            free = -v[t] @ rbm.b - np.logaddexp(0, inputs).sum(axis=1)
            joint = -v[t] @ rbm.b - (inputs * h[t]).sum(axis=1)
            minus_log_p[t] = free if self.mistake == "free energies" else joint
        sign = -1 if self.mistake == "sign" else 1
        for t in range(int(chains.swap_odd), self.n_temperatures - 1, 2):
            gap = self.betas[t + 1] - self.betas[t]
            ratio = np.exp(np.minimum(sign * gap * (minus_log_p[t + 1] - minus_log_p[t]), 0))
            swap = rng.random(self.n_chains) < (1 if self.mistake == "always" else ratio)
            for part in (v, h):
                part[t : t + 2, swap] = part[t : t + 2, swap][::-1].copy()
        mean_h = logistic(v[-1] @ rbm.W + rbm.c)
        moved = TemperedChains(h.reshape(chains.h.shape), len(h), not chains.swap_odd)
        return moved, NegativePhaseEstimate(samples=v[-1], mean_h=mean_h)


def drifts_of_tempering(method: ParallelTempering, name: str) -> list[float]:
    """The drift at each temperature, the hottest first, and last that of the rows at beta = 1."""
    rbm, rng = make_rbm(name), np.random.default_rng(3)
    betas = [t / (method.n_temperatures - 1) for t in range(method.n_temperatures)]
    h = [exact_rows(rng, x * rbm.W.T, x * rbm.c, x * rbm.b, method.n_chains) for x in betas]
    chains = TemperedChains(np.vstack(h), len(h), swap_odd=False)
    for _ in range(12 // method.n_steps):  # each pair of neighbours is offered six swaps
        chains, estimate = method.step(rng, chains, rbm, np.zeros((1, rbm.n_visible)))
    found = []
    for beta, part in zip(betas, np.split(chains.h, len(betas)), strict=True):
        terms = terms_of(logistic(beta * (part @ rbm.W.T + rbm.b)), part)
        found.append(drift(terms, exact_statistics(name, beta)))
    terms = terms_of(estimate.samples, logistic(estimate.samples @ rbm.W + rbm.c))
    return [*found, drift(terms, exact_statistics(name), estimate.statistics.flat())]


@pytest.mark.parametrize("name", ["random", "two modes"])
@pytest.mark.parametrize(
    "method",
    [
        ParallelTempering(N_LADDERS, n_temperatures=2),
        ParallelTempering(N_LADDERS, n_temperatures=5),
        ParallelTempering(N_LADDERS, n_temperatures=6, n_steps=3),
        BrokenTempering(n_temperatures=5, mistake="none"),  # the twin itself is sound
    ],
    ids=repr,
)
def test_tempered_chains_stay_exact_at_every_temperature(
    method: ParallelTempering, name: str
) -> None:
    assert max(drifts_of_tempering(method, name)) < K_STANDARD_ERRORS


@pytest.mark.parametrize("name", ["random", "two modes"])
@pytest.mark.parametrize("mistake", ["free energies", "sign", "always"])
def test_wrong_swaps_drift(mistake: str, name: str) -> None:
    """Free energies beta F(v) in place of the energies of the pairs: a known library's mistake."""
    found = drifts_of_tempering(BrokenTempering(n_temperatures=5, mistake=mistake), name)
    assert max(found) > 1.5 * K_STANDARD_ERRORS
    assert found[-1] > K_STANDARD_ERRORS  # also where it enters the gradient
