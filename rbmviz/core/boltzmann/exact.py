"""Exact phases of any Boltzmann machine, and what each of them costs.

Textbook: *Deep Learning* sections 18.1 and 20.1. Both phases are the same sum: the negative one
over all units, the positive one over the hidden units with v clamped, whose fields become c + v W.
The number of terms is 2**(size of a cut set of the couplings that are left), which says which
phase is hard. Every approximation is tested against this module. Nothing here is random.
"""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.boltzmann.machine import (
    BoltzmannMachine,
    MachineStatistics,
    each_pair_once,
)
from rbmviz.core.boltzmann.pairwise import pairwise_log_z, pairwise_sums, terms_seconds
from rbmviz.core.boltzmann.structure import Structure
from rbmviz.core.errors import FloatArray, as_rows, check_count, check_number
from rbmviz.core.state_blocks import Progress


@dataclass(frozen=True)
class PhaseCost:
    """What one exact phase costs: 2**cut terms in each of n_rows rows."""

    cut: int  # units that are summed state by state
    n_units: int  # units that are not clamped
    n_rows: int = 1

    @property
    def n_terms(self) -> float:
        """Terms of the sum over all rows."""
        return self.n_rows * 2.0**self.cut

    @property
    def seconds(self) -> float:
        """The estimated CPU seconds."""
        return terms_seconds(self.n_terms, self.n_units)


def phase_costs(structure: Structure, n_rows: int = 1) -> tuple[PhaseCost, PhaseCost]:
    """Count the terms of the exact positive phase of n_rows rows, and of the negative phase.

    >>> positive, negative = phase_costs(Structure.deep(6, 4, 3), n_rows=10)
    >>> 2**positive.cut, 2**negative.cut  # a sum over h2, and one over h1
    (8, 16)
    """
    check_count("n_rows", n_rows)
    n_hidden = structure.n_hidden
    return (
        PhaseCost(len(structure.clamped_cut), n_hidden, n_rows),
        PhaseCost(len(structure.free_cut), structure.n_visible + n_hidden),
    )


def machine_log_p_tilde(
    machine: BoltzmannMachine, v: ArrayLike, progress: Progress | None = None
) -> FloatArray:
    """Compute log p~(v) = log sum_h exp(-E(v, h)): (n,), nats, exact.

    Args:
        v: (n, n_visible), values in [0, 1].

    Raises:
        TooManyUnitsError: too many hidden units are coupled with each other.

    >>> pair = BoltzmannMachine([[0, 2.0], [0, 0]], np.zeros((2, 0)), np.zeros((0, 0)), [1, 0], [])
    >>> machine_log_p_tilde(pair, [[1, 1], [1, 0]])
    array([3., 1.])
    """
    rows = as_rows("v", v, machine.n_visible)
    fields = clamped_fields(machine, rows)
    cut = machine.structure.clamped_cut
    log_sums = pairwise_log_z(machine.hidden_couplings, fields, cut, progress)
    return visible_part(machine, rows) + log_sums


def machine_log_z(machine: BoltzmannMachine, progress: Progress | None = None) -> float:
    """Compute log Z = log sum_{v, h} exp(-E(v, h)) in nats, exact.

    Raises:
        TooManyUnitsError: the cut set of all couplings is too large.

    >>> pair = BoltzmannMachine([[0, 2.0], [0, 0]], np.zeros((2, 0)), np.zeros((0, 0)), [0, 0], [])
    >>> round(machine_log_z(pair), 6)  # log(3 + e^2)
    2.340753
    """
    cut = machine.structure.free_cut
    return float(pairwise_log_z(machine.couplings, machine.fields[None], cut, progress)[0])


