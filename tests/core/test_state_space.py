"""Neighbours, modes, pushes and real steps of all states, against plain loops over every state."""

import math

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbmviz
from rbmviz.core.errors import InputError, TooManyUnitsError


def number(v):
    return sum(int(bit) << k for k, bit in enumerate(v))


def distance(one, other):
    return sum(a != b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_single_flips_are_the_states_at_distance_one(n):
    flips = rbmviz.single_flips(n)
    states = oracle.states(n)
    assert flips.shape == (2**n, n)
    for i, v in enumerate(states):
        assert set(flips[i]) == {j for j, w in enumerate(states) if distance(v, w) == 1}
        assert [v[k] != states[flips[i, k]][k] for k in range(n)] == [True] * n


@pytest.mark.parametrize("n", range(1, 13))
def test_neighbours_on_the_grid_differ_in_one_unit_around_the_edges_too(n):
    grid = rbmviz.gray_layout(n)
    assert grid.shape == (2 ** math.ceil(n / 2), 2 ** (n // 2))
    assert sorted(grid.ravel()) == list(range(2**n))
    for axis in (0, 1):
        if grid.shape[axis] > 1:
            changed = grid ^ np.roll(grid, 1, axis)
            assert all(int(x).bit_count() == 1 for x in changed.ravel())


def test_rows_in_plain_order_would_be_no_such_grid():
    plain = np.arange(16).reshape(4, 4)
    changed = plain ^ np.roll(plain, 1, 0)
    assert any(int(x).bit_count() != 1 for x in changed.ravel())


def modes_by_loops(p):
    """Flood every plateau of equal p; a mode when no state beside it is higher."""
    n = int(math.log2(len(p)))
    found, seen = [], set()
    for first in range(len(p)):
        if first in seen:
            continue
        plateau, border, todo = {first}, set(), [first]
        while todo:
            state = todo.pop()
            for k in range(n):
                other = state ^ (1 << k)
                if p[other] == p[state] and other not in plateau:
                    plateau.add(other)
                    todo.append(other)
                elif p[other] != p[state]:
                    border.add(other)
        seen |= plateau
        if border and all(p[other] < p[first] for other in border):
            found.append(min(plateau))
    return found


@given(st.integers(1, 5), st.data())
def test_modes_and_plateaus_are_those_of_plain_loops(n, data):
    heights = data.draw(st.lists(st.integers(0, 3), min_size=2**n, max_size=2**n))
    assert rbmviz.local_modes([float(h) for h in heights]).tolist() == modes_by_loops(heights)


def test_rounding_makes_no_mode():
    rng = np.random.default_rng(0)
    assert rbmviz.local_modes(1e-13 * rng.normal(size=64)).tolist() == []
    assert rbmviz.local_modes(1e-3 * rng.normal(size=64)).size > 0  # but a real difference does


def test_a_spurious_mode_is_a_mode_that_the_data_never_showed():
    p = np.array([0.3, 0.05, 0.05, 0.2, 0.1, 0.05, 0.05, 0.2])  # 000; 110 and 111 as a plateau
    assert rbmviz.local_modes(np.log(p)).tolist() == [0, 3]
    nothing = np.zeros(8)
    seen = lambda *states: np.isin(np.arange(8), states) / len(states)  # noqa: E731
    find = rbmviz.spurious_modes
    assert find(np.log(p), seen(0)).states.tolist() == [3]
    assert find(np.log(p), seen(7)).states.tolist() == [0]  # the plateau's other state is data
    assert find(np.log(p), nothing).states.tolist() == [0, 3]  # the most probable first
    assert find(np.log(p), nothing, least=0.25).states.tolist() == [0]
    found = find(np.log(p), seen(0, 1))
    assert found.mass_outside == pytest.approx(0.65)
    assert found.p == pytest.approx([0.2])
    assert found.modes.tolist() == [0, 3]


def test_frequencies_count_rows():
    rows = np.random.default_rng(1).integers(0, 2, (40, 3)).astype(float)
    counted = [0.0] * 8
    for row in rows:
        counted[number(row)] += 1 / 40
    assert rbmviz.state_frequencies(rows, 3) == pytest.approx(counted)


def small_model(seed, n_visible=4, n_hidden=3, scale=1.0):
    rng = np.random.default_rng(seed)
    W, b, c = (rng.normal(0, scale, s) for s in ((n_visible, n_hidden), n_visible, n_hidden))
    return rbmviz.RBM(W, b, c)


@pytest.mark.parametrize("rbm", [small_model(0), small_model(1, scale=50), small_model(2, scale=0)])
def test_log_p_tilde_of_states_is_a_sum_over_hidden_states(rbm):
    expected = [oracle.log_p_tilde(rbm.W, rbm.b, rbm.c, v) for v in oracle.states(4)]
    assert rbmviz.log_p_tilde_of_states(rbm) == pytest.approx(expected, abs=1e-9)


def mean_log_likelihood(log_p_tilde, p_data):
    log_z = oracle.log_sum_exp(log_p_tilde)
    return math.fsum(p * (x - log_z) for p, x in zip(p_data, log_p_tilde, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_the_pushes_are_the_gradient_when_each_log_p_tilde_moves_freely(seed):
    rng = np.random.default_rng(seed)
    log_p_tilde = rng.normal(0, 3, 16).tolist()
    p_data = rng.dirichlet(np.full(16, 0.3))
    total = oracle.log_sum_exp(log_p_tilde)
    p_model = np.array([math.exp(x - total) for x in log_p_tilde])
    push = rbmviz.push_of_both_phases(p_data, p_model)
    for state in range(16):
        up, down = list(log_p_tilde), list(log_p_tilde)
        up[state] += 1e-5
        down[state] -= 1e-5
        slope = (mean_log_likelihood(up, p_data) - mean_log_likelihood(down, p_data)) / 2e-5
        assert push[state] == pytest.approx(slope, abs=1e-8)
    assert push.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("method", [rbmviz.ExactEnumeration(), rbmviz.ContrastiveDivergence()])
def test_the_change_is_what_the_real_step_did(method):
    v = rbmviz.load_dataset("XOR").v
    settings = rbmviz.TrainingSettings(2, method, learning_rate=0.7, initial_scale=1.0)
    before = rbmviz.start(settings, v)
    after = rbmviz.train_step(before)
    snapshot = rbmviz.take_states_snapshot(before, after)

    def known(rbm):
        return [oracle.log_p_tilde(rbm.W, rbm.b, rbm.c, v) for v in oracle.states(3)]

    old, new = known(before.rbm), known(after.rbm)
    assert snapshot.change == pytest.approx(np.subtract(new, old), abs=1e-12)
    change_of_log_z = oracle.log_sum_exp(new) - oracle.log_sum_exp(old)
    assert snapshot.change_of_log_z == pytest.approx(change_of_log_z, abs=1e-12)
    assert snapshot.log_p_tilde == pytest.approx(old)
    expected = oracle.probabilities(before.rbm.W, before.rbm.b, before.rbm.c)
    assert snapshot.p_model == pytest.approx(expected)
    assert snapshot.p_data == pytest.approx(rbmviz.state_frequencies(v, 3))
    assert snapshot.mean_log_likelihood == pytest.approx(
        oracle.mean_log_likelihood(before.rbm.W, before.rbm.b, before.rbm.c, v)
    )
    samples = after.last.negative.samples
    assert snapshot.n_samples == len(samples)
    assert snapshot.frequency[5] == pytest.approx(np.mean([number(x) == 5 for x in samples]))


def test_to_first_order_a_step_moves_log_p_tilde_by_the_shared_gradient():
    """d log p~(v) / d parameters is v E[h|v], v, E[h|v]: a push on one state moves the others."""
    v = rbmviz.load_dataset("parity 4").v
    rate = 1e-5
    settings = rbmviz.TrainingSettings(
        3, rbmviz.ExactEnumeration(), learning_rate=rate, initial_scale=1.0
    )
    before = rbmviz.start(settings, v)
    rbm = before.rbm
    change, _ = rbmviz.change_by_step(rbm, rbmviz.train_step(before).rbm)
    negative, _ = rbmviz.exact_negative_phase(rbm)
    ascent = rbmviz.gradient(rbmviz.positive_phase(rbm, v), negative).flat()
    for state, row in enumerate(oracle.states(4)):
        h = oracle.mean_h_given_v(rbm.W, rbm.b, rbm.c, row)
        slope = np.concatenate([np.outer(row, h).ravel(), row, h])
        assert change[state] == pytest.approx(rate * slope @ ascent, rel=1e-3, abs=1e-10)


def test_means_of_units_are_no_states():
    v = rbmviz.load_dataset("XOR").v
    state = rbmviz.start(rbmviz.TrainingSettings(2, rbmviz.MeanField(order=2)), v)
    snapshot = rbmviz.take_states_snapshot(state, rbmviz.train_step(state))
    assert (snapshot.frequency, snapshot.n_samples) == (None, 0)


def test_a_flat_model_has_no_modes_and_a_saturated_one_has_finite_numbers():
    v = rbmviz.load_dataset("bars-and-stripes 3x3").v
    for scale in (0.0, 50.0):
        settings = rbmviz.TrainingSettings(4, rbmviz.ContrastiveDivergence(), initial_scale=scale)
        state = rbmviz.start(settings, v)
        snapshot = rbmviz.take_states_snapshot(state, rbmviz.train_step(state))
        assert np.isfinite(snapshot.log_p).all()
        assert snapshot.p_model.sum() == pytest.approx(1)
        assert (snapshot.spurious.modes.size > 0) == (scale > 0)
        inside = snapshot.p_model[snapshot.p_data > 0].sum()
        assert snapshot.spurious.mass_outside == pytest.approx(1 - inside, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: rbmviz.single_flips(0), InputError, "n_units"),
        (lambda: rbmviz.gray_layout(21), InputError, "20"),
        (lambda: rbmviz.local_modes([1.0, 2.0, 3.0]), InputError, "2\\*\\*n"),
        (lambda: rbmviz.local_modes([1.0]), InputError, "2\\*\\*n"),
        (lambda: rbmviz.spurious_modes([0.0, 1.0], [1.0, 0, 0, 0]), InputError, "p_data 4"),
        (lambda: rbmviz.spurious_modes([0.0, 1.0], [1.0, 0], least=-1), InputError, "least"),
        (lambda: rbmviz.state_frequencies([[0.5, 1]], 2), InputError, "threshold"),
        (
            lambda: rbmviz.change_by_step(small_model(0), small_model(0, n_visible=3)),
            InputError,
            "same model",
        ),
        (
            lambda: rbmviz.log_p_tilde_of_states(
                rbmviz.RBM.random(np.random.default_rng(0), 21, 1)
            ),
            TooManyUnitsError,
            "limit is 20",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_snapshot_wants_the_very_next_step():
    state = rbmviz.start(
        rbmviz.TrainingSettings(2, rbmviz.ContrastiveDivergence()), rbmviz.load_dataset("XOR").v
    )
    with pytest.raises(InputError, match="train_step"):
        rbmviz.take_states_snapshot(state, rbmviz.train(state, 2))
