"""Exact phases of every Boltzmann machine against plain loops, differences and the RBM."""

import itertools

import machine_oracle as oracle
import numpy as np
import pytest
from machines import STRUCTURES, drawn, random_machine, random_rows

import rbmviz
from rbmviz import RBM, BoltzmannMachine, InputError, Structure, TooManyUnitsError
from rbmviz.core.boltzmann import pairwise
from rbmviz.core.boltzmann.graph import colour_blocks, cut_set
from rbmviz.core.boltzmann.machine import PARAMETERS

SCALES = [0.8, 8.0]


def flat(phase: oracle.Phase) -> np.ndarray:
    return np.concatenate([np.ravel(part) for part in phase])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", STRUCTURES)
def test_log_z_and_both_phases_are_sums_over_joint_states(name: str, scale: float) -> None:
    machine = random_machine(name, scale)
    rows = random_rows(machine)
    listed = rows.astype(int).tolist()
    negative, log_z = rbmviz.machine_negative_phase(machine)
    assert log_z == pytest.approx(oracle.log_z(machine), rel=1e-13)
    assert rbmviz.machine_log_z(machine) == pytest.approx(log_z, rel=1e-13)
    np.testing.assert_allclose(negative.flat(), flat(oracle.negative_phase(machine)), atol=1e-13)
    positive = rbmviz.machine_positive_phase(machine, rows)
    wanted = flat(oracle.positive_phase(machine, listed))
    np.testing.assert_allclose(positive.flat(), wanted, atol=1e-13)
    log_p = [oracle.log_p_tilde(machine, v) for v in listed]
    np.testing.assert_allclose(rbmviz.machine_log_p_tilde(machine, rows), log_p, atol=1e-12)
    mean = oracle.mean_log_likelihood(machine, listed)
    assert rbmviz.machine_log_likelihood(machine, rows) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("name", STRUCTURES)
def test_energy_is_that_of_the_loops(name: str) -> None:
    machine = random_machine(name)
    rng = np.random.default_rng(3)
    v, h = (rng.integers(0, 2, (6, n)) for n in (machine.n_visible, machine.n_hidden))
    wanted = [oracle.energy(machine, a, b) for a, b in zip(v.tolist(), h.tolist(), strict=True)]
    np.testing.assert_allclose(rbmviz.machine_energy(machine, v, h), wanted, atol=1e-13)


STEP = 2e-3


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_gradient_is_the_slope_of_the_exact_log_likelihood(name: str) -> None:
    """Central differences, freed of their error in STEP**2 and STEP**4 by extrapolation."""
    machine = random_machine(name)
    rows = random_rows(machine)
    listed = rows.astype(int).tolist()
    positive = rbmviz.machine_positive_phase(machine, rows)
    gradient = rbmviz.machine_gradient(positive, rbmviz.machine_negative_phase(machine)[0])
    parts = dict(zip(PARAMETERS, ("vv", "vh", "hh", "v", "h"), strict=True))

    def value(parameter: str, where: tuple[int, ...], shift: float) -> float:
        arrays = {name: getattr(machine, name).copy() for name in PARAMETERS}
        arrays[parameter][where] += shift
        return oracle.mean_log_likelihood(BoltzmannMachine(**arrays), listed)

    seen = 0
    for parameter, part in parts.items():
        exists = getattr(machine.structure, parameter, np.ones(getattr(machine, parameter).shape))
        for where in map(tuple, np.argwhere(exists)):
            slopes = [
                (value(parameter, where, s) - value(parameter, where, -s)) / (2 * s)
                for s in (4 * STEP, 2 * STEP, STEP)
            ]
            first = [(4 * b - a) / 3 for a, b in itertools.pairwise(slopes)]
            slope = (16 * first[1] - first[0]) / 15
            assert getattr(gradient, part)[where] == pytest.approx(slope, rel=1e-9, abs=1e-11)
            seen += 1
    structure = machine.structure
    assert seen == sum(m.sum() for m in (structure.R, structure.W, structure.S)) + len(
        machine.fields
    )


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(5, 3), (3, 5), (4, 4)])
@pytest.mark.parametrize("scale", [0.5, 20.0])
def test_the_rbm_is_a_member(n_visible: int, n_hidden: int, scale: float) -> None:
    rng = np.random.default_rng(0)
    rbm = RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )
    machine, v = BoltzmannMachine.from_rbm(rbm), rng.random((6, n_visible))
    close = {"rtol": 1e-12, "atol": 1e-12}
    ours, theirs = rbmviz.machine_log_p_tilde(machine, v), rbmviz.log_p_tilde(rbm, v)
    np.testing.assert_allclose(ours, theirs, **close)
    pairs = [(rbmviz.machine_positive_phase(machine, v), rbmviz.positive_phase(rbm, v))]
    negative, log_z = rbmviz.machine_negative_phase(machine)
    pairs.append((negative, rbmviz.exact_negative_phase(rbm)[0]))
    for mine, known in pairs:
        for part in ("vh", "v", "h"):
            np.testing.assert_allclose(getattr(mine, part), getattr(known, part), **close)
    assert log_z == pytest.approx(rbmviz.exact_log_z(rbm), rel=1e-12)
    binary = (v > 0.5).astype(float)
    likelihood = rbmviz.mean_log_likelihood(rbm, binary)
    assert rbmviz.machine_log_likelihood(machine, binary) == pytest.approx(likelihood, rel=1e-12)