def machine_positive_phase(
    machine: BoltzmannMachine, v: ArrayLike, progress: Progress | None = None
) -> MachineStatistics:
    """Compute E[v v^T], E[v h^T], E[h h^T], E[v], E[h] with v clamped: the gradient of log p~.

    Args:
        v: (n, n_visible), values in [0, 1]; rows are averaged.

    Returns:
        Exact statistics. Without hidden units they are those of the data: nothing is summed.

    Raises:
        TooManyUnitsError: too many hidden units are coupled with each other.

    >>> pair = BoltzmannMachine([[0, 2.0], [0, 0]], np.zeros((2, 0)), np.zeros((0, 0)), [0, 0], [])
    >>> machine_positive_phase(pair, [[1, 1], [1, 0]]).pairs
    array([[1. , 0.5],
           [0.5, 0.5]])
    """
    return positive_phase_and_log_p_tilde(machine, v, progress)[0]


def positive_phase_and_log_p_tilde(
    machine: BoltzmannMachine, v: ArrayLike, progress: Progress | None = None
) -> tuple[MachineStatistics, FloatArray]:
    """Compute machine_positive_phase and machine_log_p_tilde from one sum over the states."""
    rows = as_rows("v", v, machine.n_visible)
    sums = pairwise_sums(
        machine.hidden_couplings,
        clamped_fields(machine, rows),
        machine.structure.clamped_cut,
        progress,
    )
    statistics = clamped_statistics(rows, sums.mean, sums.pairs)
    return statistics, visible_part(machine, rows) + sums.log_z


def machine_negative_phase(
    machine: BoltzmannMachine, progress: Progress | None = None
) -> tuple[MachineStatistics, float]:
    """Compute the same expectations under the machine itself, grad log Z (18.12), and log Z.

    Raises:
        TooManyUnitsError: the cut set of all couplings is too large.

    >>> pair = BoltzmannMachine([[0, 0], [0, 0]], np.zeros((2, 0)), np.zeros((0, 0)), [0, 0], [])
    >>> phase, log_z = machine_negative_phase(pair)
    >>> float(phase.vv[0, 1]), round(log_z, 6)  # four equally likely states: 2 log 2
    (0.25, 1.386294)
    """
    cut = machine.structure.free_cut
    sums = pairwise_sums(machine.couplings, machine.fields[None], cut, progress)
    statistics = MachineStatistics.from_pairs(sums.pairs, sums.mean[0], machine.n_visible)
    return statistics, float(sums.log_z[0])


def machine_log_likelihood(
    machine: BoltzmannMachine, v: ArrayLike, log_z: float | None = None
) -> float:
    """Compute the mean over rows of log p(v) = log p~(v) - log Z, in nats.

    Args:
        v: (n, n_visible) of 0/1.
        log_z: a value for log Z, exact or estimated; None computes the exact one.

    Returns:
        Exact when log_z is.

    Raises:
        TooManyUnitsError: a sum has too many terms.
    """
    rows = as_rows("v", v, machine.n_visible, binary=True)
    if log_z is not None:
        log_z = check_number("log_z", log_z, -sys.float_info.max)
    known = machine_log_z(machine) if log_z is None else log_z
    return float(machine_log_p_tilde(machine, rows).mean() - known)


def clamped_fields(machine: BoltzmannMachine, rows: FloatArray) -> FloatArray:
    """Compute the fields c + v W that clamped rows put on the hidden units: (n, n_hidden)."""
    return np.asarray(rows @ machine.W + machine.c)


def visible_part(machine: BoltzmannMachine, rows: FloatArray) -> FloatArray:
    """Compute b.v + v.R.v, which no hidden unit enters: (n,)."""
    return np.asarray(rows @ machine.b + np.einsum("ni,ni->n", rows @ machine.R, rows))


def clamped_statistics(
    rows: FloatArray, mean_h: FloatArray, hidden_pairs: FloatArray
) -> MachineStatistics:
    """Average v v^T, v h^T and v over clamped rows, given E[h | v] and the mean of E[h h^T | v]."""
    n = len(rows)
    return MachineStatistics(
        vv=each_pair_once(rows.T @ rows / n),
        vh=rows.T @ mean_h / n,
        hh=each_pair_once(hidden_pairs),
        v=rows.sum(axis=0) / n,
        h=mean_h.sum(axis=0) / n,
    )
