"""Models to look at, each really trained or built to show something about negative phases."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from rbmviz.core.datasets import load_dataset
from rbmviz.core.ising import IsingModel, ising_ring, ising_torus
from rbmviz.core.negative_phase import (
    ContrastiveDivergence,
    ExactEnumeration,
    NegativePhase,
)
from rbmviz.core.rbm import RBM
from rbmviz.core.training import TrainingSettings, start, train
from rbmviz.language import N_, _
from rbmviz.run.model_case import ModelCase, without_data

_DATA = "bars-and-stripes 3x3"
VALLEY, LARGE = N_("A valley nobody finds"), N_("784 × 500, random weights")
RING, TORUS = N_("Ising ring"), N_("Ising torus")


def preset_names() -> list[str]:
    """List the presets."""
    return list(_PRESETS)


@cache
def load_preset(name: str) -> ModelCase:
    """Build or train a preset: the same numbers every time; at most about a second."""
    return _PRESETS[name](name)


def _trained(name: str, method: NegativePhase, n_updates: int, description: str) -> ModelCase:
    data = load_dataset(_DATA)
    settings = TrainingSettings(8, method, learning_rate=0.1, batch_size=32, seed=1)
    rbm = train(start(settings, data.v), n_updates).rbm
    return ModelCase(name, description, rbm, data.v, data.v, data.image_shape)


def _to_the_end(name: str) -> ModelCase:
    return _trained(
        name,
        ExactEnumeration(n_samples=0),
        4000,
        N_(
            "3x3 bars-and-stripes, 8 hidden units, 4,000 updates along the exact gradient: every "
            "pattern is a mode of its own."
        ),
    )


def _half_way(name: str) -> ModelCase:
    return _trained(
        name,
        ContrastiveDivergence(),
        1500,
        N_(
            "3x3 bars-and-stripes, 8 hidden units, after 1,500 updates of CD-1: the modes begin to "
            "form."
        ),
    )


def _long_cd(name: str) -> ModelCase:
    return _trained(
        name,
        ContrastiveDivergence(),
        20_000,
        N_("3x3 bars-and-stripes, 8 hidden units, 20,000 updates of CD-1: what its own bias made."),
    )


def _random_weights(name: str) -> ModelCase:
    data = load_dataset(_DATA)
    rbm = RBM.random(np.random.default_rng(1), data.n_visible, 8, scale=0.1)
    return ModelCase(
        name,
        N_(
            "8 hidden units with random weights of standard deviation 0.1 and no training: chains "
            "forget where they started within a few steps."
        ),
        rbm,
        data.v,
        data.v,
        data.image_shape,
    )


def _two_modes(name: str) -> ModelCase:
    """All units on, or all off, with equal probability; the data know only the first."""
    n_visible, n_hidden, coupling = 12, 4, 1.2
    W = np.full((n_visible, n_hidden), coupling)
    # On average over both modes no unit prefers a side: b_i = -sum_j W_ij / 2, likewise c.
    rbm = RBM(W=W, b=-W.sum(axis=1) / 2, c=-W.sum(axis=0) / 2)
    full = np.ones((1, n_visible))
    v = np.vstack([full.repeat(4, axis=0), 1.0 - np.eye(n_visible)])
    return ModelCase(
        name,
        N_(
            "12 visible and 4 hidden units, all coupled by +1.2: the model is nearly all on or "
            "nearly all off, with equal probability. The data are all on, but for a unit here and "
            "there: chains that start at the data hardly find the other half."
        ),
        rbm,
        v,
        v,
        (3, 4),
    )


_PRESETS: dict[str, Callable[[str], ModelCase]] = {
    N_("Trained to the end"): _to_the_end,
    N_("Trained half-way"): _half_way,
    N_("Trained by CD-1 for long"): _long_cd,
    N_("Two distant modes"): _two_modes,
    N_("Random small weights"): _random_weights,
}


# ---- models whose log Z is worth a look ------------------------------------------------------


@cache
def hidden_valley() -> ModelCase:
    """Build a model with one deep valley among 2**36 flat states, known to no data.

    The hidden unit's input is steepness * (reach - number of pixels that differ from the cross):
    within a reach of 1.5 pixels it is on, and everywhere else it does nothing.
    """
    cross = np.maximum(np.eye(6), np.eye(6)[::-1]).ravel()
    steepness, reach = 24.0, 1.5
    W = steepness * (2.0 * cross - 1.0)[:, None]
    rbm = RBM(W, b=np.zeros(36), c=np.array([-steepness * (cross.sum() - reach)]))
    return without_data(
        VALLEY,
        N_(
            "36 visible units, 1 hidden unit. All 2³⁶ states are equally likely, but for "
            "37 around a "
            "cross, which hold nearly all the probability. Chains hardly ever meet them."
        ),
        rbm,
        (6, 6),
    )


@cache
def large_random() -> ModelCase:
    """Build a model of the size that handwritten digits take, with random weights."""
    rbm = RBM.random(np.random.default_rng(1), 784, 500, scale=0.05)
    return without_data(
        LARGE,
        N_(
            "784 visible and 500 hidden units, random weights of standard deviation "
            "0.05: the size of "
            "a model of handwritten digits. No computer can sum over its states."
        ),
        rbm,
        (28, 28),
    )


def ising_ring_case(n_spins: int, coupling: float) -> ModelCase:
    """Write a ring of spins as an RBM: log Z is known at any length."""
    description = _(
        "{n} spins in a ring, each bound to its two neighbours by {coupling:.2f}. A hidden "
        "unit stands for a bond: {n} visible, {n} hidden units."
    ).format(n=n_spins, coupling=coupling)
    return replace(_ring(n_spins, coupling), description=description)


def ising_torus_case(side: int, coupling: float) -> ModelCase:
    """Write a square lattice of spins as an RBM: log Z is known at any size."""
    description = _(
        "{side} × {side} spins, each bound to its four neighbours by {coupling:.3f}. A hidden "
        "unit stands for a bond: {n_visible} visible, {n_hidden} hidden units. Near 0.441 large "
        "lattices are about to align: the hardest place."
    ).format(side=side, coupling=coupling, n_visible=side**2, n_hidden=2 * side**2)
    return replace(_torus(side, coupling), description=description)


@lru_cache(maxsize=8)
def _ring(n_spins: int, coupling: float) -> ModelCase:
    return _ising(RING, ising_ring(n_spins, coupling))


@lru_cache(maxsize=8)
def _torus(side: int, coupling: float) -> ModelCase:
    return _ising(TORUS, ising_torus(side, coupling))


def _ising(name: str, model: IsingModel) -> ModelCase:
    case = without_data(name, "", model.rbm, model.image_shape)
    return replace(case, log_z=model.log_z)
