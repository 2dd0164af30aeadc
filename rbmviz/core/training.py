"""Training: gradient ascent on the mean log-likelihood, one minibatch at a time.

Textbook: *Deep Learning* section 18.1 (the gradient), 18.2 (algorithms), 8.3.2 (momentum).
Everything random follows from (settings.seed, step): the state carries its generators, so that
5 updates equal 2 + 3 updates bit for bit. A state is never changed; an update returns a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rbmviz.core.errors import (
    DivergedError,
    FloatArray,
    InputError,
    as_rows,
    check_count,
    check_number,
)
from rbmviz.core.negative_phase import Chains, NegativePhase
from rbmviz.core.random_streams import restored_generator
from rbmviz.core.rbm import RBM, mean_h_unchecked
from rbmviz.core.update import Learner, Minibatches, Rule, Update

MAX_PARAMETER = 1e4  # every unit is saturated long before; beyond it the run has diverged


@dataclass(frozen=True)
class TrainingSettings:
    """Say how to train; a run is a pure function of these settings and the data.

    Each update: velocity = momentum * velocity + gradient - weight_decay * W, and then
    parameters += learning_rate * velocity. The decay acts on W alone. W starts normal with
    standard deviation initial_scale, b and c at zero. Rows are shuffled anew in each epoch.
    `centered` takes the centered gradient in place of the plain one: see centering.py.

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
    centered: bool = False

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
        if not isinstance(self.centered, bool):
            raise InputError(f"centered is {self.centered!r}; pass True or False.")

    @property
    def rule(self) -> Rule:
        """How an update moves the parameters."""
        return Rule(self.learning_rate, self.momentum, self.weight_decay)


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
    hidden_offset: FloatArray | None = field(default=None, repr=False)  # of the centered gradient
    last: Update | None = field(default=None, repr=False)  # the update that led here


def start(settings: TrainingSettings, v_data: ArrayLike) -> TrainingState:
    """Check the data, draw the first parameters and start the chains: step 0.

    Args:
        v_data: (rows, n_visible), 0/1, or probabilities in [0, 1] up to rounding, used as they are.

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
    rng = restored_generator(state.chain_rng)
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
    settings, v_data = state.settings, state.v_data
    chain_rng = restored_generator(state.chain_rng)
    order_rng = restored_generator(state.order_rng)
    batches = Minibatches(v_data, settings.batch_size, state.order, state.cursor, [order_rng])
    rbm, hidden_offset = _working_copy(state.rbm), None
    if settings.centered:
        hidden_offset = hidden_offset_of(state).copy()
    learner = Learner(
        rbm=rbm,
        velocity=velocity_of(state),
        chains=state.chains,
        hidden_offset=hidden_offset,
        visible_offset=v_data.mean(axis=0),
    )
    update = learner.make_updates(
        n_updates, chain_rng, settings.negative_phase, batches, settings.rule
    )
    refuse_diverged(rbm, state, n_updates)
    for array in (rbm.W, rbm.b, rbm.c):
        array.setflags(write=False)
    return TrainingState(
        settings=settings,
        v_data=v_data,
        rbm=rbm,
        step=state.step + n_updates,
        velocity=learner.velocity,
        chains=learner.chains,
        order=batches.order,
        cursor=batches.cursor,
        hidden_offset=hidden_offset,
        chain_rng=chain_rng.bit_generator.state,
        order_rng=order_rng.bit_generator.state,
        last=update,
    )


def refuse_diverged(rbm: RBM, state: TrainingState, n_updates: int) -> None:
    """Raise DivergedError when a parameter is beyond MAX_PARAMETER or not a number."""
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


def _working_copy(rbm: RBM) -> RBM:
    return RBM.unchecked(rbm.W.copy(), rbm.b.copy(), rbm.c.copy())


def velocity_of(state: TrainingState) -> RBM | None:
    """Copy the velocity to work on; zero when momentum begins, None without momentum."""
    if state.settings.momentum == 0:
        return None
    if state.velocity is not None:
        return _working_copy(state.velocity)
    rbm = state.rbm
    return RBM.unchecked(np.zeros_like(rbm.W), np.zeros_like(rbm.b), np.zeros_like(rbm.c))


def hidden_offset_of(state: TrainingState) -> FloatArray:
    """Give the running mean of E[h], or the mean over all rows when centering begins."""
    if state.hidden_offset is not None:
        return state.hidden_offset
    with np.errstate(over="ignore"):
        return np.asarray(mean_h_unchecked(state.rbm, state.v_data).mean(axis=0))
