"""The lower bound by mode search against sums in plain loops, and what the estimates make of it."""

import math

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbmviz
from rbmviz import RBM, InputError, search_modes
from rbmviz.core.log_z import certain, mode_search
from rbmviz.core.log_z.certain import certain_bounds, rows_near_the_model
from rbmviz.core.log_z.estimate import LogZEstimate, checked_estimate

SLACK = 1e-9  # relative: rounding of the oracle's plain loops


def random_rbm(seed: int, n_visible: int, n_hidden: int, scale: float) -> RBM:
    rng = np.random.default_rng(seed)
    shape = (n_visible, n_hidden)
    return RBM(rng.normal(0, scale, shape), *(rng.normal(0, scale, n) for n in shape))


def search(rbm: RBM, seed: int = 0, **settings: int) -> mode_search.Modes:
    return search_modes(np.random.default_rng(seed), rbm, **settings)


def shorter_first(rbm: RBM) -> RBM:
    return rbm if rbm.n_visible < rbm.n_hidden else rbm.swapped


def log_p_of(rbm: RBM, s: object) -> float:
    short = shorter_first(rbm)
    return oracle.log_p_tilde(short.W, short.b, short.c, s)


def is_below(bound: float, rbm: RBM) -> bool:
    return bound <= oracle.log_z(rbm.W, rbm.b, rbm.c)


@given(
    seed=st.integers(0, 10**6),
    n_visible=st.integers(1, 6),
    n_hidden=st.integers(1, 6),
    scale=st.floats(0, 100),
    n_starts=st.integers(1, 30),
    with_data=st.booleans(),
)
def test_the_bound_is_never_above_log_z(
    seed: int, n_visible: int, n_hidden: int, scale: float, n_starts: int, with_data: bool
) -> None:
    rbm = random_rbm(seed, n_visible, n_hidden, scale)
    v = np.random.default_rng(seed).random((3, n_visible)) if with_data else None
    found = search_modes(np.random.default_rng(seed), rbm, v, n_starts)
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    assert found.lower_bound <= truth + SLACK * scale * 1e-3
    assert found.log_p_tilde.max() <= truth + SLACK * (1 + scale)
    assert len(np.unique(found.states, axis=0)) == len(found.states)
    for s, log_p in zip(found.states, found.log_p_tilde, strict=True):
        assert log_p == pytest.approx(log_p_of(rbm, s), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(1, 1), (5, 1), (2, 6), (7, 2)])
def test_it_is_log_z_where_the_modes_and_their_neighbours_are_all_states(
    n_visible: int, n_hidden: int
) -> None:
    """Two units: copies of each other have modes 00 and 11, and their neighbours are the rest."""
    short, long = sorted((n_visible, n_hidden))
    W = np.full((short, long), 3.0)
    rbm = RBM(W, np.full(short, -1.5 * long), np.full(long, -1.5 * short))
    rbm = rbm if n_visible == short else rbm.swapped
    found = search(rbm)
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    assert truth - 1e-9 < found.lower_bound <= truth


def test_no_single_flip_helps_a_mode_and_none_is_missed_on_small_models() -> None:
    for seed in range(8):
        rbm = random_rbm(seed, 7, 5, 1.5)
        found, expected = search(rbm), set()
        for s in oracle.states(5):
            flips = [[*s[:j], 1 - s[j], *s[j + 1 :]] for j in range(5)]
            if all(log_p_of(rbm, s) > log_p_of(rbm, other) for other in flips):
                expected.add(tuple(int(unit) for unit in s))
        assert {tuple(s) for s in found.states.astype(int).tolist()} == expected


