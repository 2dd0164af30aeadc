"""The centered gradient: the same ascent seen from offsets, so that it does not depend on coding.

Source: Montavon & Mueller (2012), "Deep Boltzmann machines and the centering trick"; Melchior,
Fischer & Wiskott (2016), "How to center deep Boltzmann machines", algorithm 1, whose offsets and
sliding factor of 0.01 are used. Cho, Raiko & Ilin (2011) call a variant the enhanced gradient.

With offsets mu of the visible and lambda of the hidden units, E is written in v - mu and
h - lambda, the gradient is taken there, and the step is written back to W, b and c:

    grad W' = <(v - mu)(h - lambda)^T>_data - <(v - mu)(h - lambda)^T>_model
    grad b' = <v>_data - <v>_model - grad W' lambda
    grad c' = <h>_data - <h>_model - mu^T grad W'

It is a positive definite matrix times the plain gradient: it rests where the plain one rests.
The weights no longer carry what a bias can: on flipped data (v -> 1 - v) it makes the flipped run,
while the plain gradient learns units that are mostly on far more slowly. Nothing here is random.
"""

import numpy as np

from rbmviz.core.errors import FloatArray
from rbmviz.core.phase import PhaseStatistics

SLIDING_FACTOR = 0.01  # of the running mean of E[h]


def centered_gradient(
    plain: PhaseStatistics, mu: FloatArray, hidden_offset: FloatArray
) -> PhaseStatistics:
    """Turn a gradient in W, b, c into the centered one, in the same parameters.

    Args:
        plain: positive minus negative phase; exact or estimated, and so is the result.
        mu: (n_visible,) offsets of the visible units, here the mean of the data.
        hidden_offset: (n_hidden,) offsets lambda, here a running mean of E[h | v_data].

    >>> one = PhaseStatistics(vh=np.array([[1.0]]), v=np.array([1.0]), h=np.array([0.0]))
    >>> centered_gradient(one, mu=np.array([0.5]), hidden_offset=np.array([0.5]))
    PhaseStatistics(vh=array([[0.5]]), v=array([0.75]), h=array([-0.25]))
    """
    vh = (
        plain.vh
        - mu[..., :, None] * plain.h[..., None, :]
        - plain.v[..., :, None] * hidden_offset[..., None, :]
    )
    return PhaseStatistics(
        vh=vh,
        v=plain.v - np.einsum("...ij,...j->...i", vh, hidden_offset),
        h=plain.h - np.einsum("...ij,...i->...j", vh, mu),
    )
