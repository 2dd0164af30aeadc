"""Training: the update by hand, replay bit for bit, learning, divergence, bad settings."""

from dataclasses import replace

import numpy as np
import pytest

import rbmviz
from rbmviz import (
    ContrastiveDivergence,
    ExactEnumeration,
    InputError,
    NegativePhase,
    PersistentContrastiveDivergence,
    TrainingSettings,
    TrainingState,
)

METHODS: list[NegativePhase] = [
    ContrastiveDivergence(1),
    ContrastiveDivergence(3),
    PersistentContrastiveDivergence(n_chains=20),
    ExactEnumeration(),
]


def rows(n: int = 50, n_visible: int = 6) -> np.ndarray:
    return (np.random.default_rng(0).random((n, n_visible)) < 0.4).astype(float)


def same(a: TrainingState, b: TrainingState) -> bool:
    """Whether parameters, chains, order and generators are equal, bit for bit."""
    arrays = [(a.rbm.W, b.rbm.W), (a.rbm.b, b.rbm.b), (a.rbm.c, b.rbm.c), (a.order, b.order)]
    if a.chains or b.chains:
        arrays.append((a.chains.h, b.chains.h))
    equal = all(np.array_equal(x, y) for x, y in arrays)
    return equal and (a.step, a.cursor, a.chain_rng, a.order_rng) == (
        b.step,
        b.cursor,
        b.chain_rng,
        b.order_rng,
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_five_updates_equal_two_and_three(method: NegativePhase, momentum: float) -> None:
    settings = TrainingSettings(4, method, batch_size=16, momentum=momentum, seed=3)
    begun = rbmviz.start(settings, rows())
    at_once = rbmviz.train(begun, 5)
    in_parts = rbmviz.train(rbmviz.train(begun, 2), 3)
    one_by_one = begun
    for _ in range(5):
        one_by_one = rbmviz.train_step(one_by_one)
    again = rbmviz.train(rbmviz.start(settings, rows()), 5)
    assert same(at_once, in_parts)
    assert same(at_once, one_by_one)
    assert same(at_once, again)
    assert not same(at_once, rbmviz.train(rbmviz.start(replace(settings, seed=4), rows()), 5))


def test_training_changes_no_earlier_state() -> None:
    settings = TrainingSettings(4, PersistentContrastiveDivergence(), momentum=0.9, seed=1)
    state = rbmviz.train(rbmviz.start(settings, rows()), 3)
    before = [x.copy() for x in (state.rbm.W, state.velocity.W, state.chains.h, state.order)]
    rbmviz.train(state, 10)
    for kept, now in zip(
        before, (state.rbm.W, state.velocity.W, state.chains.h, state.order), strict=True
    ):
        np.testing.assert_array_equal(kept, now)
    with pytest.raises(ValueError, match="read-only"):
        state.rbm.W[0, 0] = 1.0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.0, 0.1), (0.6, 0.0), (0.6, 0.1)])
def test_updates_follow_the_written_rule(
    method: NegativePhase, momentum: float, decay: float
) -> None:
    """velocity = momentum * velocity + gradient - decay * W; parameters += rate * velocity."""
    settings = TrainingSettings(
        4, method, learning_rate=0.2, batch_size=20, momentum=momentum, weight_decay=decay,
        seed=5, initial_scale=0.5,
    )  # fmt: skip
    state = rbmviz.start(settings, rows())
    velocity = [np.zeros((6, 4)), np.zeros(6), np.zeros(4)]
    for _ in range(4):
        after = rbmviz.train_step(state)
        positive = rbmviz.positive_phase(state.rbm, after.last.v_batch)  # its own route
        negative = after.last.negative.statistics
        parameters = [state.rbm.W, state.rbm.b, state.rbm.c]
        slopes = [positive.vh - negative.vh, positive.v - negative.v, positive.h - negative.h]
        slopes[0] = slopes[0] - decay * state.rbm.W
        velocity = [momentum * u + s for u, s in zip(velocity, slopes, strict=True)]
        for old, u, new in zip(
            parameters, velocity, (after.rbm.W, after.rbm.b, after.rbm.c), strict=True
        ):
            np.testing.assert_allclose(new, old + 0.2 * u, atol=1e-14)
        state = after


def test_an_epoch_shows_every_row_once_in_a_new_order() -> None:
    v = ((np.arange(50)[:, None] >> np.arange(6)) & 1).astype(float)  # 50 distinct rows
    settings = TrainingSettings(3, ContrastiveDivergence(), batch_size=16, seed=2)
    state, epochs = rbmviz.start(settings, v), []
    for _ in range(2):
        seen = []
        for _ in range(4):  # 16 + 16 + 16 + 2
            state = rbmviz.train_step(state)
            seen.append(state.last.v_batch @ 2 ** np.arange(6))
        assert [len(batch) for batch in seen] == [16, 16, 16, 2]
        epochs.append(np.concatenate(seen))
        assert sorted(epochs[-1]) == list(range(50))
    assert not np.array_equal(*epochs)


