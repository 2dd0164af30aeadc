"""Ising rings and tori: plain sums over spins, published values, and other ways to log Z."""

import math

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import (
    CRITICAL_COUPLING,
    AnnealedImportanceSampling,
    InputError,
    IsingModel,
    estimate_log_z,
    ising_ring,
    ising_torus,
)

K_STANDARD_ERRORS = 4.5


def ring_bonds(n: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % n) for i in range(n)]


def torus_bonds(side: int) -> list[tuple[int, int]]:
    sites = [(i, j) for i in range(side) for j in range(side)]
    down = [(side * i + j, side * ((i + 1) % side) + j) for i, j in sites]
    return down + [(side * i + j, side * i + (j + 1) % side) for i, j in sites]


def rbm_log_z(n_spins: int, bonds: list[tuple[int, int]], coupling: float) -> float:
    """log Z of the spins in plain loops, and of the constant each bond's hidden unit brings."""
    w = 2 * math.acosh(math.exp(2 * coupling))
    shift = len(bonds) * (math.log1p(math.exp(-w)) - coupling)
    return oracle.ising_log_z(n_spins, bonds, coupling) + shift


@pytest.mark.parametrize("coupling", [0.0, 1e-6, 0.1, 0.5, 1.3, 3.0])
@pytest.mark.parametrize("n", [3, 4, 7])
def test_rings_have_the_log_z_of_a_sum_over_spins(n: int, coupling: float) -> None:
    model = ising_ring(n, coupling)
    assert model.log_z == pytest.approx(rbm_log_z(n, ring_bonds(n), coupling), abs=1e-11)
    assert rbmviz.exact_log_z(model.rbm) == pytest.approx(model.log_z, abs=1e-10)


@pytest.mark.parametrize("coupling", [0.0, 1e-6, 0.1, 0.3, CRITICAL_COUPLING, 0.6, 1.3, 3.0])
def test_the_smallest_torus_has_the_log_z_of_a_sum_over_spins(coupling: float) -> None:
    model = ising_torus(3, coupling)
    assert model.log_z == pytest.approx(rbm_log_z(9, torus_bonds(3), coupling), abs=1e-10)
    assert model.rbm.n_visible == 9
    assert model.rbm.n_hidden == 18
    assert model.image_shape == (3, 3)


@pytest.mark.parametrize("coupling", [0.0, 0.3, CRITICAL_COUPLING, 0.6, 3.0])
def test_the_4_by_4_torus_has_the_log_z_of_enumeration(coupling: float) -> None:
    model = ising_torus(4, coupling)
    assert rbmviz.exact_log_z(model.rbm) == pytest.approx(model.log_z, abs=1e-9)


def test_each_state_of_the_spins_has_the_weight_of_its_bonds() -> None:
    """Not only the sum: log p~(v) is K times the aligned bonds, up to one constant."""
    coupling, bonds = 0.7, torus_bonds(3)
    model = ising_torus(3, coupling)
    rows = np.array(oracle.states(9), dtype=float)
    aligned = [sum(1 if x[i] == x[j] else -1 for i, j in bonds) for x in rows]
    gap = rbmviz.log_p_tilde(model.rbm, rows) - coupling * np.array(aligned)
    assert np.ptp(gap) < 1e-11
    assert np.ptp(gap + 0.01 * np.array(aligned)) > 0.1


@pytest.mark.parametrize(
    ("model", "published"),
    [
        (ising_ring(16, 0.5), 5.583274948263943),
        (ising_ring(100, 0.5), 34.895441392509085),
        (ising_torus(4, 0.3), 5.924316180771926),
        (ising_torus(4, 0.44068679350977147), 2.8903332055942794),
        (ising_torus(8, 0.3), 23.16450191841776),
    ],
)
def test_published_values_are_met_by_the_formula_and_by_annealing(
    model: IsingModel, published: float
) -> None:
    assert model.log_z == pytest.approx(published, abs=1e-9)
    method = AnnealedImportanceSampling(n_betas=300, n_sweeps=2)
    found = estimate_log_z(np.random.default_rng(11), model.rbm, method)
    slack = K_STANDARD_ERRORS / 2 * (found.high - found.low) / 2  # a half-width is about two
    assert abs(found.log_z - published) < slack < 0.6
    assert abs(found.log_z - published - 1.0) > slack