def test_what_each_phase_costs() -> None:
    def cuts(structure: Structure) -> tuple[int, int]:
        positive, negative = rbmviz.phase_costs(structure)
        return positive.cut, negative.cut

    for n, m in itertools.product(range(1, 7), repeat=2):
        assert cuts(Structure.fully_visible(n)) == (0, n - 1)
        assert cuts(Structure.restricted(n, m)) == (0, min(n, m))
        assert cuts(Structure.general(n, m)) == (m - 1, n + m - 1)
        for k in range(1, m + 1):
            assert cuts(Structure.semi_restricted(n, m, k)) == (k - 1, min(n + k - 1, m))
            assert cuts(Structure.deep(n, m, k)) == (min(m, k), min(m, n + k))


def smallest_cover(adjacency: np.ndarray) -> int:
    n = len(adjacency)
    edges = [(i, j) for i in range(n) for j in range(i) if adjacency[i, j]]
    for size in range(n + 1):
        for chosen in itertools.combinations(range(n), size):
            if all(i in chosen or j in chosen for i, j in edges):
                return size
    raise AssertionError


def test_any_graph_is_cut_and_coloured_right() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        n = int(rng.integers(1, 8))
        upper = np.triu(rng.random((n, n)) < 0.4, k=1)
        adjacency = upper | upper.T
        cut = cut_set(adjacency)
        rest = [i for i in range(n) if i not in cut]
        assert not adjacency[np.ix_(rest, rest)].any()
        assert len(cut) <= smallest_cover(adjacency) + 1
        blocks = colour_blocks(adjacency)
        assert sorted(np.concatenate(blocks).tolist()) == list(range(n))
        assert not any(adjacency[np.ix_(block, block)].any() for block in blocks)


def test_an_rbm_needs_two_blocks_and_a_general_machine_one_for_each_unit() -> None:
    assert len(Structure.restricted(5, 4).free_blocks) == 2
    assert len(Structure.deep(5, 4, 3).free_blocks) == 2
    assert len(Structure.semi_restricted(5, 4, 3).free_blocks) == 4
    assert len(Structure.general(5, 4).free_blocks) == 9
    assert len(Structure.deep(5, 4, 3).clamped_blocks) == 2


@pytest.mark.parametrize("name", STRUCTURES)
def test_many_blocks_of_states_add_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = random_machine(name, scale=3.0)
    rows = random_rows(machine)
    whole = [
        rbmviz.machine_positive_phase(machine, rows).flat(),
        rbmviz.machine_negative_phase(machine)[0].flat(),
    ]
    monkeypatch.setattr(pairwise, "_BLOCK_NUMBERS", 40)
    told: list[float] = []
    pieces = [
        rbmviz.machine_positive_phase(machine, rows).flat(),
        rbmviz.machine_negative_phase(machine, told.append)[0].flat(),
    ]
    for a, b in zip(whole, pieces, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-13)
    assert told[0] == 0.0
    assert told == sorted(told)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("value", [0.0, 50.0, -50.0, 1e6])
def test_extreme_machines_stay_finite(name: str, value: float) -> None:
    structure = STRUCTURES[name]
    machine = BoltzmannMachine(
        value * structure.R, value * structure.W, value * structure.S,
        np.full(structure.n_visible, -value), np.full(structure.n_hidden, value), structure,
    )  # fmt: skip
    rows = random_rows(machine)
    phases = [
        rbmviz.machine_positive_phase(machine, rows).flat(),
        rbmviz.machine_negative_phase(machine)[0].flat(),
    ]
    for phase in phases:
        assert np.isfinite(phase).all()
        assert phase.min() >= 0
        assert phase.max() <= 1 + 1e-12
    listed = rows.astype(int).tolist()
    mean = oracle.mean_log_likelihood(machine, listed)
    found = rbmviz.machine_log_likelihood(machine, rows)
    assert found == pytest.approx(mean, rel=1e-12, abs=1e-12)


def test_too_many_units_are_refused_with_cost_and_remedy() -> None:
    machine = drawn(Structure.general(20, 12), 0.1, 0)
    with pytest.raises(TooManyUnitsError, match=r"31 units .* CPU seconds; the limit .* Couple"):
        rbmviz.machine_negative_phase(machine)
    with pytest.raises(TooManyUnitsError, match="11 units"):
        rbmviz.machine_positive_phase(machine, np.zeros((10_000, 20)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"R": np.ones((2, 2))}, "strictly upper"),
        ({"S": np.array([[0.0]]), "c": [0.0, 0.0]}, "shape"),
        ({"W": np.zeros((3, 1))}, "shape"),
        ({"b": [np.nan, 0.0]}, "finite"),
        ({"b": []}, "at least one visible"),
        ({"b": [1e31, 0.0]}, "limit"),
        ({"R": np.triu(np.ones((2, 2)), 1), "structure": Structure.restricted(2, 1)}, "no such"),
        ({"structure": Structure.restricted(3, 1)}, "structure is for"),
    ],
)
def test_what_does_not_fit_is_named(change: dict, message: str) -> None:
    fitting = {
        "R": np.zeros((2, 2)), "W": np.zeros((2, 1)), "S": np.zeros((1, 1)),
        "b": [0.0, 0.0], "c": [0.0],
    }  # fmt: skip
    BoltzmannMachine(**fitting)
    with pytest.raises(InputError, match=message):
        BoltzmannMachine(**fitting | change)


def test_a_machine_is_kept_and_shared_freely() -> None:
    R = np.triu(np.ones((3, 3)), 1)
    machine = BoltzmannMachine(R, np.zeros((3, 0)), np.zeros((0, 0)), np.zeros(3), [])
    R[0, 1] = 5.0
    assert machine.R[0, 1] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        machine.R[0, 1] = 2.0
