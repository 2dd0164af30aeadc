"""The centered gradient: its definition, and that it does not care how the data are coded."""

from dataclasses import replace

import numpy as np
import pytest

import rbmviz
from rbmviz import (
    RBM,
    ContrastiveDivergence,
    ExactEnumeration,
    FastPersistentContrastiveDivergence,
    MeanField,
    NegativePhase,
    ParallelTempering,
    PersistentContrastiveDivergence,
    PhaseStatistics,
    TrainingSettings,
    TrainingState,
)
from rbmviz.core.centering import SLIDING_FACTOR, centered_gradient
from rbmviz.core.errors import FloatArray

Rows = list[tuple[FloatArray, FloatArray]]


def make_rows(n: int = 40, n_visible: int = 6) -> FloatArray:
    return (np.random.default_rng(0).random((n, n_visible)) < 0.35).astype(float)


def by_definition(
    data: Rows, model: Rows, mu: FloatArray, hidden_offset: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """grad W', b' and c' of pairs (v, h), in plain loops."""
    W, b, c = np.zeros((len(mu), len(hidden_offset))), np.zeros(len(mu)), 0 * hidden_offset
    for pairs, sign in ((data, 1.0), (model, -1.0)):
        for v, h in pairs:
            for i in range(len(mu)):
                b[i] += sign * v[i] / len(pairs)
                for j in range(len(hidden_offset)):
                    W[i, j] += sign * (v[i] - mu[i]) * (h[j] - hidden_offset[j]) / len(pairs)
            for j in range(len(hidden_offset)):
                c[j] += sign * h[j] / len(pairs)
    for i in range(len(mu)):
        for j in range(len(hidden_offset)):
            b[i] -= W[i, j] * hidden_offset[j]
            c[j] -= W[i, j] * mu[i]
    return W, b, c


def test_the_gradient_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(1)
    data, model = ([(rng.random(4), rng.random(3)) for _ in range(n)] for n in (5, 7))
    mu, hidden_offset = rng.random(4), rng.random(3)

    def mean(pairs: Rows) -> PhaseStatistics:
        return PhaseStatistics(
            vh=np.mean([np.outer(v, h) for v, h in pairs], axis=0),
            v=np.mean([v for v, _ in pairs], axis=0),
            h=np.mean([h for _, h in pairs], axis=0),
        )

    found = centered_gradient(rbmviz.gradient(mean(data), mean(model)), mu, hidden_offset)
    wanted = by_definition(data, model, mu, hidden_offset)
    for ours, theirs in zip((found.vh, found.v, found.h), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-14)


def test_it_always_climbs_and_without_offsets_is_plain() -> None:
    """A positive definite matrix times the plain gradient: never zero, never downhill."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        plain = PhaseStatistics(
            vh=rng.normal(size=(4, 3)), v=rng.normal(size=4), h=rng.normal(size=3)
        )
        found = centered_gradient(plain, rng.random(4), rng.random(3))
        assert found.flat() @ plain.flat() > 1e-3 * plain.flat() @ plain.flat()
        same = centered_gradient(plain, np.zeros(4), np.zeros(3))
        np.testing.assert_array_equal(same.flat(), plain.flat())


@pytest.mark.parametrize(
    "method", [ContrastiveDivergence(2), PersistentContrastiveDivergence(9), MeanField(n_chains=9)]
)
@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.6, 0.1)])
def test_updates_follow_the_definition(
    method: NegativePhase, momentum: float, decay: float
) -> None:
    """The offsets: the mean of the data, and a mean of E[h] that slides before it is used."""
    v_data = make_rows()
    settings = TrainingSettings(
        4, method, learning_rate=0.2, batch_size=16, momentum=momentum, weight_decay=decay,
        seed=5, initial_scale=0.5, centered=True,
    )  # fmt: skip
    state = rbmviz.start(settings, v_data)
    mu = np.array([np.mean([row[i] for row in v_data]) for i in range(6)])
    offset = np.mean([rbmviz.mean_h_given_v(state.rbm, row[None])[0] for row in v_data], axis=0)
    velocity = [np.zeros((6, 4)), np.zeros(6), np.zeros(4)]
    for _ in range(4):  # 16 + 16 + 8, and a new epoch
        after = rbmviz.train_step(state)
        batch = after.last.v_batch
        data = [(row, rbmviz.mean_h_given_v(state.rbm, row[None])[0]) for row in batch]
        offset = offset + SLIDING_FACTOR * (np.mean([h for _, h in data], axis=0) - offset)
        negative = after.last.negative.statistics
        of_data = PhaseStatistics(
            vh=np.mean([np.outer(v, h) for v, h in data], axis=0),
            v=np.mean(batch, axis=0),
            h=np.mean([h for _, h in data], axis=0),
        )
        centered = [  # <(v - mu)(h - offset)^T>, multiplied out
            phase.vh - np.outer(mu, phase.h) - np.outer(phase.v, offset) + np.outer(mu, offset)
            for phase in (of_data, negative)
        ]
        slope_W = centered[0] - centered[1]
        slopes = [
            slope_W - decay * state.rbm.W,
            of_data.v - negative.v - slope_W @ offset,
            of_data.h - negative.h - mu @ slope_W,
        ]
        velocity = [momentum * u + s for u, s in zip(velocity, slopes, strict=True)]
        parameters = (state.rbm.W, state.rbm.b, state.rbm.c)
        for old, u, new in zip(
            parameters, velocity, (after.rbm.W, after.rbm.b, after.rbm.c), strict=True
        ):
            np.testing.assert_allclose(new, old + 0.2 * u, atol=1e-14)
        np.testing.assert_allclose(after.hidden_offset, offset, atol=1e-14)
        state = after


# Coding


def flip_visible(rbm: RBM) -> RBM:
    """The model of 1 - v: E(v, h) is the same up to a constant."""
    return RBM(-rbm.W, -rbm.b, rbm.c + rbm.W.sum(axis=0))


def flip_hidden(rbm: RBM) -> RBM:
    """The same model, h read as 1 - h."""
    return RBM(-rbm.W, rbm.b + rbm.W.sum(axis=1), -rbm.c)


def trajectory(state: TrainingState) -> list[float]:
    reached = []
    for _ in range(15):
        state = rbmviz.train(state, 10)
        reached.append(rbmviz.mean_log_likelihood(state.rbm, state.v_data))
    return reached


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("flipped", ["visible", "hidden"])
def test_a_flipped_start_makes_the_flipped_run_and_a_plain_one_does_not(
    flipped: str, momentum: float
) -> None:
    v_data = make_rows()
    gaps = {}
    for centered in (True, False):
        settings = TrainingSettings(
            4, ExactEnumeration(0), learning_rate=0.3, batch_size=16, momentum=momentum,
            seed=7, initial_scale=0.3, centered=centered,
        )  # fmt: skip
        first = rbmviz.start(settings, v_data)
        if flipped == "visible":
            other = replace(rbmviz.start(settings, 1 - v_data), rbm=flip_visible(first.rbm))
        else:
            other = replace(first, rbm=flip_hidden(first.rbm))
        begin = [rbmviz.mean_log_likelihood(s.rbm, s.v_data) for s in (first, other)]
        assert begin[0] == pytest.approx(begin[1], abs=1e-12)
        ours, theirs = trajectory(first), trajectory(other)
        assert ours[-1] > begin[0] + 0.1  # it learns
        gaps[centered] = np.abs(np.subtract(ours, theirs)).max()
    assert gaps[True] < 1e-10
    assert gaps[False] > 1e-3


def test_the_flipped_run_has_the_flipped_parameters() -> None:
    settings = TrainingSettings(
        4, ExactEnumeration(0), learning_rate=0.3, batch_size=16, initial_scale=0.3, centered=True
    )
    first = rbmviz.start(settings, make_rows())
    other = replace(rbmviz.start(settings, 1 - make_rows()), rbm=flip_visible(first.rbm))
    ours, theirs = flip_visible(rbmviz.train(first, 50).rbm), rbmviz.train(other, 50).rbm
    for name in ("W", "b", "c"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-11)


def test_it_rests_where_the_plain_gradient_rests() -> None:
    """At the best model of every state once, W = 0 and b = 0, whatever c is."""
    every_state = ((np.arange(16)[:, None] >> np.arange(4)) & 1).astype(float)
    for W, moves in ((np.zeros((4, 3)), False), (np.full((4, 3), 0.5), True)):
        for centered in (True, False):
            settings = TrainingSettings(
                3, ExactEnumeration(0), learning_rate=0.5, centered=centered
            )
            rbm = RBM(W, np.zeros(4), [0.3, -1.0, 2.0])
            begun = replace(rbmviz.start(settings, every_state), rbm=rbm)
            after = rbmviz.train(begun, 20).rbm
            distance = max(
                np.abs(getattr(after, name) - getattr(rbm, name)).max() for name in ("W", "b", "c")
            )
            assert distance > 0.01 if moves else distance < 1e-14


# As a setting of a run


@pytest.mark.parametrize(
    "method",
    [
        ContrastiveDivergence(),
        FastPersistentContrastiveDivergence(5),
        ParallelTempering(4, 3),
        ExactEnumeration(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_five_updates_equal_two_and_three_bit_for_bit(
    method: NegativePhase, momentum: float
) -> None:
    settings = TrainingSettings(4, method, batch_size=16, momentum=momentum, centered=True)
    begun = rbmviz.start(settings, make_rows())
    at_once, in_parts = rbmviz.train(begun, 5), rbmviz.train(rbmviz.train(begun, 2), 3)
    assert begun.hidden_offset is None  # a state is never changed
    for name in ("W", "b", "c"):
        np.testing.assert_array_equal(getattr(at_once.rbm, name), getattr(in_parts.rbm, name))
    np.testing.assert_array_equal(at_once.hidden_offset, in_parts.hidden_offset)
    assert at_once.chain_rng == in_parts.chain_rng
    plain = rbmviz.train(rbmviz.start(replace(settings, centered=False), make_rows()), 5)
    assert np.abs(plain.rbm.W - at_once.rbm.W).max() > 1e-3


def test_it_can_be_switched_on_and_off() -> None:
    plain = TrainingSettings(4, ContrastiveDivergence(), batch_size=16, initial_scale=0.5)
    centered = replace(plain, centered=True)
    state = rbmviz.train(rbmviz.start(plain, make_rows()), 3)
    assert state.hidden_offset is None
    on = rbmviz.train(rbmviz.with_settings(state, centered), 3)
    assert on.step == 6
    begun = rbmviz.mean_h_given_v(state.rbm, make_rows()).mean(axis=0)
    assert np.abs(on.hidden_offset - begun).max() < 3 * SLIDING_FACTOR  # near where it began
    off = rbmviz.train(rbmviz.with_settings(on, plain), 1)
    assert off.hidden_offset is None
    gradient, last = off.last.gradient, on.rbm
    np.testing.assert_allclose(off.rbm.W, last.W + 0.1 * gradient.vh, atol=1e-14)
    still_on = rbmviz.train(on, 1)
    np.testing.assert_array_equal(still_on.last.v_batch, off.last.v_batch)
    assert np.abs(still_on.rbm.W - off.rbm.W).max() > 1e-3


@pytest.mark.parametrize("wrong", [1, "yes", None])
def test_anything_but_true_or_false_is_refused(wrong: object) -> None:
    with pytest.raises(rbmviz.InputError, match="pass True or False"):
        TrainingSettings(4, ContrastiveDivergence(), centered=wrong)
