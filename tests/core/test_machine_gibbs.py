"""Gibbs sampling of any machine stays at exact samples; each broken twin drifts away."""

from functools import cache

import machine_oracle as oracle
import numpy as np
import pytest
from machines import random_machine, random_rows

from rbmviz import GibbsPositive, PersistentNegative
from rbmviz.core.boltzmann.gibbs import gibbs_sweeps, smoothed_statistics

N_CHAINS = 20_000
K_STANDARD_ERRORS = 5.0  # the largest of up to 40 statistics
NAMES = ["fully visible", "restricted", "semi-restricted", "general", "deep"]


@cache
def listed(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The probability of every state of all units, and the states."""
    p, x = zip(*oracle.joint(random_machine(name, 1.0)), strict=True)
    return np.array(p), np.array(x, dtype=float)


def exact_states(name: str, rng: np.random.Generator) -> np.ndarray:
    p, x = listed(name)
    return x[rng.choice(len(p), N_CHAINS, p=p / p.sum())]


def drift(x: np.ndarray, name: str) -> float:
    """The largest distance of E[x_i x_j] from the exact one, in standard errors."""
    p, states = listed(name)
    exact = (states.T * p) @ states
    terms = x[:, :, None] * x[:, None, :]
    se = np.maximum(terms.std(axis=0, ddof=1) / np.sqrt(len(x)), 1e-9)
    return float((np.abs(terms.mean(axis=0) - exact) / se).max())


def swept(name: str, mistake: str) -> np.ndarray:
    machine, rng = random_machine(name, 1.0), np.random.default_rng(1)
    x, blocks = exact_states(name, rng), machine.structure.free_blocks
    if mistake == "all units at once":
        blocks = [np.arange(len(machine.fields))]
    couplings, fields = machine.couplings, machine.fields
    if mistake == "each pair twice":
        couplings = 2 * couplings
    if mistake == "no biases":
        fields = 0 * fields
    if mistake == "upper half alone":
        couplings = np.triu(couplings)
    return gibbs_sweeps(rng, couplings, fields, x, blocks, 5)


@pytest.mark.parametrize("name", NAMES)
def test_exact_samples_stay_exact(name: str) -> None:
    assert drift(swept(name, "none"), name) < K_STANDARD_ERRORS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "mistake", ["all units at once", "each pair twice", "no biases", "upper half alone"]
)
def test_a_broken_kernel_drifts(name: str, mistake: str) -> None:
    assert drift(swept(name, mistake), name) > 1.3 * K_STANDARD_ERRORS


@pytest.mark.parametrize("name", NAMES)
def test_the_smoothed_statistics_are_unbiased_and_less_noisy(name: str) -> None:
    machine, rng = random_machine(name, 1.0), np.random.default_rng(2)
    p, states = listed(name)
    exact = (states.T * p) @ states
    batches = np.split(exact_states(name, rng), 100)  # independent repeats
    found = np.array(
        [smoothed_statistics(machine.couplings, machine.fields, x)[1] for x in batches]
    )
    plain = np.array([x.T @ x / len(x) for x in batches])
    se = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - exact) / se).max() < K_STANDARD_ERRORS
    assert found.var(axis=0).mean() < plain.var(axis=0).mean()


@pytest.mark.parametrize("name", ["semi-restricted", "general", "deep"])
def test_clamped_chains_reach_the_positive_phase(name: str) -> None:
    machine, rng = random_machine(name, 1.0), np.random.default_rng(3)
    rows = random_rows(machine, n=3)
    method = GibbsPositive(n_chains=300, n_sweeps=1)
    chains, found = method.init(rng, machine, rows), []
    for k in range(140):
        chains, statistics = method.step(rng, chains, machine, rows)
        if k >= 20 and k % 4 == 0:
            found.append(statistics.flat())
    wanted = oracle.positive_phase(machine, rows.astype(int).tolist())
    exact = np.concatenate([np.ravel(part) for part in wanted])
    groups = np.array(found).reshape(6, 5, -1).mean(axis=1)  # nearly independent repeats
    se = np.maximum(groups.std(axis=0, ddof=1) / np.sqrt(6), 1e-4)
    assert (np.abs(np.mean(found, axis=0) - exact) / se).max() < 8  # 5 degrees of freedom
    loose = rows.mean(axis=0)
    np.testing.assert_allclose(statistics.v, loose, atol=1e-12)  # v stayed clamped


def test_chains_of_both_phases_keep_their_shapes_and_repeat() -> None:
    machine, rows = random_machine("general"), random_rows(random_machine("general"))
    for method, shape in (
        (GibbsPositive(n_chains=2), (10, 3)),
        (PersistentNegative(n_chains=7), (7, 7)),
    ):
        runs = []
        for _ in range(2):
            rng = np.random.default_rng(5)
            chains = method.init(rng, machine, rows)
            before = chains.copy()
            moved, _ = method.step(rng, chains, machine, rows)
            assert moved.shape == shape
            assert np.array_equal(chains, before)
            runs.append(moved)
        assert np.array_equal(*runs)
