"""Interchangeable phases of training: how the positive and the negative one are had.

Sources: exact sums; mean field and persistent chains as in Salakhutdinov & Hinton (2009), "Deep
Boltzmann machines"; chains for both phases as in Ackley, Hinton & Sejnowski (1985) and Neal (1992).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from rbmviz.core.boltzmann.exact import (
    clamped_fields,
    clamped_statistics,
    machine_negative_phase,
    machine_positive_phase,
)
from rbmviz.core.boltzmann.gibbs import gibbs_sweeps, smoothed_statistics
from rbmviz.core.boltzmann.machine import BoltzmannMachine, MachineStatistics
from rbmviz.core.boltzmann.mean_field import fixed_point, mean_field_statistics
from rbmviz.core.errors import FloatArray, check_count, check_number
from rbmviz.core.negative_phase.estimator import rows_to_start_from
from rbmviz.core.rbm import sample_bernoulli, sigmoid_in_place


class MachinePhase(ABC):
    """Have one phase of a Boltzmann machine. Subclasses are final."""

    @abstractmethod
    def init(
        self, rng: np.random.Generator, machine: BoltzmannMachine, v: FloatArray
    ) -> FloatArray | None:
        """Start the chains at checked rows, or return None where there are none."""

    @abstractmethod
    def step(
        self,
        rng: np.random.Generator,
        chains: FloatArray | None,
        machine: BoltzmannMachine,
        v: FloatArray,
    ) -> tuple[FloatArray | None, MachineStatistics]:
        """Advance the chains, and give the statistics; nothing is changed in place."""


class MachinePositivePhase(MachinePhase):
    """Have the positive phase: v is clamped to the rows."""


class MachineNegativePhase(MachinePhase):
    """Have the negative phase: all units are free."""


@dataclass(frozen=True)
class ExactPositive(MachinePositivePhase):
    """Sum over the hidden units: exact, 2**(clamped cut) terms a row."""

    def init(self, rng: np.random.Generator, machine: BoltzmannMachine, v: FloatArray) -> None:
        """Return None: there are no chains."""

    def step(
        self,
        rng: np.random.Generator,
        chains: FloatArray | None,
        machine: BoltzmannMachine,
        v: FloatArray,
    ) -> tuple[None, MachineStatistics]:
        """Sum; nothing is drawn."""
        return None, machine_positive_phase(machine, v)


@dataclass(frozen=True)
class MeanFieldPositive(MachinePositivePhase):
    """Take the hidden units as independent: no noise, and biased; see mean_field.py.

    It raises a lower bound of the likelihood. Exact where hidden units are not coupled.
    """

    damping: float = 0.0
    tolerance: float = 1e-4
    max_iterations: int = 30

    def __post_init__(self) -> None:
        check_number("damping", self.damping, 0.0, 1.0, below_high=True)
        check_number("tolerance", self.tolerance, 0.0)
        check_count("max_iterations", self.max_iterations)

    def init(self, rng: np.random.Generator, machine: BoltzmannMachine, v: FloatArray) -> None:
        """Return None: there are no chains."""

    def step(
        self,
        rng: np.random.Generator,
        chains: FloatArray | None,
        machine: BoltzmannMachine,
        v: FloatArray,
    ) -> tuple[None, MachineStatistics]:
        """Iterate to the fixed point; nothing is drawn."""
        mu, _, _ = fixed_point(machine, v, self.damping, self.tolerance, self.max_iterations)
        return None, mean_field_statistics(v, mu)


@dataclass(frozen=True)
class GibbsPositive(MachinePositivePhase):
    """Run n_chains persistent chains of h for each row, v staying clamped: estimated.

    They go on from the last update, so the bias comes only from parameters that move faster than
    the chains mix. Exact where hidden units are not coupled: there E[h | v] is known.
    """

    n_chains: int = 5  # for each row
    n_sweeps: int = 1

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains)
        check_count("n_sweeps", self.n_sweeps)

    def init(
        self, rng: np.random.Generator, machine: BoltzmannMachine, v: FloatArray
    ) -> FloatArray:
        """Start at h drawn as if hidden units were not coupled: (n_rows * n_chains, n_hidden)."""
        with np.errstate(over="ignore"):
            mean_h = sigmoid_in_place(clamped_fields(machine, v))
        return sample_bernoulli(rng, np.repeat(mean_h, self.n_chains, axis=0))

    def step(
        self,
        rng: np.random.Generator,
        chains: FloatArray | None,
        machine: BoltzmannMachine,
        v: FloatArray,
    ) -> tuple[FloatArray, MachineStatistics]:
        """Sweep over the hidden units of every chain."""
        chains = self.init(rng, machine, v) if chains is None else chains
        rows = np.repeat(v, self.n_chains, axis=0)
        fields, couplings = clamped_fields(machine, rows), machine.hidden_couplings
        blocks = machine.structure.clamped_blocks
        h = gibbs_sweeps(rng, couplings, fields, chains, blocks, self.n_sweeps)
        p, pairs = smoothed_statistics(couplings, fields, h)
        return h, clamped_statistics(rows, p, pairs)


@dataclass(frozen=True)
class ExactNegative(MachineNegativePhase):
    """Sum over all units: exact, 2**(free cut) terms."""

    def init(self, rng: np.random.Generator, machine: BoltzmannMachine, v: FloatArray) -> None:
        """Return None: there are no chains."""

    def step(
        self,
        rng: np.random.Generator,
        chains: FloatArray | None,
        machine: BoltzmannMachine,
        v: FloatArray,
    ) -> tuple[None, MachineStatistics]:
        """Sum; nothing is drawn, and the rows play no part."""
        return None, machine_negative_phase(machine)[0]


@dataclass(frozen=True)
class PersistentNegative(MachineNegativePhase):
    """Run n_chains chains over all units that are never restarted: estimated.

    The bias comes only from parameters that move faster than the chains mix.
    """

    n_chains: int = 100
    n_sweeps: int = 1

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains)
        check_count("n_sweeps", self.n_sweeps)

    def init(
        self, rng: np.random.Generator, machine: BoltzmannMachine, v: FloatArray
    ) -> FloatArray:
        """Start at data rows with h drawn as if it were not coupled: (n_chains, n_units)."""
        rows = rows_to_start_from(rng, v, self.n_chains)
        with np.errstate(over="ignore"):
            h = sample_bernoulli(rng, sigmoid_in_place(clamped_fields(machine, rows)))
        return np.hstack([rows, h])

    def step(
        self,
        rng: np.random.Generator,
        chains: FloatArray | None,
        machine: BoltzmannMachine,
        v: FloatArray,
    ) -> tuple[FloatArray, MachineStatistics]:
        """Sweep over all units of every chain; the rows play no part."""
        chains = self.init(rng, machine, v) if chains is None else chains
        couplings, fields = machine.couplings, machine.fields
        blocks = machine.structure.free_blocks
        x = gibbs_sweeps(rng, couplings, fields, chains, blocks, self.n_sweeps)
        _, pairs = smoothed_statistics(couplings, fields, x)
        return x, MachineStatistics.from_pairs(pairs, pairs.diagonal(), machine.n_visible)
