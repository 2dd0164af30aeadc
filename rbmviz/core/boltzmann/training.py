"""Training of any Boltzmann machine: gradient ascent on the mean log-likelihood of all rows.

Textbook: *Deep Learning* sections 18.1 and 20.4.3. A deep machine is trained with mean field and
persistent chains, as by Salakhutdinov & Hinton (2009). Everything random follows from
(settings.seed, step): 5 updates equal 2 + 3 updates bit for bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.boltzmann.machine import PARAMETERS, BoltzmannMachine, MachineStatistics
from rbmviz.core.boltzmann.phases import (
    MachineNegativePhase,
    MachinePositivePhase,
    MeanFieldPositive,
    PersistentNegative,
)
from rbmviz.core.boltzmann.structure import Structure
from rbmviz.core.errors import (
    DivergedError,
    FloatArray,
    InputError,
    as_rows,
    check_count,
    check_number,
)
from rbmviz.core.random_streams import restored_generator
from rbmviz.core.training import MAX_PARAMETER

_MEAN_FIELD, _CHAINS = MeanFieldPositive(), PersistentNegative()  # frozen
_STATISTICS = ("vv", "vh", "hh", "v", "h")  # in the order of PARAMETERS


@dataclass(frozen=True)
class MachineSettings:
    """Say how to train. Each update: parameters += learning_rate * (positive - negative phase).

    The couplings that the structure has start normal with standard deviation initial_scale, b and
    c at zero; the others stay zero. Every update uses all rows.

    Raises:
        InputError: a value out of range, with the limit.
    """

    structure: Structure
    positive: MachinePositivePhase = _MEAN_FIELD
    negative: MachineNegativePhase = _CHAINS
    learning_rate: float = 0.1
    seed: int = 0
    initial_scale: float = 0.1

    def __post_init__(self) -> None:
        for name, kind in (
            ("structure", Structure),
            ("positive", MachinePositivePhase),
            ("negative", MachineNegativePhase),
        ):
            if not isinstance(getattr(self, name), kind):
                raise InputError(
                    f"{name} is {getattr(self, name)!r:.60}; pass a {kind.__name__}, such as "
                    "Structure.deep(9, 4, 4), ExactPositive() or PersistentNegative()."
                )
        check_number("learning_rate", self.learning_rate, 0.0)
        check_count("seed", self.seed, low=0)
        check_number("initial_scale", self.initial_scale, 0.0)


@dataclass(frozen=True, eq=False)
class MachineState:
    """One moment of a run: enough to go on from it, bit for bit."""

    settings: MachineSettings
    v_data: FloatArray = field(repr=False)  # (rows, n_visible)
    machine: BoltzmannMachine = field(repr=False)
    step: int  # updates made so far
    positive_chains: FloatArray | None = field(repr=False)
    negative_chains: FloatArray | None = field(repr=False)
    rng: Mapping[str, Any] = field(repr=False)  # state of the bit generator
    positive: MachineStatistics | None = field(default=None, repr=False)  # of the last update,
    negative: MachineStatistics | None = field(default=None, repr=False)  # before it moved


def start_machine(settings: MachineSettings, v_data: ArrayLike) -> MachineState:
    """Check the data, draw the first parameters and start the chains: step 0.

    Args:
        v_data: (rows, n_visible), 0/1, or probabilities in [0, 1] up to rounding, used as they are.

    Raises:
        InputError: an empty or wrong data set, naming the entry.
    """
    rows = np.array(as_rows("v_data", v_data, settings.structure.n_visible), order="C")
    rows.setflags(write=False)
    weights_seed, chain_seed = np.random.SeedSequence(settings.seed).spawn(2)
    machine = BoltzmannMachine.random(
        np.random.default_rng(weights_seed), settings.structure, settings.initial_scale
    )
    rng = np.random.default_rng(chain_seed)
    return MachineState(
        settings=settings,
        v_data=rows,
        machine=machine,
        step=0,
        positive_chains=settings.positive.init(rng, machine, rows),
        negative_chains=settings.negative.init(rng, machine, rows),
        rng=rng.bit_generator.state,
    )


def with_machine_settings(state: MachineState, settings: MachineSettings) -> MachineState:
    """Go on from a state with another learning rate or other phases; the parameters stay.

    New chains are started at the next update when a phase is another one.

    Raises:
        InputError: structure, seed or initial_scale differ: those need a new start.
    """
    for name in ("structure", "seed", "initial_scale"):
        if getattr(settings, name) != getattr(state.settings, name):
            raise InputError(f"{name} changes; call start_machine(settings, v_data) for a new run.")
    same_positive = settings.positive == state.settings.positive
    same_negative = settings.negative == state.settings.negative
    return replace(
        state,
        settings=settings,
        positive_chains=state.positive_chains if same_positive else None,
        negative_chains=state.negative_chains if same_negative else None,
    )


def train_machine(state: MachineState, n_updates: int = 1) -> MachineState:
    """Make n_updates updates, each along positive minus negative phase; `state` is untouched.

    Raises:
        InputError: n_updates is negative or not whole.
        DivergedError: a parameter is beyond MAX_PARAMETER or not a number.
        TooManyUnitsError: a phase is exact and the machine too large for it.
    """
    if check_count("n_updates", n_updates, low=0) == 0:
        return state
    settings, rows, machine = state.settings, state.v_data, state.machine
    rng = restored_generator(state.rng)
    upper, lower = state.positive_chains, state.negative_chains
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is refused below
        for _ in range(n_updates):
            upper, positive = settings.positive.step(rng, upper, machine, rows)
            lower, negative = settings.negative.step(rng, lower, machine, rows)
            machine = _moved(machine, positive, negative, settings.learning_rate)
    _refuse_diverged(machine, state, n_updates)
    return MachineState(
        settings=settings,
        v_data=rows,
        machine=machine,
        step=state.step + n_updates,
        positive_chains=upper,
        negative_chains=lower,
        rng=rng.bit_generator.state,
        positive=positive,
        negative=negative,
    )


def _moved(
    machine: BoltzmannMachine,
    positive: MachineStatistics,
    negative: MachineStatistics,
    rate: float,
) -> BoltzmannMachine:
    """Step along the gradient of the couplings that exist, and of the biases."""
    structure = machine.structure
    moved = {}
    for name, part in zip(PARAMETERS, _STATISTICS, strict=True):
        step = rate * (getattr(positive, part) - getattr(negative, part))
        mask = getattr(structure, name, None)  # biases always exist
        moved[name] = getattr(machine, name) + (step if mask is None else step * mask)
    return BoltzmannMachine.unchecked(**moved, structure=structure)


def _refuse_diverged(machine: BoltzmannMachine, state: MachineState, n_updates: int) -> None:
    largest = max(float(np.abs(getattr(machine, n)).max(initial=0.0)) for n in PARAMETERS)
    if not largest <= MAX_PARAMETER:  # also true for nan
        raise DivergedError(
            f"Between steps {state.step} and {state.step + n_updates} a parameter reached "
            f"{largest:.3g}; the limit is {MAX_PARAMETER:g}. Lower the learning rate "
            f"({state.settings.learning_rate:g}), and start again."
        )
