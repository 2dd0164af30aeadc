"""Gibbs sampling of any Boltzmann machine, clamped or free, block by block.

Textbook: *Deep Learning* sections 17.4 and 20.1. Units of one colour are independent given all
others and are drawn at once: an RBM needs two blocks, a two-layer deep machine two, a general
machine one for each unit. The statistics use p_i = P(x_i = 1 | all others) in place of x_i:
    E[x_i] = E[p_i],        E[x_i x_j] = E[p_i x_j] = E[p_j x_i],
unbiased where the chains have reached the model, and less noisy than the drawn states.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import FloatArray
from rbmviz.core.rbm import sample_bernoulli, sigmoid_in_place


def gibbs_sweeps(
    rng: np.random.Generator,
    couplings: FloatArray,
    fields: FloatArray,
    x: FloatArray,
    blocks: Sequence[NDArray[np.intp]],
    n_sweeps: int,
) -> FloatArray:
    """Draw every block anew, n_sweeps times over: a new array shaped like x.

    Args:
        couplings: (n_units, n_units), symmetric, zero inside of each block.
        fields: (n_units,), or (n_chains, n_units) when each chain has its own.
        x: (n_chains, n_units) of 0/1.
    """
    moved = x.copy()
    into = [(block, couplings[:, block], fields[..., block]) for block in blocks]
    with np.errstate(over="ignore"):
        for _ in range(n_sweeps):
            for block, weights, field in into:
                inputs = moved @ weights
                inputs += field
                moved[:, block] = sample_bernoulli(rng, sigmoid_in_place(inputs))
    return moved


def smoothed_statistics(
    couplings: FloatArray, fields: FloatArray, x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Estimate from chains x: P(x_i = 1 | others) of each, and E[x x^T] as a mean over chains.

    Returns:
        (n_chains, n_units) probabilities, and (n_units, n_units) whose diagonal is their mean.
    """
    with np.errstate(over="ignore"):
        p = sigmoid_in_place(x @ couplings + fields)
    one_way = p.T @ x / len(x)
    pairs = 0.5 * (one_way + one_way.T)
    np.fill_diagonal(pairs, p.sum(axis=0) / len(p))
    return p, pairs