def test_the_exact_gradient_reaches_the_best_likelihood() -> None:
    """On 2 x 2 bars-and-stripes the maximum is known in closed form."""
    data = rbmviz.load_dataset("bars-and-stripes 2x2")
    settings = TrainingSettings(
        6, ExactEnumeration(0), learning_rate=0.5, batch_size=8, momentum=0.9, seed=1,
        initial_scale=0.1,
    )  # fmt: skip
    state = rbmviz.start(settings, data.v)
    reached = [rbmviz.mean_log_likelihood(state.rbm, data.v)]
    for _ in range(3):
        state = rbmviz.train(state, 1000)
        reached.append(rbmviz.mean_log_likelihood(state.rbm, data.v))
    assert reached == sorted(reached)
    assert data.best_mean_log_likelihood - 0.02 < reached[-1] < data.best_mean_log_likelihood


@pytest.mark.parametrize("method", [ContrastiveDivergence(1), PersistentContrastiveDivergence(32)])
def test_estimated_gradients_learn_bars_and_stripes(method: NegativePhase) -> None:
    data = rbmviz.load_dataset("bars-and-stripes 3x3")
    settings = TrainingSettings(8, method, learning_rate=0.1, batch_size=16, seed=1)
    state = rbmviz.start(settings, data.v)
    untrained = rbmviz.mean_log_likelihood(state.rbm, data.v)
    trained = rbmviz.mean_log_likelihood(rbmviz.train(state, 4000).rbm, data.v)
    assert untrained == pytest.approx(-9 * np.log(2), abs=0.01)
    # The bound is -2.60; a model of independent units cannot get beyond -9 log 2 = -6.24.
    assert trained > -4.5


def test_other_settings_go_on_from_the_same_parameters() -> None:
    state = rbmviz.train(rbmviz.start(TrainingSettings(4, ContrastiveDivergence()), rows()), 7)
    other = replace(
        state.settings, learning_rate=0.5, negative_phase=PersistentContrastiveDivergence(9)
    )
    changed = rbmviz.with_settings(state, other)
    np.testing.assert_array_equal(changed.rbm.W, state.rbm.W)
    assert changed.step == 7
    assert changed.chains.h.shape == (9, 4)
    assert rbmviz.train(changed, 3).step == 10
    with pytest.raises(InputError, match=r"n_hidden changes from 4 to 5; call start"):
        rbmviz.with_settings(state, replace(state.settings, n_hidden=5))


@pytest.mark.parametrize(
    "change",
    [{"learning_rate": 1e6}, {"learning_rate": 1e308}, {"learning_rate": 1.0, "weight_decay": 5.0}],
)
def test_a_diverging_run_says_so_and_leaves_the_state(change: dict[str, float]) -> None:
    settings = TrainingSettings(4, ContrastiveDivergence(), seed=1, initial_scale=1.0, **change)
    state = rbmviz.start(settings, rows())
    kept = state.rbm.W.copy()
    with pytest.raises(rbmviz.DivergedError, match=r"limit is 10000\. Lower the learning rate"):
        rbmviz.train(state, 200)
    np.testing.assert_array_equal(state.rbm.W, kept)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_hidden": 0}, "n_hidden is 0"),
        ({"n_hidden": -2}, "n_hidden is -2"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"learning_rate": -0.1}, "learning_rate is -0.1"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": float("inf")}, "learning_rate is inf"),
        ({"momentum": 1.0}, r"momentum is 1.0; choose a finite value in \[0, 1\)"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0"),
        ({"seed": -1}, "seed is -1"),
        ({"initial_scale": float("nan")}, "initial_scale is nan"),
        ({"negative_phase": "cd"}, "negative_phase is 'cd'"),
    ],
)
def test_wrong_settings_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        TrainingSettings(**{"n_hidden": 4, "negative_phase": ContrastiveDivergence(), **change})


@pytest.mark.parametrize(
    ("v_data", "message"),
    [
        (np.zeros((0, 4)), "empty"),
        (np.zeros((3, 0)), "empty"),
        (np.zeros(4), "2 axes"),
        ([[0.0, 2.0]], r"v_data\[0, 1\] is 2"),
        ([[0.0, np.nan]], "nan"),
        ([[0.0, np.inf]], "inf"),
        ([["a", "b"]], "not numeric"),
    ],
)
def test_wrong_data_are_refused(v_data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rbmviz.start(TrainingSettings(4, ContrastiveDivergence()), v_data)
