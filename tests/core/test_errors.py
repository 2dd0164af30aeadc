"""What no array, number or generator of ours may be: each refusal is an InputError."""

from collections.abc import Callable

import numpy as np
import pytest

import rbmviz
from rbmviz import RBM, ContrastiveDivergence, InputError, PhaseStatistics, TrainingSettings

SMALL = RBM([[1.0], [2.0]], [0.0, 0.0], [0.0])
WRONG_GENERATORS = [None, 42, np.random, np.random.RandomState(0)]


@pytest.mark.parametrize(
    "rows",
    [
        [[1j, 0]],
        [["0", "1"]],
        [[10**400, 0]],
        np.array([["2020-01-01", "2020-01-02"]], dtype="datetime64[D]"),
        np.ma.masked_array([[0.0, 1.0]], mask=[[True, False]]),
        [[0, 1], [1]],
    ],
    ids=["complex", "text", "huge", "dates", "masked", "ragged"],
)
def test_what_is_not_a_real_number_is_refused(rows: object) -> None:
    with pytest.raises(InputError, match="v is not numeric"):
        rbmviz.positive_phase(SMALL, rows)


@pytest.mark.parametrize("rng", WRONG_GENERATORS, ids=lambda rng: type(rng).__name__)
def test_randomness_is_an_explicit_generator(rng: object) -> None:
    calls: list[Callable[[], object]] = [
        lambda: RBM.random(rng, 2, 2),
        lambda: rbmviz.sample_h_given_v(rng, SMALL, [[0, 1]]),
        lambda: rbmviz.exact_samples(rng, SMALL, 3),
        lambda: ContrastiveDivergence().step(rng, None, SMALL, [[0, 1]]),
    ]
    for call in calls:
        with pytest.raises(InputError, match=r"pass np.random.default_rng\(seed\)"):
            call()


def test_numbers_too_large_for_a_float_are_refused() -> None:
    with pytest.raises(InputError, match="learning_rate is too large"):
        TrainingSettings(2, ContrastiveDivergence(), learning_rate=10**400)


def test_an_estimate_in_place_of_its_number_is_refused() -> None:
    with pytest.raises(InputError, match=r"log_z is .*; pass a number"):
        rbmviz.mean_log_likelihood(SMALL, [[0, 1]], log_z="1.0")


def test_phases_of_two_models_are_not_subtracted() -> None:
    one = PhaseStatistics(np.zeros((4, 3)), np.zeros(4), np.zeros(3))
    other = PhaseStatistics(np.zeros((1, 3)), np.zeros(1), np.zeros(3))
    with pytest.raises(InputError, match="two phases of one model"):
        rbmviz.gradient(one, other)


def test_a_snapshot_needs_the_state_that_follows() -> None:
    data = rbmviz.load_dataset("bars-and-stripes 2x2")
    state = rbmviz.start(TrainingSettings(2, ContrastiveDivergence()), data.v)
    with pytest.raises(InputError, match="pass train_step"):
        rbmviz.take_snapshot(state, state, exact=False)
    with pytest.raises(InputError, match="k is 0"):
        rbmviz.most_probable_states(state.rbm, 0)
