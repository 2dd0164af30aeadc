"""Training of every structure: uphill, bit for bit, and only where couplings exist."""

from dataclasses import replace

import numpy as np
import pytest
from machines import STRUCTURES

import rbmviz
from rbmviz import (
    DivergedError,
    ExactNegative,
    ExactPositive,
    GibbsPositive,
    InputError,
    MachineSettings,
    MeanFieldPositive,
    PersistentNegative,
    Structure,
    start_machine,
    train_machine,
    with_machine_settings,
)


def structures(n_visible: int) -> dict[str, Structure]:
    return {
        "fully visible": Structure.fully_visible(n_visible),
        "restricted": Structure.restricted(n_visible, 4),
        "semi-restricted": Structure.semi_restricted(n_visible, 4, 3),
        "general": Structure.general(n_visible, 3),
        "deep": Structure.deep(n_visible, 4, 3),
    }


@pytest.mark.parametrize("name", structures(1))
def test_exact_training_climbs_at_every_step(name: str) -> None:
    v = rbmviz.load_dataset("bars-and-stripes 2x2").v
    settings = MachineSettings(
        structures(4)[name], ExactPositive(), ExactNegative(), learning_rate=0.3
    )
    state = start_machine(settings, v)
    likelihoods = [rbmviz.machine_log_likelihood(state.machine, v)]
    for _ in range(10):
        state = train_machine(state, 40)
        likelihoods.append(rbmviz.machine_log_likelihood(state.machine, v))
    assert np.diff(likelihoods).min() > 0
    assert likelihoods[-1] - likelihoods[0] > 0.1


@pytest.mark.parametrize("positive", [MeanFieldPositive(), GibbsPositive()], ids=repr)
@pytest.mark.parametrize("name", structures(1))
def test_approximate_training_improves_the_exact_likelihood(name, positive) -> None:
    v = rbmviz.load_dataset("bars-and-stripes 3x3").v
    settings = MachineSettings(
        structures(9)[name], positive, learning_rate=0.3, seed=1, initial_scale=0.5
    )
    state = start_machine(settings, v)
    before = rbmviz.machine_log_likelihood(state.machine, v)
    state = train_machine(state, 250)
    after = rbmviz.machine_log_likelihood(state.machine, v)
    assert after - before > 0.5


METHODS = [
    (ExactPositive(), ExactNegative()),
    (MeanFieldPositive(), PersistentNegative(20)),
    (GibbsPositive(2), PersistentNegative(20, n_sweeps=2)),
]


@pytest.mark.parametrize(("positive", "negative"), METHODS, ids=repr)
@pytest.mark.parametrize("name", structures(1))
def test_five_updates_are_two_and_three_bit_for_bit(name, positive, negative) -> None:
    v = rbmviz.load_dataset("bars-and-stripes 2x2").v
    begun = start_machine(MachineSettings(structures(4)[name], positive, negative, seed=3), v)
    whole = train_machine(begun, 5)
    pieces = train_machine(train_machine(begun, 2), 3)
    assert whole.step == pieces.step == 5
    for part in ("R", "W", "S", "b", "c"):
        assert np.array_equal(getattr(whole.machine, part), getattr(pieces.machine, part))
    assert whole.rng == pieces.rng
    assert begun.step == 0
    other = train_machine(
        start_machine(MachineSettings(structures(4)[name], positive, negative, seed=4), v), 5
    )
    assert not np.array_equal(whole.machine.fields, other.machine.fields)


@pytest.mark.parametrize("name", STRUCTURES)
def test_couplings_that_do_not_exist_stay_zero(name: str) -> None:
    structure = STRUCTURES[name]
    rows = np.eye(structure.n_visible)
    state = train_machine(start_machine(MachineSettings(structure), rows), 20)
    for part in ("R", "W", "S"):
        mask, learned = getattr(structure, part), getattr(state.machine, part)
        assert not learned[~mask].any()
        assert (learned[mask] != 0).all()
    assert np.array_equal(state.machine.couplings, state.machine.couplings.T)


def test_a_restricted_machine_moves_as_its_rbm_does() -> None:
    v = rbmviz.load_dataset("bars-and-stripes 2x2").v
    settings = MachineSettings(Structure.restricted(4, 3), ExactPositive(), ExactNegative())
    begun = start_machine(settings, v)
    rbm = rbmviz.RBM(begun.machine.W, begun.machine.b, begun.machine.c)
    for _ in range(10):
        negative, _ = rbmviz.exact_negative_phase(rbm)
        step = rbmviz.gradient(rbmviz.positive_phase(rbm, v), negative)
        rbm = rbmviz.RBM(rbm.W + 0.1 * step.vh, rbm.b + 0.1 * step.v, rbm.c + 0.1 * step.h)
    machine = train_machine(begun, 10).machine
    np.testing.assert_allclose(machine.W, rbm.W, atol=1e-12)
    np.testing.assert_allclose(machine.b, rbm.b, atol=1e-12)


def test_other_phases_go_on_from_the_same_parameters() -> None:
    structure = Structure.general(4, 2)
    before = train_machine(start_machine(MachineSettings(structure), np.eye(4)), 3)
    other = MachineSettings(structure, GibbsPositive(2), PersistentNegative(9), 0.05)
    after = with_machine_settings(before, other)
    assert after.machine is before.machine
    assert train_machine(after, 2).negative_chains.shape == (9, 6)
    same = with_machine_settings(before, replace(before.settings, learning_rate=0.01))
    assert same.negative_chains is before.negative_chains
    with pytest.raises(InputError, match="seed changes"):
        with_machine_settings(before, replace(before.settings, seed=5))


def test_a_run_that_diverges_says_what_to_lower() -> None:
    settings = MachineSettings(
        Structure.general(3, 2), ExactPositive(), ExactNegative(), learning_rate=1e6
    )
    state = start_machine(settings, np.eye(3))
    with pytest.raises(DivergedError, match="Lower the learning rate"):
        train_machine(state, 100)


@pytest.mark.parametrize(
    "wrong",
    [
        {"structure": None},
        {"positive": ExactNegative()},
        {"negative": ExactPositive()},
        {"learning_rate": -1.0},
        {"seed": -1},
        {"initial_scale": float("nan")},
    ],
)
def test_wrong_settings_are_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        MachineSettings(**{"structure": Structure.restricted(2, 2)} | wrong)
