"""The mean-field positive phase: a lower bound, a fixed point, and never downhill."""

import machine_oracle as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import STRUCTURES, drawn, random_machine, random_rows

import rbmviz
from rbmviz import Structure, machine_mean_field
from rbmviz.core.boltzmann.mean_field import variational_bound


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_bound_is_the_expectation_that_its_name_says(name: str) -> None:
    machine = random_machine(name, scale=1.5)
    rows = random_rows(machine)
    found = machine_mean_field(machine, rows)
    assert found.converged
    wanted = [
        oracle.bound(machine, v, mu)
        for v, mu in zip(rows.astype(int).tolist(), found.mu.tolist(), strict=True)
    ]
    np.testing.assert_allclose(found.bound, wanted, atol=1e-12)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(
    n_visible=st.integers(1, 4),
    n_hidden=st.integers(1, 5),
    n_second=st.integers(1, 3),
    kind=st.sampled_from(["restricted", "semi", "general", "deep"]),
    scale=st.sampled_from([0.0, 0.1, 1.0, 5.0, 50.0]),
    damping=st.sampled_from([0.0, 0.5, 0.9]),
    seed=st.integers(0, 10_000),
)
def test_the_bound_never_exceeds_the_exact_value(
    n_visible, n_hidden, n_second, kind, scale, damping, seed
) -> None:
    structure = {
        "restricted": lambda: Structure.restricted(n_visible, n_hidden),
        "semi": lambda: Structure.semi_restricted(n_visible, n_hidden, n_hidden),
        "general": lambda: Structure.general(n_visible, n_hidden),
        "deep": lambda: Structure.deep(n_visible, n_hidden, n_second),
    }[kind]()
    machine = drawn(structure, scale, seed)
    rows = random_rows(machine, seed=seed)
    found = machine_mean_field(machine, rows, damping=damping)
    exact = rbmviz.machine_log_p_tilde(machine, rows)
    rounding = 1e-12 * (1 + np.abs(exact))
    assert (found.bound <= exact + rounding).all()
    assert np.isfinite(found.bound).all()
    assert ((found.mu >= 0) & (found.mu <= 1)).all()
    if kind == "restricted":  # q can be the posterior itself
        np.testing.assert_allclose(found.bound, exact, rtol=1e-12, atol=1e-12)
        assert found.n_iterations == 1


@pytest.mark.parametrize("name", ["semi-restricted", "general", "deep"])
def test_where_it_rests_the_bound_has_no_slope(name: str) -> None:
    machine = random_machine(name)
    rows = random_rows(machine, n=1)
    mu = machine_mean_field(machine, rows, tolerance=1e-14).mu
    for j in range(machine.n_hidden):
        shift = np.zeros_like(mu)
        shift[0, j] = 1e-5
        slope = variational_bound(machine, rows, mu + shift)
        slope = (slope - variational_bound(machine, rows, mu - shift)) / 2e-5
        assert abs(slope[0]) < 1e-8
        assert abs(variational_bound(machine, rows, 0.9 * mu) - slope)[0] > 1e-3


@pytest.mark.parametrize("damping", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("scale", [1.0, 6.0, 50.0])
def test_every_sweep_raises_the_bound(scale: float, damping: float) -> None:
    machine = random_machine("general", scale, seed=4)
    rows = random_rows(machine)
    bounds = [
        machine_mean_field(machine, rows, damping, 0.0, max_iterations=n).bound
        for n in range(1, 12)
    ]
    assert (np.diff(bounds, axis=0) >= -1e-11 * scale).all()
    if scale < 50:  # saturated means are at rest after one sweep
        assert (bounds[-1] - bounds[0]).max() > 1e-6


def test_it_says_when_it_did_not_come_to_rest() -> None:
    machine = random_machine("general", 2.0)
    rows = random_rows(machine)
    found = machine_mean_field(machine, rows, damping=0.9, tolerance=1e-10, max_iterations=2)
    assert (found.converged, found.n_iterations) == (False, 2)


def test_the_gap_is_the_divergence_from_the_posterior() -> None:
    machine = random_machine("deep", scale=1.5)
    v = random_rows(machine, n=1)
    found = machine_mean_field(machine, v)
    divergence = 0.0
    for p, h in oracle.hidden_given(machine, v[0].astype(int).tolist()):
        q = float(np.prod(np.where(h, found.mu[0], 1 - found.mu[0])))
        divergence += q * np.log(q / p)
    gap = rbmviz.machine_log_p_tilde(machine, v)[0] - found.bound[0]
    assert gap == pytest.approx(divergence, abs=1e-12)
    assert gap > 1e-3
