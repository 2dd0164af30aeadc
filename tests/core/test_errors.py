"""What no array, number or generator of ours may be: each refusal is an InputError."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import rbmviz
from rbmviz import RBM, ContrastiveDivergence, InputError, PhaseStatistics, TrainingSettings
from rbmviz.core.errors import ROUNDING, as_rows

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


def scaled(table: np.ndarray) -> np.ndarray:
    """Bring each column to [0, 1] as scikit-learn's MinMaxScaler computes it."""
    scale = 1 / (table.max(axis=0) - table.min(axis=0))
    return table * scale - table.min(axis=0) * scale


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tables_that_were_rescaled_are_taken(dtype: type) -> None:
    rng = np.random.default_rng(0)
    tables = [scaled(rng.normal(size=(50, 6)).astype(dtype)) for _ in range(200)]
    outside = [table for table in tables if table.max() > 1 or table.min() < 0]
    assert len(outside) > 20
    for table in outside:
        rows = as_rows("v", table, 6)
        assert rows.min() >= 0
        assert rows.max() <= 1
        inside = (table >= 0) & (table <= 1)
        assert np.array_equal(rows[inside], table[inside])
        assert np.abs(rows - table).max() < ROUNDING


def test_rows_that_are_off_by_rounding_count_as_those_that_are_not() -> None:
    off, exact = np.array([[1 + 2**-52, -1e-17], [1 - 2**-53, 1 + 2e-7]]), [[1, 0], [1, 1]]
    before = off.copy()
    settings = TrainingSettings(2, ContrastiveDivergence())
    for measure in (
        lambda v: rbmviz.train(rbmviz.start(settings, v), 3).rbm.W,
        lambda v: rbmviz.dataset_from_rows("own", v).v,
        lambda v: rbmviz.mean_log_likelihood(SMALL, v),
        lambda v: rbmviz.log_p_tilde(SMALL, v),
        lambda v: rbmviz.positive_phase(SMALL, v).vh,
    ):
        assert np.allclose(measure(off), measure(exact), rtol=0, atol=1e-6)
    assert np.array_equal(rbmviz.dataset_from_rows("own", off).v, exact)
    assert np.array_equal(off, before)  # nobody's array is changed


@given(st.floats(-3, 3), st.booleans())
def test_what_is_refused_is_shown_as_it_is(value: float, binary: bool) -> None:
    least = min(abs(value), abs(value - 1)) if binary or not 0 <= value <= 1 else 0
    assume(least > ROUNDING)
    with pytest.raises(InputError) as refused:
        as_rows("v", [[0.0, value]], 2, binary=binary)
    said = re.search(r"v\[0, 1\] is (\S+); units must be", str(refused.value))[1]
    assert float(said) == value


@given(st.sampled_from([0.0, 1.0]), st.floats(-ROUNDING, ROUNDING), st.booleans())
def test_what_is_off_by_rounding_is_taken(unit: float, by: float, binary: bool) -> None:
    row = as_rows("v", [[unit + by * 0.999, 1.0]], 2, binary=binary)
    assert 0 <= row[0, 0] <= 1
    assert abs(row[0, 0] - unit) <= ROUNDING
    assert not np.signbit(row).any()
    if binary:
        assert row[0, 0] == unit


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
