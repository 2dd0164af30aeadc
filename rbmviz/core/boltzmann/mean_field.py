"""The mean-field positive phase: the best independent q(h) for each clamped v, and its bound.

Textbook: *Deep Learning* sections 19.1, 19.4 and 20.4.2, with independent h_j of means
mu_j under q:
    L(v, q) = E_q[-E(v, h)] + H(q)  <=  log p~(v),      the gap is KL(q || p(h | v)).
Setting dL / d mu_j = 0 gives mu_j = sigmoid(c_j + v.W_j + sum_k (S + S^T)_jk mu_k). Units of one
colour are not coupled, and L is concave in them: moving a whole block toward its fixed point never
lowers L, whatever the damping, so that the iteration comes to rest. Nothing here is random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from rbmviz.core.boltzmann.exact import clamped_fields, clamped_statistics, visible_part
from rbmviz.core.boltzmann.machine import BoltzmannMachine, MachineStatistics
from rbmviz.core.errors import FloatArray, as_rows, check_count, check_number
from rbmviz.core.rbm import sigmoid_in_place


@dataclass(frozen=True, eq=False)
class MeanFieldPhase:
    """Where the iteration came to rest, one q for each row."""

    mu: FloatArray  # (n, n_hidden), q(h_j = 1)
    bound: FloatArray  # (n,), L(v, q) <= log p~(v), nats
    n_iterations: int  # sweeps over all hidden units
    converged: bool  # the last sweep moved no mean by more than the tolerance
    statistics: MachineStatistics  # under q: estimated, biased toward independent hidden units


def machine_mean_field(
    machine: BoltzmannMachine,
    v: ArrayLike,
    damping: float = 0.0,
    tolerance: float = 1e-8,
    max_iterations: int = 500,
) -> MeanFieldPhase:
    """Iterate mu = damping * mu + (1 - damping) * sigmoid(c + v W + mu (S + S^T)), block by block.

    It starts at sigmoid(c + v W), which is exact where hidden units are not coupled.

    Args:
        v: (n, n_visible), values in [0, 1].
        damping: 0 <= damping < 1; 0 jumps to the best means of a block at once.
        tolerance: stop when no mean is further than this from its fixed point.

    Raises:
        InputError: a value out of range.

    >>> rbm = BoltzmannMachine([[0]], [[0.0]], [[0]], [0.0], [0.0])
    >>> found = machine_mean_field(rbm, [[1.0]])
    >>> float(found.mu[0, 0]), float(found.bound[0] - np.log(2)), found.converged
    (0.5, 0.0, True)
    """
    rows = as_rows("v", v, machine.n_visible)
    check_number("damping", damping, 0.0, 1.0, below_high=True)
    check_number("tolerance", tolerance, 0.0)
    check_count("max_iterations", max_iterations)
    mu, n_iterations, converged = fixed_point(machine, rows, damping, tolerance, max_iterations)
    return MeanFieldPhase(
        mu=mu,
        bound=variational_bound(machine, rows, mu),
        n_iterations=n_iterations,
        converged=converged,
        statistics=mean_field_statistics(rows, mu),
    )


def mean_field_statistics(rows: FloatArray, mu: FloatArray) -> MachineStatistics:
    """Average over clamped rows with independent hidden units of means mu."""
    return clamped_statistics(rows, mu, mu.T @ mu / len(mu))


def fixed_point(
    machine: BoltzmannMachine,
    rows: FloatArray,
    damping: float,
    tolerance: float,
    max_iterations: int,
) -> tuple[FloatArray, int, bool]:
    """Iterate on checked rows: mu, the number of sweeps, and whether the last one was at rest."""
    fields = clamped_fields(machine, rows)
    blocks = machine.structure.clamped_blocks
    into = [np.ascontiguousarray(machine.hidden_couplings[:, block]) for block in blocks]
    away, n_iterations = np.inf, 0
    with np.errstate(over="ignore"):
        mu = sigmoid_in_place(fields.copy())
        while n_iterations < max_iterations and not away <= tolerance:
            away = 0.0
            for block, couplings in zip(blocks, into, strict=True):
                best = sigmoid_in_place(fields[:, block] + mu @ couplings)
                step = best - mu[:, block]
                away = max(away, float(np.abs(step).max()))
                mu[:, block] += (1.0 - damping) * step
            n_iterations += 1
    return mu, n_iterations, away <= tolerance


def variational_bound(machine: BoltzmannMachine, rows: FloatArray, mu: FloatArray) -> FloatArray:
    """Compute L(v, q) = E_q[-E(v, h)] + H(q) of independent means mu: (n,), nats."""
    linear = np.einsum("nj,nj->n", clamped_fields(machine, rows), mu)
    coupled = np.einsum("nj,nj->n", mu @ machine.S, mu)
    entropy = (entr(mu) + entr(1.0 - mu)).sum(axis=1)
    return np.asarray(visible_part(machine, rows) + linear + coupled + entropy)
