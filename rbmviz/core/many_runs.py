"""Many runs at once: the same training from different seeds, as one extra axis of every array.

Each run keeps its own generators, so it is the run that `train` makes from its seed, up to the
rounding of sums that are added in another order. Thirty small runs together cost a fraction of
thirty runs one after another: numpy's cost for each call is shared.
"""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from rbmviz.core.errors import FloatArray, InputError, check_count
from rbmviz.core.negative_phase import Chains, NegativePhaseEstimate
from rbmviz.core.random_streams import SeedStreams, restored_generator
from rbmviz.core.rbm import RBM
from rbmviz.core.training import (
    TrainingState,
    hidden_offset_of,
    refuse_diverged,
    train,
    velocity_of,
)
from rbmviz.core.update import Learner, Minibatches, Update


def train_many(states: Sequence[TrainingState], n_updates: int) -> list[TrainingState]:
    """Make n_updates updates of each run, together.

    Args:
        states: runs on the same data, at the same step, whose settings differ in the seed alone:
            [start(replace(settings, seed=seed), v_data) for seed in range(30)], or what
            train_many returned.

    Returns:
        One state for each run, as train(state, n_updates) would return up to rounding.

    Raises:
        InputError: no states, or states that differ in more than the seed.
        DivergedError: a run has diverged; `states` are untouched.
    """
    check_count("n_updates", n_updates, low=0)
    first = _first_of_alike(states)
    settings = first.settings
    together = settings.negative_phase.takes_stacks and _chains_are_in_step(states)
    if n_updates == 0 or len(states) == 1 or not together:
        return [train(state, n_updates) for state in states]

    velocities = [velocity_of(state) for state in states]
    learner = Learner(
        rbm=_stacked([state.rbm for state in states]),
        velocity=_stacked([v for v in velocities if v]) if velocities[0] else None,
        chains=stacked_chains([state.chains for state in states]),
        hidden_offset=np.stack([hidden_offset_of(s) for s in states])
        if settings.centered
        else None,
        visible_offset=first.v_data.mean(axis=0),
    )
    streams = SeedStreams([state.chain_rng for state in states])
    order_rngs = [restored_generator(state.order_rng) for state in states]
    orders = np.stack([state.order for state in states])
    batches = Minibatches(first.v_data, settings.batch_size, orders, first.cursor, order_rngs)
    last = learner.make_updates(n_updates, streams, settings.negative_phase, batches, settings.rule)

    moved = []
    for r, (state, chain_rng) in enumerate(zip(states, streams.bit_states(), strict=True)):
        rbm = _unstacked(learner.rbm, r)
        refuse_diverged(rbm, state, n_updates)
        moved.append(
            replace(
                state,
                rbm=rbm,
                step=state.step + n_updates,
                velocity=_unstacked(learner.velocity, r) if learner.velocity else None,
                chains=_chains_of_run(learner.chains, r),
                order=batches.order[r].copy(),
                cursor=batches.cursor,
                hidden_offset=None
                if learner.hidden_offset is None
                else learner.hidden_offset[r].copy(),
                chain_rng=chain_rng,
                order_rng=order_rngs[r].bit_generator.state,
                last=_update_of_run(last, r),
            )
        )
    return moved


def stacked_chains(chains: Sequence[Chains | None]) -> Chains | None:
    """Put the chains of many runs on one new first axis."""
    first = chains[0]
    if first is None:
        return None
    parts = {}
    for part in fields(first):
        value = getattr(first, part.name)
        if isinstance(value, np.ndarray):
            parts[part.name] = np.stack([getattr(c, part.name) for c in chains])
        else:  # such as whose turn it is to swap: the same at the same step
            parts[part.name] = value
    return type(first)(**parts)


def _chains_are_in_step(states: Sequence[TrainingState]) -> bool:
    """True when what is not an array in the chains, such as whose turn it is to swap, agrees."""
    if states[0].chains is None:
        return True
    names = [part.name for part in fields(states[0].chains)]
    single = [n for n in names if not isinstance(getattr(states[0].chains, n), np.ndarray)]
    return len({tuple(getattr(s.chains, n) for n in single) for s in states}) == 1


def _chains_of_run(stack: Chains | None, r: int) -> Chains | None:
    if stack is None:
        return None
    parts = {part.name: getattr(stack, part.name) for part in fields(stack)}
    return type(stack)(
        **{name: p[r].copy() if isinstance(p, np.ndarray) else p for name, p in parts.items()}
    )


def _update_of_run(update: Update, r: int) -> Update:
    negative = update.negative
    shared = update.v_batch.ndim == 2  # every run takes all rows at once
    mean_h = None if negative.mean_h is None else negative.mean_h[r].copy()
    if negative.computed is None:
        estimate = NegativePhaseEstimate(negative.samples[r].copy(), mean_h)
    else:
        statistics = negative.computed
        one = type(statistics)(
            statistics.vh[r].copy(), statistics.v[r].copy(), statistics.h[r].copy()
        )
        estimate = NegativePhaseEstimate(negative.samples[r].copy(), mean_h, one)
    v_batch = update.v_batch if shared else update.v_batch[r].copy()
    return Update(v_batch, update.mean_h_batch[r].copy(), estimate)


def _stacked(models: Sequence[RBM]) -> RBM:
    """Stack for the functions named *_unchecked: biases get an axis for the rows."""
    return RBM.unchecked(
        np.stack([m.W for m in models]),
        np.stack([m.b[None, :] for m in models]),
        np.stack([m.c[None, :] for m in models]),
    )


def _unstacked(stack: RBM, r: int) -> RBM:
    arrays: list[FloatArray] = [stack.W[r].copy(), stack.b[r, 0].copy(), stack.c[r, 0].copy()]
    for array in arrays:
        array.setflags(write=False)
    return RBM.unchecked(*arrays)


def _first_of_alike(states: Sequence[TrainingState]) -> TrainingState:
    if len(states) == 0:
        raise InputError("states is empty; pass at least one state, from start(settings, v_data).")
    first = states[0]
    for state in states[1:]:
        if replace(state.settings, seed=first.settings.seed) != first.settings:
            raise InputError(
                f"The settings of seed {state.settings.seed} differ from those of seed "
                f"{first.settings.seed} in more than the seed; train each kind by itself."
            )
        if (state.step, state.cursor) != (first.step, first.cursor):
            raise InputError(
                f"One run is at step {first.step}, another at {state.step}; bring all to the same "
                "step with train(state, n_updates)."
            )
        if state.v_data is not first.v_data and not np.array_equal(state.v_data, first.v_data):
            raise InputError("The runs have different data; start all with the same v_data.")
    return first