@pytest.mark.parametrize("side", [3, 4, 5, 8, 16, 31])
def test_free_and_frozen_tori_have_their_limits(side: int) -> None:
    n = side**2
    assert ising_torus(side, 0.0).log_z == pytest.approx(3 * n * math.log(2), rel=1e-12)
    # at K = 3 two states hold all but n exp(-8 K) of the weight
    w = 2 * math.acosh(math.exp(6.0))
    frozen = math.log(2) + 2 * n * 3.0 + math.log1p(n * math.exp(-24.0))
    shift = 2 * n * (math.log1p(math.exp(-w)) - 3.0)
    assert ising_torus(side, 3.0).log_z == pytest.approx(frozen + shift, abs=1e-9)


@pytest.mark.parametrize("coupling", [0.05, 0.15, 0.9, 1.5])
def test_side_16_agrees_with_the_series_at_high_and_low_temperature(coupling: float) -> None:
    n, K = 256, coupling
    if coupling < 0.3:  # loops of 4, 6 and 8 bonds: n t^4 + 2 n t^6 + ...
        t = math.tanh(K)
        series = n * (math.log(2) + 2 * math.log(math.cosh(K)) + t**4 + 2 * t**6 + 4.5 * t**8)
        following = n * 12 * t**10
    else:  # flipped spins: n x^4 + 2 n x^6 + ..., x = exp(-2 K)
        x = math.exp(-2 * K)
        series = math.log(2) + 2 * n * K + n * (x**4 + 2 * x**6 + 4.5 * x**8)
        following = n * 12 * x**10
    w = 2 * math.acosh(math.exp(2 * K))
    shift = 2 * n * (math.log1p(math.exp(-w)) - K)
    assert abs(ising_torus(16, K).log_z - series - shift) < 2 * following + 1e-9
    assert following < 0.02


@pytest.mark.parametrize("side", [3, 4, 16])
def test_the_slope_at_the_critical_coupling_is_kramers_and_wanniers(side: int) -> None:
    """Duality: log Z is smooth there, and its slope per bond tends to sqrt(1/2) from above."""
    n, step = side**2, 1e-4

    def ising(K: float) -> float:
        w = 2 * math.acosh(math.exp(2 * K))
        return ising_torus(side, K).log_z - 2 * n * (math.log1p(math.exp(-w)) - K)

    slope = (ising(CRITICAL_COUPLING + step) - ising(CRITICAL_COUPLING - step)) / (2 * step)
    per_bond = slope / (2 * n)
    assert math.sqrt(0.5) < per_bond < math.sqrt(0.5) + 0.7 / side
    here = 0.5 * (ising(CRITICAL_COUPLING + step) + ising(CRITICAL_COUPLING - step))
    assert ising(CRITICAL_COUPLING) == pytest.approx(here, abs=1e-4 * n)


@pytest.mark.parametrize("coupling", [5e-324, 1e-310, 1e-300, 1e-12])
def test_couplings_near_zero_are_those_of_free_spins(coupling: float) -> None:
    wanted = 27 * math.log(2)
    # the weight of a bond goes like sqrt(K): the 18 constants differ from log 2 by that
    assert ising_torus(3, coupling).log_z == pytest.approx(
        wanted, abs=40 * math.sqrt(coupling) + 1e-9
    )
    assert ising_ring(3, coupling).log_z == pytest.approx(
        6 * math.log(2), abs=10 * math.sqrt(coupling) + 1e-12
    )


@pytest.mark.parametrize(
    ("make", "size", "coupling", "message"),
    [
        (ising_ring, 2, 0.5, "n_spins is 2; it must be from 3 to 4096"),
        (ising_ring, 5000, 0.5, "n_spins is 5000; it must be from 3 to 4096"),
        (ising_ring, 3.5, 0.5, "n_spins is 3.5; pass a whole number"),
        (ising_ring, 8, -0.1, r"coupling is -0.1; choose a finite value in \[0, 3\]"),
        (ising_torus, 2, 0.5, "side is 2; it must be from 3 to 64"),
        (ising_torus, 65, 0.5, "side is 65; it must be from 3 to 64"),
        (ising_torus, 8, 3.1, r"coupling is 3.1; choose a finite value in \[0, 3\]"),
        (ising_torus, 8, float("nan"), "coupling is nan; choose"),
    ],
)
def test_impossible_models_are_refused(make, size, coupling, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        make(size, coupling)
