"""Many runs at once are the runs one after another, with the same draws of every generator."""

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

import rbmviz
from rbmviz import (
    ContrastiveDivergence,
    DivergedError,
    ExactEnumeration,
    FastPersistentContrastiveDivergence,
    InputError,
    MeanField,
    NegativePhase,
    ParallelTempering,
    PersistentContrastiveDivergence,
    TrainingSettings,
    TrainingState,
    train_many,
)
from rbmviz.core.random_streams import _BUFFERED, SeedStreams

STACKABLE: list[NegativePhase] = [
    ContrastiveDivergence(2),
    PersistentContrastiveDivergence(n_chains=7, n_steps=2),
    FastPersistentContrastiveDivergence(n_chains=7, n_steps=2),
    ParallelTempering(n_chains=3, n_temperatures=4, n_steps=3),
    MeanField(order=1, n_chains=7),
    MeanField(order=2, n_chains=7),
]
RULES: dict[str, dict[str, object]] = {
    "plain": {},
    "momentum and decay": {"momentum": 0.6, "weight_decay": 0.05},
    "centered": {"centered": True},
    "centered with momentum and decay": {"centered": True, "momentum": 0.6, "weight_decay": 0.05},
}


def rows(n: int = 50, n_visible: int = 6) -> np.ndarray:
    return (np.random.default_rng(0).random((n, n_visible)) < 0.4).astype(float)


def started(method: NegativePhase, n_runs: int = 3, **more: object) -> list[TrainingState]:
    settings = TrainingSettings(
        4, method, **{"learning_rate": 0.3, "batch_size": 16, "initial_scale": 0.5, **more}
    )
    return [rbmviz.start(replace(settings, seed=seed), rows()) for seed in range(n_runs)]


def arrays_of(state: TrainingState) -> dict[str, np.ndarray]:
    """Every array that a state is made of, by name."""
    found = {"order": state.order, "v_data": state.v_data}
    for name in ("W", "b", "c"):
        found[name] = getattr(state.rbm, name)
        if state.velocity is not None:
            found[f"velocity {name}"] = getattr(state.velocity, name)
    if state.hidden_offset is not None:
        found["hidden offset"] = state.hidden_offset
    if state.chains is not None:
        for part in fields(state.chains):
            found[f"chains {part.name}"] = np.asarray(getattr(state.chains, part.name))
    if state.last is not None:
        found["last batch"] = state.last.v_batch
        found["last E[h]"] = state.last.mean_h_batch
        found["last samples"] = state.last.negative.samples
        found["last phase"] = state.last.negative.statistics.flat()
        found["last gradient"] = state.last.gradient.flat()
    return found


def assert_same(ours: TrainingState, theirs: TrainingState, atol: float) -> None:
    assert ours.settings == theirs.settings
    assert (ours.step, ours.cursor) == (theirs.step, theirs.cursor)
    assert (ours.chain_rng, ours.order_rng) == (theirs.chain_rng, theirs.order_rng)
    assert type(ours.chains) is type(theirs.chains)
    a, b = arrays_of(ours), arrays_of(theirs)
    assert a.keys() == b.keys()
    for name, array in a.items():
        assert array.shape == b[name].shape, name
        np.testing.assert_allclose(array, b[name], atol=atol, rtol=0, err_msg=name)


