"""log Z during training: importance-weighted particles that follow the parameters.

Source: Desjardins, Courville & Bengio (2011), "On tracking the partition function"; the sampler is
that of Del Moral, Doucet & Jasra (2006), *Sequential Monte Carlo samplers*. From one set of
parameters to the next, with normalised weights W of particles v,

    log Z' - log Z = log sum W p~'(v) / p~(v)

and then every particle makes a Gibbs step under the new parameters. Estimated; errors add up over
the updates (a random walk, and a mode that no particle is in is missed for good), so the tracker is
anchored anew whenever an exact value is at hand.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rbmviz.core.errors import FloatArray, InputError, as_rows, check_count, check_number
from rbmviz.core.log_z.annealed_importance_sampling import AnnealedImportanceSampling
from rbmviz.core.log_z.path import base_biases
from rbmviz.core.rbm import (
    RBM,
    log_p_tilde_unchecked,
    mean_h_unchecked,
    mean_v_unchecked,
    sample_bernoulli,
)

RESAMPLE_BELOW = 0.5  # of the particles, as an effective sample size


@dataclass(frozen=True, eq=False)
class TrackedLogZ:
    """log Z of the parameters that the particles have followed to."""

    rbm: RBM
    v: FloatArray  # (n_particles, n_visible) of 0/1
    log_weights: FloatArray  # (n_particles,), normalised: their exp sums to one
    log_z: float  # nats, estimated
    variance: float  # of log_z since the last anchor, estimated: it grows with every move
    drift: float | None = None  # what the last anchor showed: log_z before it, less the exact one

    @property
    def effective_sample_size(self) -> float:
        """(sum W)**2 / sum W**2, from 1 to n_particles."""
        return float(np.exp(-np.logaddexp.reduce(2.0 * self.log_weights)))

    @property
    def deviation(self) -> float:
        """Standard deviation of log_z, nats: what the moves since the last anchor may add up to."""
        return math.sqrt(self.variance)


def start_tracking(
    rng: np.random.Generator,
    rbm: RBM,
    v_data: ArrayLike | None = None,
    n_particles: int = 200,
    n_betas: int = 200,
) -> TrackedLogZ:
    """Place particles by annealed importance sampling, weights and all.

    Args:
        v_data: (n, n_visible), for the base model of the annealing.
    """
    check_count("n_particles", n_particles, low=2)
    method = AnnealedImportanceSampling(n_particles, n_betas, n_sweeps=1)
    log_w, v = method.particles(rng, rbm, base_biases(rbm, v_data), method.betas)
    total = float(np.logaddexp.reduce(log_w))
    spread = float(np.exp(log_w - log_w.max()).std() / np.exp(log_w - log_w.max()).mean())
    return TrackedLogZ(
        rbm=rbm,
        v=v,
        log_weights=log_w - total,
        log_z=total - math.log(n_particles),
        variance=spread**2 / n_particles,
    )


def track(
    rng: np.random.Generator, tracked: TrackedLogZ, rbm: RBM, n_sweeps: int = 1
) -> TrackedLogZ:
    """Follow to new parameters of the same model: reweight, resample when needed, and move."""
    if (rbm.n_visible, rbm.n_hidden) != (tracked.rbm.n_visible, tracked.rbm.n_hidden):
        raise InputError(
            f"The model has {rbm.n_visible} x {rbm.n_hidden} units, the particles follow one of "
            f"{tracked.rbm.n_visible} x {tracked.rbm.n_hidden}; call start_tracking again."
        )
    if rbm is tracked.rbm:
        return tracked
    v = tracked.v
    with np.errstate(over="ignore"):
        change = log_p_tilde_unchecked(rbm, v) - log_p_tilde_unchecked(tracked.rbm, v)
        log_w = tracked.log_weights + change
        step = float(np.logaddexp.reduce(log_w))
        log_w -= step
        # Delta method for one move, the weighted variance of the ratios over the particles:
        # sum w**2 (p~'/p~ exp(-step) - 1)**2 = sum (w' - w)**2 with the weights after and before.
        # A ratio may be infinite where its weight is 0; the weights are all in [0, 1].
        variance = float(np.sum((np.exp(log_w) - np.exp(tracked.log_weights)) ** 2))
        if np.exp(-np.logaddexp.reduce(2.0 * log_w)) < RESAMPLE_BELOW * len(v):
            v = v[_systematic(rng, np.exp(log_w))]
            log_w = np.full(len(v), -math.log(len(v)))
        for _ in range(check_count("n_sweeps", n_sweeps)):
            h = sample_bernoulli(rng, mean_h_unchecked(rbm, v))
            v = sample_bernoulli(rng, mean_v_unchecked(rbm, h))
    return replace(
        tracked,
        rbm=rbm,
        v=v,
        log_weights=log_w,
        log_z=tracked.log_z + step,
        variance=tracked.variance + variance,
    )


def anchored(tracked: TrackedLogZ, log_z: float) -> TrackedLogZ:
    """Put the tracker on an exact value for the parameters it stands at, and note its drift."""
    check_number("log_z", log_z, -1e300)
    return replace(tracked, log_z=log_z, variance=0.0, drift=tracked.log_z - log_z)


def total_probability(rbm: RBM, v: ArrayLike, log_z: float) -> float:
    """Sum p(v) = exp(log p~(v) - log Z) over distinct rows: above one, log_z is too small.

    Args:
        v: (n, n_visible) of 0/1; a row that comes twice counts once.

    >>> total_probability(RBM([[0.0]], [0.0], [0.0]), [[0], [1], [1]], log_z=np.log(4.0))
    1.0
    """
    rows = np.unique(as_rows("v", v, rbm.n_visible, binary=True), axis=0)
    log_total = np.logaddexp.reduce(log_p_tilde_unchecked(rbm, rows)) - log_z
    return float(np.exp(np.minimum(log_total, 700.0)))


def _systematic(rng: np.random.Generator, weights: FloatArray) -> NDArray[np.intp]:
    """Draw as many indices as there are weights, each about n * weight times."""
    n = len(weights)
    places = (rng.random() + np.arange(n)) / n
    return np.searchsorted(np.cumsum(weights) / weights.sum(), places).clip(max=n - 1)
