"""Training: gradient ascent on the mean log-likelihood, one minibatch at a time.

Textbook: *Deep Learning* section 18.1 (the gradient), 18.2 (algorithms), 8.3.2 (momentum).
Everything random follows from (settings.seed, step): the state carries its generators, so that
5 updates equal 2 + 3 updates bit for bit. A state is never changed; an update returns a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.blas import dgemm, dgemv

from rbmviz.core.errors import (
    DivergedError,
    FloatArray,
    InputError,
    as_rows,
    check_count,
    check_number,
)
from rbmviz.core.negative_phase import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.phase import PhaseStatistics, gradient, statistics_of
from rbmviz.core.rbm import RBM, mean_h_unchecked

MAX_PARAMETER = 1e4  # every unit is saturated long before; beyond it the run has diverged


@dataclass(frozen=True)
class TrainingSettings:
    """Say how to train; a run is a pure function of these settings and the data.

    Each update: velocity = momentum * velocity + gradient - weight_decay * W, and then
    parameters += learning_rate * velocity. The decay acts on W alone. W starts normal with
    standard deviation initial_scale, b and c at zero. Rows are shuffled anew in each epoch.

    Raises:
        InputError: a value out of range, with the limit.
    """

    n_hidden: int
    negative_phase: NegativePhase
    learning_rate: float = 0.1
    batch_size: int = 32
    momentum: float = 0.0
    weight_decay: float = 0.0
    seed: int = 0
    initial_scale: float = 0.01

    def __post_init__(self) -> None:
        check_count("n_hidden", self.n_hidden)
        if not isinstance(self.negative_phase, NegativePhase):
            raise InputError(
                f"negative_phase is {self.negative_phase!r}; pass an object such as "
                "ContrastiveDivergence(n_steps=1)."
            )
        check_number("learning_rate", self.learning_rate, 0.0)
        check_count("batch_size", self.batch_size)
        check_number("momentum", self.momentum, 0.0, 1.0, below_high=True)
        check_number("weight_decay", self.weight_decay, 0.0)
        check_count("seed", self.seed, low=0)
        check_number("initial_scale", self.initial_scale, 0.0)


@dataclass(frozen=True, eq=False)
class Update:
    """What one update was made of; both phases at the parameters before it."""

    v_batch: FloatArray  # (n, n_visible)
    mean_h_batch: FloatArray  # (n, n_hidden), E[h | v_batch]
    negative: NegativePhaseEstimate

    @cached_property
    def positive(self) -> PhaseStatistics:
        """The positive phase of the batch, exact."""
        return statistics_of(self.v_batch, self.mean_h_batch)

    @property
    def gradient(self) -> PhaseStatistics:
        """Positive minus negative phase (eq. 18.4)."""
        return gradient(self.positive, self.negative.statistics)


@dataclass(frozen=True, eq=False)
class TrainingState:
    """One moment of a run: enough to go on from it, bit for bit."""

    settings: TrainingSettings
    v_data: FloatArray = field(repr=False)  # (rows, n_visible)
    rbm: RBM = field(repr=False)
    step: int  # updates made so far
    velocity: RBM | None = field(repr=False)  # shaped like the parameters; None without momentum
    chains: Chains | None = field(repr=False)
    order: NDArray[np.intp] = field(repr=False)  # the rows in this epoch's order
    cursor: int  # rows of this epoch already used
    chain_rng: Mapping[str, Any] = field(repr=False)  # states of the bit generators
    order_rng: Mapping[str, Any] = field(repr=False)
    last: Update | None = field(default=None, repr=False)  # the update that led here


def start(settings: TrainingSettings, v_data: ArrayLike) -> TrainingState:
    """Check the data, draw the first parameters and start the chains: step 0.

    Args:
        v_data: (rows, n_visible), 0/1, or probabilities in [0, 1] that are used as they are.

    Raises:
        InputError: an empty or wrong data set, naming the entry.
    """
    rows = np.array(as_rows("v_data", v_data, None), order="C")
    rows.setflags(write=False)
    weights_seed, order_seed, chain_seed = np.random.SeedSequence(settings.seed).spawn(3)
    rbm = RBM.random(
        np.random.default_rng(weights_seed),
        rows.shape[1],
        settings.n_hidden,
        settings.initial_scale,
    )
    order_rng, chain_rng = np.random.default_rng(order_seed), np.random.default_rng(chain_seed)
    return TrainingState(
        settings=settings,
        v_data=rows,
        rbm=rbm,
        step=0,
        velocity=None,
        chains=settings.negative_phase.init(chain_rng, rbm, rows),
        order=order_rng.permutation(len(rows)),
        cursor=0,
        chain_rng=chain_rng.bit_generator.state,
        order_rng=order_rng.bit_generator.state,
    )


def with_settings(state: TrainingState, settings: TrainingSettings) -> TrainingState:
    """Go on from a state with other learning settings; the parameters stay.

    New chains are started when the negative phase is another one.

    Raises:
        InputError: n_hidden, seed or initial_scale differ: those need a new start.
    """
    for name in ("n_hidden", "seed", "initial_scale"):
        if getattr(settings, name) != getattr(state.settings, name):
            raise InputError(
                f"{name} changes from {getattr(state.settings, name)} to "
                f"{getattr(settings, name)}; call start(settings, v_data) for a new run."
            )
    if settings.negative_phase == state.settings.negative_phase:
        return replace(state, settings=settings)
    rng = _generator(state.chain_rng)
    chains = settings.negative_phase.init(rng, state.rbm, state.v_data)
    return replace(state, settings=settings, chains=chains, chain_rng=rng.bit_generator.state)


def train_step(state: TrainingState) -> TrainingState:
    """Make one update: estimate both phases and step along their difference."""
    return train(state, 1)


def train(state: TrainingState, n_updates: int) -> TrainingState:
    """Make n_updates updates, the same as n_updates calls of train_step, bit for bit, but faster.

    Raises:
        InputError: n_updates is negative or not whole.
        DivergedError: a parameter is beyond MAX_PARAMETER or not a number; `state` is untouched.
        TooManyUnitsError: the negative phase is exact and the model too large for it.
    """
    if check_count("n_updates", n_updates, low=0) == 0:
        return state
    settings, v_data, n_rows = state.settings, state.v_data, len(state.v_data)
    chain_rng, order_rng = _generator(state.chain_rng), _generator(state.order_rng)
    rbm = _working_copy(state.rbm)
    velocity = _working_copy(state.velocity) if state.velocity else None
    if settings.momentum > 0 and velocity is None:
        velocity = RBM.unchecked(np.zeros_like(rbm.W), np.zeros_like(rbm.b), np.zeros_like(rbm.c))
    elif settings.momentum == 0:
        velocity = None
    chains, order, cursor, advance = (
        state.chains,
        state.order,
        state.cursor,
        settings.negative_phase.advance,
    )
    # Overflow of exp is harmless (see sigmoid_in_place); a diverging run is caught at the end.
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_updates):
            if settings.batch_size >= n_rows:
                v_batch = v_data
            else:
                if cursor >= n_rows:
                    order, cursor = order_rng.permutation(n_rows), 0
                v_batch = v_data.take(order[cursor : cursor + settings.batch_size], axis=0)
                cursor += settings.batch_size
            mean_h_batch = mean_h_unchecked(rbm, v_batch)
            chains, negative = advance(chain_rng, chains, rbm, v_batch, mean_h_batch)
            update = Update(v_batch, mean_h_batch, negative)
            _apply(update, rbm, velocity, settings)
    _refuse_diverged(rbm, state, n_updates)
    for array in (rbm.W, rbm.b, rbm.c):
        array.setflags(write=False)
    return TrainingState(
        settings=settings,
        v_data=v_data,
        rbm=rbm,
        step=state.step + n_updates,
        velocity=velocity,
        chains=chains,
        order=order,
        cursor=cursor,
        chain_rng=chain_rng.bit_generator.state,
        order_rng=order_rng.bit_generator.state,
        last=update,
    )


def _apply(update: Update, rbm: RBM, velocity: RBM | None, settings: TrainingSettings) -> None:
    """Move the working copies rbm and velocity along the gradient, in place."""
    rate, decay = settings.learning_rate, settings.weight_decay
    if velocity is None:
        _accumulate(update, rbm, scale=rate, keep_W=1.0 - rate * decay, keep_bias=1.0)
        return
    _accumulate(update, velocity, 1.0, keep_W=settings.momentum, keep_bias=settings.momentum)
    if decay > 0:
        np.subtract(velocity.W, decay * rbm.W, out=velocity.W)
    for parameter, speed in ((rbm.W, velocity.W), (rbm.b, velocity.b), (rbm.c, velocity.c)):
        parameter += rate * speed


def _accumulate(
    update: Update,
    target: RBM,
    scale: float,
    keep_W: float,
    keep_bias: float,
) -> None:
    """Overwrite target with keep * target + scale * gradient.

    BLAS multiplies, averages and adds in one pass over W, which at 784 x 500 is most of the work.
    """
    negative = update.negative
    if negative.mean_h is None:
        exact = update.gradient
        for array, part, keep in (
            (target.W, exact.vh, keep_W),
            (target.b, exact.v, keep_bias),
            (target.c, exact.h, keep_bias),
        ):
            array *= keep
            array += scale * part
        return
    phases = (
        (scale / len(update.v_batch), update.v_batch, update.mean_h_batch),
        (-scale / len(negative.samples), negative.samples, negative.mean_h),
    )
    for alpha, v, h in phases:
        # C-ordered arrays are Fortran-ordered once transposed, so BLAS writes into target itself.
        dgemm(alpha, h.T, v.T, beta=keep_W, c=target.W.T, trans_b=1, overwrite_c=1)
        ones = np.ones(len(v))
        dgemv(alpha, v.T, ones, beta=keep_bias, y=target.b, overwrite_y=1)
        dgemv(alpha, h.T, ones, beta=keep_bias, y=target.c, overwrite_y=1)
        keep_W = keep_bias = 1.0


def _refuse_diverged(rbm: RBM, state: TrainingState, n_updates: int) -> None:
    largest = max(float(np.abs(array).max()) for array in (rbm.W, rbm.b, rbm.c))
    if not largest <= MAX_PARAMETER:  # also true for nan
        settings = state.settings
        remedies = [f"the learning rate ({settings.learning_rate:g})"]
        remedies += [f"the momentum ({settings.momentum:g})"] * (settings.momentum > 0)
        remedies += [f"the weight decay ({settings.weight_decay:g})"] * (settings.weight_decay > 0)
        raise DivergedError(
            f"Between steps {state.step} and {state.step + n_updates} a parameter reached "
            f"{largest:.3g}; the limit is {MAX_PARAMETER:g}. Lower {' or '.join(remedies)}, and "
            "start again."
        )


def _generator(bit_state: Mapping[str, Any]) -> np.random.Generator:
    bits = np.random.PCG64(0)
    bits.state = dict(bit_state)  # type: ignore[assignment]  # numpy's own typed dict
    return np.random.Generator(bits)


def _working_copy(rbm: RBM) -> RBM:
    return RBM.unchecked(rbm.W.copy(), rbm.b.copy(), rbm.c.copy())