@pytest.mark.parametrize("batch_size", [16, 50], ids=["16 + 16 + 16 + 2", "full batch"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("method", STACKABLE, ids=repr)
def test_runs_together_are_the_runs_one_by_one(
    method: NegativePhase, rule: str, batch_size: int
) -> None:
    states = started(method, batch_size=batch_size, **RULES[rule])
    for n_updates in (4, 9):  # at the short end of an epoch, and within a later one
        together = train_many(states, n_updates)
        for ours, state in zip(together, states, strict=True):
            assert_same(ours, rbmviz.train(state, n_updates), 1e-9)
        states = together
    moved = [np.abs(a.rbm.W - b.rbm.W).max() for a, b in pairwise(states)]
    assert min(moved) > 0.1  # each seed is a run of its own
    one = rbmviz.train(states[0], 3)  # and goes on alone
    assert_same(train_many(states, 3)[0], one, 1e-9)


@pytest.mark.parametrize("rule", ["plain", "centered with momentum and decay"])
@pytest.mark.parametrize("method", STACKABLE, ids=repr)
def test_five_updates_equal_two_and_three(method: NegativePhase, rule: str) -> None:
    states = started(method, **RULES[rule])
    at_once, in_parts = train_many(states, 5), train_many(train_many(states, 2), 3)
    for ours, theirs in zip(at_once, in_parts, strict=True):
        assert_same(ours, theirs, 0.0)


def test_the_states_before_are_left_alone() -> None:
    states = started(PersistentContrastiveDivergence(7), centered=True, momentum=0.5)
    states = train_many(states, 2)
    before = [{name: x.copy() for name, x in arrays_of(state).items()} for state in states]
    train_many(states, 5)
    for state, kept in zip(states, before, strict=True):
        for name, array in arrays_of(state).items():
            np.testing.assert_array_equal(array, kept[name], err_msg=name)


def test_what_cannot_be_stacked_is_trained_one_by_one() -> None:
    states = started(ExactEnumeration())
    for ours, state in zip(train_many(states, 3), states, strict=True):
        assert_same(ours, rbmviz.train(state, 3), 0.0)


def test_one_run_and_no_updates_are_fine() -> None:
    states = started(ContrastiveDivergence())
    assert_same(train_many(states[:1], 3)[0], rbmviz.train(states[0], 3), 0.0)
    assert train_many(states, 0) == states


def test_ladders_begun_later_swap_as_alone() -> None:
    states = train_many(started(ContrastiveDivergence()), 3)
    tempering = ParallelTempering(n_chains=3, n_temperatures=4)
    states = [
        rbmviz.with_settings(s, replace(s.settings, negative_phase=tempering)) for s in states
    ]
    for ours, state in zip(train_many(states, 3), states, strict=True):
        assert_same(ours, rbmviz.train(state, 3), 1e-9)


def test_ladders_begun_at_different_steps_still_swap_in_their_own_turn() -> None:
    """At the same step one run's next swaps are odd, the other's even."""
    tempering = ParallelTempering(n_chains=3, n_temperatures=4)
    early = rbmviz.train(started(tempering, n_runs=1)[0], 3)
    late = rbmviz.train(started(ContrastiveDivergence(), n_runs=2)[1], 3)
    late = rbmviz.with_settings(late, replace(late.settings, negative_phase=tempering))
    assert early.chains.swap_odd is not late.chains.swap_odd
    for ours, state in zip(train_many([early, late], 3), (early, late), strict=True):
        assert_same(ours, rbmviz.train(state, 3), 1e-9)


def _other_rate(state: TrainingState) -> TrainingState:
    return rbmviz.with_settings(state, replace(state.settings, learning_rate=0.2))


def _other_step(state: TrainingState) -> TrainingState:
    return rbmviz.train(state, 1)


def _other_data(state: TrainingState) -> TrainingState:
    return rbmviz.start(state.settings, 1 - rows())


def _other_size(state: TrainingState) -> TrainingState:
    return rbmviz.start(state.settings, rows(n_visible=5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_rate, "settings of seed 1 differ from those of seed 0 in more than the seed"),
        (_other_step, "One run is at step 0, another at 1; bring all to the same"),
        (_other_data, "The runs have different data; start all with the same v_data"),
        (_other_size, "The runs have different data"),
    ],
)
@pytest.mark.parametrize("method", [ContrastiveDivergence(), ExactEnumeration()], ids=repr)
def test_runs_that_differ_in_more_than_the_seed_are_refused(
    method: NegativePhase, change: Callable[[TrainingState], TrainingState], message: str
) -> None:
    first, second = started(method, n_runs=2)
    with pytest.raises(InputError, match=message):
        train_many([first, change(second)], 2)


def test_no_runs_and_wrong_counts_are_refused() -> None:
    with pytest.raises(InputError, match="states is empty; pass at least one state"):
        train_many([], 2)
    for wrong in (-1, 1.5):
        with pytest.raises(InputError, match=f"n_updates is {wrong}"):
            train_many(started(ContrastiveDivergence()), wrong)


def test_a_diverging_run_says_so_and_leaves_all_states() -> None:
    states = started(ContrastiveDivergence(), learning_rate=1e6)
    before = [{name: x.copy() for name, x in arrays_of(state).items()} for state in states]
    with pytest.raises(DivergedError, match="Between steps 0 and 50 a parameter reached"):
        train_many(states, 50)
    for state, kept in zip(states, before, strict=True):
        for name, array in arrays_of(state).items():
            np.testing.assert_array_equal(array, kept[name], err_msg=name)


# The generators behind the runs


def test_streams_draw_what_each_generator_would() -> None:
    seeds = range(3)
    alone = [np.random.default_rng(seed) for seed in seeds]
    for generator in alone:  # one leaves half a number behind, as shuffling does
        generator.integers(0, 2**20, size=generator.integers(1, 3), dtype=np.uint32)
    streams = SeedStreams([generator.bit_generator.state for generator in alone])
    shapes = [(7,), (5, 3), (_BUFFERED - 22 - 1,), (1,), (1,), (2, 3, 5), (_BUFFERED,), (0,)]
    shapes += [(2 * _BUFFERED + 13,), (3, 1, 1001), (1,), ()]
    for shape in shapes:
        drawn = streams.random((3, *shape))
        assert drawn.shape == (3, *shape)
        for row, generator in zip(drawn, alone, strict=True):
            np.testing.assert_array_equal(row, generator.random(shape))
        assert streams.bit_states() == [generator.bit_generator.state for generator in alone]


def test_streams_refuse_another_number_of_runs() -> None:
    streams = SeedStreams([np.random.default_rng(seed).bit_generator.state for seed in range(3)])
    with pytest.raises(ValueError, match="its first axis must be 3 runs"):
        streams.random((2, 5))