def test_a_state_that_counts_twice_breaks_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong twin: every state is told apart from itself."""
    rbms = [random_rbm(seed, 4, 2, 1.0) for seed in range(20)]
    assert all(is_below(search(rbm).lower_bound, rbm) for rbm in rbms)

    def all_different(s: np.ndarray, keys: np.ndarray) -> np.ndarray:
        return np.random.default_rng(0).permutation(2**20)[: len(s)].astype(np.uint64)

    monkeypatch.setattr(mode_search, "_keys_of", all_different)
    assert sum(not is_below(search(rbm).lower_bound, rbm) for rbm in rbms) > 15


def test_states_whose_names_collide_only_lower_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    rbm = RBM(np.full((6, 3), 2.0), np.full(6, -3.0), np.full(3, -6.0))  # all on, or all off
    right = search(rbm).lower_bound
    monkeypatch.setattr(mode_search, "_keys_of", lambda s, keys: np.zeros(len(s), dtype=np.uint64))
    assert search(rbm).lower_bound < right


def test_rounding_is_taken_off_where_biases_cancel_weights() -> None:
    """log p~ of all units on is a small difference of terms of 1e12."""
    rbm = RBM(np.full((3, 2), 1e12 / 3), np.full(3, -2e12 / 3), np.zeros(2))
    bound = search(rbm).lower_bound
    assert math.isfinite(bound)
    assert bound <= 4 * math.log(2)  # 00 and v off, 10 and 01 with theirs off, 11 with any v
    assert search(random_rbm(0, 3, 3, 1e29)).lower_bound < np.inf


def test_data_find_the_mode_that_random_starts_miss() -> None:
    """One narrow mode among 2**30 flat states, in the shorter layer."""
    W = np.zeros((30, 31))
    W[:, 0] = 150.0
    rbm = RBM(W, np.zeros(30), np.append(-150.0 * 28.5, np.zeros(30)))  # 150 * (1.5 - units off)
    blind = search(rbm, n_starts=5)
    told = search_modes(np.random.default_rng(0), rbm, np.ones((1, 30)), 5)
    assert told.lower_bound > blind.lower_bound + 10
    one_off = math.log(30) + 75.0
    assert told.lower_bound == pytest.approx(np.logaddexp(225.0, one_off) + 30 * math.log(2))


def test_the_same_generator_gives_the_same_modes_and_nonsense_is_refused() -> None:
    rbm = random_rbm(3, 8, 6, 1.0)
    assert search(rbm, 5).lower_bound == search(rbm, 5).lower_bound
    for settings, message in (
        ({"n_starts": 0}, "n_starts is 0; it must be at least 1"),
        ({"max_terms": 0}, "max_terms is 0"),
    ):
        with pytest.raises(InputError, match=message):
            search(rbm, **settings)
    with pytest.raises(InputError, match="v_data has 3 columns"):
        search_modes(np.random.default_rng(0), rbm, np.ones((1, 3)))
    assert rbmviz.Modes is mode_search.Modes


# What is certain, and what an estimate is held against


def test_few_states_are_summed_and_many_are_searched() -> None:
    small, large = random_rbm(0, 9, 4, 1.0), random_rbm(0, 24, 22, 0.5)
    listed = certain_bounds(small)
    truth = oracle.log_z(small.W, small.b, small.c)
    assert truth - 1e-9 < listed.low < truth < listed.high < truth + 1e-9
    assert listed.modes is None
    searched = certain_bounds(large)
    assert searched.modes is not None
    assert searched.high == np.inf
    assert searched.low < rbmviz.exact_log_z(large)
    assert certain_bounds(large).low == searched.low  # the same in every repeat


def test_a_dearer_estimate_is_held_against_a_better_bound() -> None:
    rbm = rbmviz.ising_torus(5, 0.5).rbm
    cheap, dear = (certain_bounds(rbm, None, units) for units in (1.0, 1e9))
    assert cheap.modes is not None
    assert dear.modes is not None
    assert len(cheap.modes.states) < len(dear.modes.states)
    assert cheap.low < dear.low


@pytest.mark.parametrize("n_units", [(6, 4), (30, 22), (22, 30)])
def test_cold_rows_lie_where_the_model_is_probable(n_units: tuple[int, int]) -> None:
    W = np.full(n_units, 2.0)  # all on or all off
    rbm = RBM(W, -W.sum(axis=1) / 2, -W.sum(axis=0) / 2)
    known = certain_bounds(rbm, None, 1.0)
    rng = np.random.default_rng(0)
    rows = rows_near_the_model(rng, rbm, known, None, 400)
    assert rows.shape == (400, n_units[0])
    share = rows.mean(axis=1)
    assert ((share < 0.3) | (share > 0.7)).mean() > 0.95
    assert 0.4 < share.mean() < 0.6  # both modes
    half = np.full((1, n_units[0]), 0.5)
    mixed = rows_near_the_model(rng, rbm, known, half, 400).mean(axis=1)
    assert (((mixed > 0.3) & (mixed < 0.7)).mean() > 0.4) == (known.modes is not None)


def held_against(low: float, high: float, log_z: float, rbm: RBM, units: float) -> LogZEstimate:
    found = LogZEstimate(log_z, low, high, 0.95, 9.0, "by hand", np.zeros(9))
    return checked_estimate(found, rbm, None, certain_bounds(rbm, None, units))


def test_an_interval_beyond_what_is_certain_is_refuted_with_both_numbers() -> None:
    rbm = random_rbm(0, 9, 4, 1.0)
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    for low, high, refuted in (
        (truth - 1, truth + 1, False),
        (truth - 2, truth - 0.5, True),
        (truth + 0.5, truth + 2, True),
        (truth - 1, np.inf, False),
        (truth + 1, np.inf, True),
    ):
        found = held_against(low, high, low, rbm, 1e9)
        assert found.refuted == refuted
        assert (found.warning is not None) == refuted
    below = str(held_against(truth - 2, truth - 2e-4, truth - 1, rbm, 1e9).warning)
    assert f"log Z = {truth:.6f}, but the interval ends at {truth - 2e-4:.6f}" in below
    assert "take the exact value" in below
    torus = rbmviz.ising_torus(5, 0.5)
    bound = certain_bounds(torus.rbm, None, 1e9).low
    found = held_against(bound - 9, bound - 1, bound - 5, torus.rbm, 1e9)
    assert f"log Z is at least {bound:.2f}" in str(found.warning)
    assert f"the interval ends at {bound - 1:.2f}" in str(found.warning)
    assert not held_against(bound - 9, bound, bound - 5, torus.rbm, 1e9).refuted


def test_an_approximation_warns_when_it_is_off_by_more_than_half_a_nat() -> None:
    rbm = random_rbm(0, 9, 4, 1.0)
    truth = oracle.log_z(rbm.W, rbm.b, rbm.c)
    for off, warns in ((0.4, False), (-0.4, False), (0.6, True), (-0.6, True)):
        found = held_against(-np.inf, np.inf, truth + off, rbm, 1e9)
        assert (found.warning is not None) == warns
        assert not found.refuted


def test_the_check_takes_no_random_number_of_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    rbm = random_rbm(0, 30, 24, 0.2)  # too many states to list
    method = rbmviz.AnnealedImportanceSampling(5, 6)
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    found = method.estimate(rng, rbm)
    assert found.log_z == method.unchecked(other, rbm).log_z
    assert rng.random() == other.random()
    monkeypatch.setattr(certain, "_SEED", 1)
    assert method.estimate(np.random.default_rng(0), rbm).log_z == found.log_z
