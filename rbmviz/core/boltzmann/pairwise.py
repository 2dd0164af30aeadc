"""Exact sums over a pairwise model: x in 0/1, log p~(x) = f.x + sum over pairs J_ij x_i x_j.

The units of a cut set are summed one state after another. Given their state the others are
independent, so that those are summed in closed form: a softplus each. One routine for every
Boltzmann machine and for both phases: a clamped v only changes the fields of what is left.
With P the probability of a cut state and m the means given it (0 or 1 for the cut itself),
    E[x_i] = sum P m_i,        E[x_i x_j] = sum P m_i m_j   for i != j.
The cost is 2**len(cut) terms a row of fields. Nothing here is random.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rbmviz.core.errors import FloatArray, TooManyUnitsError
from rbmviz.core.rbm import sigmoid_in_place, softplus_in_place
from rbmviz.core.state_blocks import Progress, bits_of

MAX_TERMS = 2**24  # cut states times rows: some 10 CPU s with 30 units
_BLOCK_NUMBERS = 2**17  # of a block's table of means: 1 MB, a common L2 cache
_SECONDS_A_NUMBER = 1.6e-8  # one unit of one term, measured for the phases


def terms_seconds(n_terms: float, n_units: int) -> float:
    """Estimate the CPU seconds of so many terms over so many units."""
    return n_terms * max(n_units, 1) * _SECONDS_A_NUMBER


@dataclass(frozen=True, eq=False)
class PairwiseSums:
    """What a sum over all states gives, exact up to rounding."""

    log_z: FloatArray  # (n_rows,) log of the sum of p~, nats
    mean: FloatArray  # (n_rows, n_units) E[x]
    pairs: FloatArray  # (n_units, n_units) E[x x^T], a mean over rows; E[x] on the diagonal


@dataclass(frozen=True, eq=False)
class _Block:
    """Some states of the cut."""

    x: FloatArray  # (n_states, n_cut)
    log_weights: FloatArray  # (n_rows, n_states)
    inputs: FloatArray  # (n_rows, n_states, n_rest), of the units that are left


def pairwise_log_z(
    couplings: FloatArray, fields: FloatArray, cut: Sequence[int], progress: Progress | None = None
) -> FloatArray:
    """Compute log sum_x p~(x) for each row of fields: (n_rows,), exact; see pairwise_sums."""
    log_z = np.full(len(fields), -np.inf)
    for block in _blocks(couplings, fields, cut, progress):
        log_z = np.logaddexp(log_z, np.logaddexp.reduce(block.log_weights, axis=1))
    return log_z


def pairwise_sums(
    couplings: FloatArray, fields: FloatArray, cut: Sequence[int], progress: Progress | None = None
) -> PairwiseSums:
    """Sum over all states, once for each row of fields.

    Args:
        couplings: (n_units, n_units), symmetric, zero diagonal.
        fields: (n_rows, n_units).
        cut: units that meet every coupling that is not zero.
        progress: called with the share done; raise in it to cancel.

    Raises:
        TooManyUnitsError: more than MAX_TERMS terms.

    >>> pairwise_sums(np.zeros((2, 2)), np.zeros((1, 2)), []).pairs  # four equally likely states
    array([[0.5 , 0.25],
           [0.25, 0.5 ]])
    """
    n_rows, n = fields.shape
    order = [*cut, *_others(n, cut)]
    log_top, z = np.full(n_rows, -np.inf), np.zeros(n_rows)  # sums in units of exp(log_top)
    first, second = np.zeros((n_rows, n)), np.zeros((n_rows, n, n))
    for block in _blocks(couplings, fields, cut, progress):
        top = np.maximum(log_top, block.log_weights.max(axis=1))
        shrink, log_top = np.exp(log_top - top), top
        p = np.exp(block.log_weights - top[:, None])
        means = np.empty((n_rows, len(block.x), n))
        means[..., : len(cut)] = block.x
        with np.errstate(over="ignore"):
            means[..., len(cut) :] = sigmoid_in_place(block.inputs)
        z = z * shrink + p.sum(axis=1)
        first = first * shrink[:, None] + (p[:, None, :] @ means)[:, 0]
        weighted = means * p[..., None]
        second = second * shrink[:, None, None] + weighted.mT @ means
    mean = np.empty_like(first)
    mean[:, order] = first / z[:, None]
    pairs = np.empty((n, n))
    pairs[np.ix_(order, order)] = (second / z[:, None, None]).mean(axis=0)
    np.fill_diagonal(pairs, mean.mean(axis=0))
    return PairwiseSums(log_top + np.log(z), mean, pairs)


def _others(n: int, cut: Sequence[int]) -> list[int]:
    kept = set(cut)
    return [unit for unit in range(n) if unit not in kept]


def _blocks(
    couplings: FloatArray, fields: FloatArray, cut: Sequence[int], progress: Progress | None
) -> Iterator[_Block]:
    """Go through all states of the cut."""
    n_rows, n = fields.shape
    n_states = 2 ** len(cut)
    if n_rows * n_states > MAX_TERMS:
        raise TooManyUnitsError(
            f"{len(cut)} units have to be summed by hand: {n_rows:,} rows of 2**{len(cut)} = "
            f"{n_rows * n_states:.3g} terms, about {terms_seconds(n_rows * n_states, n):.2g} CPU "
            f"seconds; the limit is {MAX_TERMS:.3g} terms. Couple fewer units with each other, "
            "pass fewer rows, or use an approximate phase."
        )
    rest = _others(n, cut)
    cut_fields, rest_fields = fields[:, cut], fields[:, None, rest]
    inside, across = couplings[np.ix_(cut, cut)], couplings[np.ix_(cut, rest)]
    size = max(_BLOCK_NUMBERS // max(n_rows * n, 1), 1)
    for begin in range(0, n_states, size):
        if progress is not None:
            progress(begin / n_states)
        x = bits_of(np.arange(begin, min(begin + size, n_states)), len(cut))
        inputs = rest_fields + x @ across
        own = 0.5 * np.einsum("sk,sk->s", x @ inside, x)
        softplus = softplus_in_place(inputs.copy())
        yield _Block(x, cut_fields @ x.T + own + softplus.sum(axis=-1), inputs)
