"""The exact transition operator of block Gibbs sampling against plain loops and closed forms.

What follows from it for contrastive divergence: test_expected_contrastive_divergence.py.
"""

import math

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import RBM, GibbsOperator, TooManyUnitsError, gibbs_operator
from rbmviz.core import gibbs_operator as module

SHAPES = [(4, 4), (3, 5), (5, 3), (1, 4), (4, 1), (1, 1)]


def random_rbm(n_visible: int, n_hidden: int, scale: float = 1.0, seed: int = 0) -> RBM:
    rng = np.random.default_rng([seed, n_visible, n_hidden])
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


def two_modes(n_visible: int, n_hidden: int, weight: float) -> RBM:
    """All units on, or all off."""
    W = np.full((n_visible, n_hidden), weight)
    return RBM(W, -W.sum(axis=1) / 2, -W.sum(axis=0) / 2)


def shorter_layer_first(rbm: RBM) -> tuple[object, object, object]:
    """W, b and c for the oracle, whose chains list the states of the first layer."""
    if rbm.n_hidden < rbm.n_visible:
        return oracle.transposed(rbm.W), rbm.c, rbm.b
    return rbm.W, rbm.b, rbm.c


def oracle_transition(rbm: RBM) -> np.ndarray:
    return np.array(oracle.gibbs_transition(*shorter_layer_first(rbm)))


@pytest.mark.parametrize("scale", [0.3, 2.0])
@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
def test_transitions_agree_with_plain_loops(n_visible: int, n_hidden: int, scale: float) -> None:
    rbm = random_rbm(n_visible, n_hidden, scale)
    operator = gibbs_operator(rbm)
    assert operator.on_hidden is (n_hidden < n_visible)
    np.testing.assert_allclose(operator.transition, oracle_transition(rbm), rtol=1e-11)
    np.testing.assert_allclose(operator.transition.sum(axis=1), 1.0, rtol=1e-14)
    p = np.array(oracle.probabilities(*shorter_layer_first(rbm)))
    np.testing.assert_allclose(operator.stationary, p, rtol=1e-11)
    flow = p[:, None] * operator.transition  # detailed balance
    np.testing.assert_allclose(flow, flow.T, rtol=1e-10)
    np.testing.assert_allclose(p @ operator.transition, p, rtol=1e-11)


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(3, 3), (2, 4), (4, 2), (1, 3), (1, 1)])
def test_following_statistics_agree_with_plain_loops(n_visible: int, n_hidden: int) -> None:
    """E[v h^T], E[v], E[h] one step after each state x, averaged over the paths of one step."""
    rbm = random_rbm(n_visible, n_hidden)
    given = (rbm.W, rbm.b, rbm.c)
    found = gibbs_operator(rbm).following
    states = oracle.states(min(n_visible, n_hidden))
    for x, row in zip(states, found, strict=True):
        if n_hidden < n_visible:  # x is h: half a step to v
            to_v = oracle.hidden_given_visible(oracle.transposed(rbm.W), rbm.c, rbm.b, x)
            after = zip(to_v, oracle.states(n_visible), strict=True)
            parts = [(p, *oracle.positive_phase(*given, [v])) for p, v in after]
            vh, v, h = (sum(p * np.array(q[i]) for p, *q in parts) for i in range(3))
        else:
            vh, v, h = oracle.contrastive_divergence(*given, [x], 1)
        np.testing.assert_allclose(row, np.concatenate([np.ravel(vh), v, h]), rtol=1e-11)


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(4, 4), (3, 5), (5, 3), (1, 4), (4, 1)])
def test_eigenvalues_are_those_of_the_plain_matrix(n_visible: int, n_hidden: int) -> None:
    """eigvals knows nothing of reversibility; it finds them real and in [0, 1]."""
    rbm = random_rbm(n_visible, n_hidden, 1.5)
    operator = gibbs_operator(rbm)
    wanted = np.linalg.eigvals(oracle_transition(rbm))
    assert np.abs(wanted.imag).max() < 1e-9
    np.testing.assert_allclose(operator.eigenvalues, np.sort(wanted.real)[::-1], atol=1e-9)
    assert operator.second_eigenvalue == operator.eigenvalues[1]


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(5, 3), (3, 5), (4, 4)])
def test_the_slowest_mode_decays_by_the_second_eigenvalue(n_visible: int, n_hidden: int) -> None:
    rbm = random_rbm(n_visible, n_hidden)
    operator = gibbs_operator(rbm)
    mode, p = operator.slowest_mode, np.array(oracle.probabilities(*shorter_layer_first(rbm)))
    after = oracle_transition(rbm) @ mode
    np.testing.assert_allclose(after, operator.second_eigenvalue * mode, atol=1e-9)
    assert p @ mode == pytest.approx(0, abs=1e-10)
    assert p @ mode**2 == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(5, 3), (3, 5)])
def test_the_slowest_mode_tells_two_modes_apart(n_visible: int, n_hidden: int) -> None:
    mode = gibbs_operator(two_modes(n_visible, n_hidden, 2.0)).slowest_mode
    n_on = np.array(oracle.states(min(n_visible, n_hidden))).sum(axis=1)
    side = np.sign(mode * mode[-1])  # 3 units: no state has as many on as off
    np.testing.assert_array_equal(side, np.where(n_on > 1.5, 1, -1))
    assert abs(mode[0]) == pytest.approx(abs(mode[-1]), abs=1e-9)  # the two mirror each other


@pytest.mark.parametrize(("units", "weight"), [(4, 6.0), (4, 20.0), (8, 4.0), (8, 20.0)])
def test_modes_that_are_never_left_are_told_apart(units: int, weight: float) -> None:
    """lambda_2 is 1 up to rounding, and yet its mode is not the constant one of lambda_1."""
    operator = gibbs_operator(two_modes(units, units, weight))
    assert operator.second_eigenvalue > 1 - 1e-8
    assert operator.stationary @ operator.slowest_mode == pytest.approx(0, abs=1e-6)
    one, other = sorted(operator.slowest_sides(), key=lambda side: side.mean_v[0])
    for side, on in ((one, 0), (other, 1)):
        assert side.probability == pytest.approx(0.5, abs=1e-3)
        np.testing.assert_allclose(side.mean_v, on, atol=1e-3)


@pytest.mark.parametrize("seed", range(6))  # of either sign: the eigenvector's is arbitrary
@pytest.mark.parametrize(("n_visible", "n_hidden"), [(4, 3), (3, 4)])
def test_the_two_sides_are_weighed_by_plain_loops(n_visible: int, n_hidden: int, seed: int) -> None:
    rbm = random_rbm(n_visible, n_hidden, 1.5, seed)
    operator = gibbs_operator(rbm)
    p = oracle.probabilities(*shorter_layer_first(rbm))
    states = oracle.states(min(n_visible, n_hidden))
    sides = []
    for on_side in (operator.slowest_mode > 0, operator.slowest_mode <= 0):
        probability, total_v = 0.0, np.zeros(n_visible)
        for x, p_x, is_there in zip(states, p, on_side, strict=True):
            if is_there:
                mean_v = x
                if n_hidden < n_visible:
                    mean_v = oracle.mean_v_given_h(rbm.W, rbm.b, rbm.c, x)
                probability += p_x
                total_v += p_x * np.array(mean_v)
        sides.append((probability, total_v / probability))
    sides.sort(key=lambda side: -side[0])
    for found, (probability, mean_v) in zip(operator.slowest_sides(), sides, strict=True):
        assert found.probability == pytest.approx(probability, abs=1e-12)
        np.testing.assert_allclose(found.mean_v, mean_v, atol=1e-12)
    assert sides[0][0] > sides[1][0] > 0


# Closed forms


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
def test_independent_units_are_drawn_anew_each_step(n_visible: int, n_hidden: int) -> None:
    like = random_rbm(n_visible, n_hidden)
    operator = gibbs_operator(RBM(0 * like.W, like.b, like.c))
    assert operator.eigenvalues[0] == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(operator.eigenvalues[1:], 0, atol=1e-12)
    assert operator.mixing_time(1e-6) == 1
    rows = np.tile(operator.stationary, (len(operator.stationary), 1))
    np.testing.assert_allclose(operator.transition, rows, rtol=1e-12)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def two_state_chain(w: float, b: float, c: float) -> tuple[float, float]:
    """lambda_2 and max p of 1 x 1 units: the difference that v makes to h, times that of h to v."""
    eigenvalue = (logistic(c + w) - logistic(c)) * (logistic(b + w) - logistic(b))
    off, on = 1 + math.exp(c), math.exp(b) * (1 + math.exp(c + w))
    return eigenvalue, max(off, on) / (off + on)


@pytest.mark.parametrize(
    ("w", "b", "c"), [(1.0, 0.3, -0.2), (-2.0, 0.5, 1.0), (8.0, -4.0, -4.1), (20.0, -10.0, -10.0)]
)
def test_two_states_have_a_closed_form(w: float, b: float, c: float) -> None:
    """The total variation of two states is max p times lambda_2^k."""
    eigenvalue, top = two_state_chain(w, b, c)
    operator = gibbs_operator(RBM([[w]], [b], [c]))
    assert operator.second_eigenvalue == pytest.approx(eigenvalue, abs=1e-13)
    for distance in (0.25, 0.05, 1e-4):
        steps = math.ceil(math.log(distance / top) / math.log(eigenvalue))
        assert operator.mixing_time(distance) == max(steps, 1)


def test_millions_of_steps_are_counted_and_billions_given_up() -> None:
    """tanh(w / 4)^2 is lambda_2 of the symmetric pair; its distance is half lambda_2^k."""
    slow = gibbs_operator(RBM([[36.0]], [-18.0], [-18.0]))
    steps = math.log(0.5) / math.log1p(-1 / math.cosh(9.0) ** 2)  # tanh^2 = 1 - 1 / cosh^2
    assert slow.mixing_time() == pytest.approx(steps, rel=1e-6)
    assert steps > 1e6
    assert gibbs_operator(RBM([[60.0]], [-30.0], [-30.0])).mixing_time() is None


@pytest.mark.parametrize("distance", [0.4, 0.25, 0.01, 1e-6])
@pytest.mark.parametrize(
    "rbm",
    [
        random_rbm(4, 4, 0.3),
        random_rbm(5, 3, 1.5),
        random_rbm(3, 5, 3.0),
        two_modes(3, 4, 2.0),
        two_modes(5, 3, 3.0),
    ],
    ids=lambda rbm: f"{rbm.n_visible}x{rbm.n_hidden}",
)
def test_mixing_times_are_found_by_stepping(rbm: RBM, distance: float) -> None:
    transition = oracle_transition(rbm)
    p = np.array(oracle.probabilities(*shorter_layer_first(rbm)))
    steps, power = 1, transition
    while 0.5 * np.abs(power - p).sum(axis=1).max() > distance:
        steps, power = steps + 1, power @ transition
    assert gibbs_operator(rbm).mixing_time(distance) == steps


@pytest.mark.parametrize("distance", [0.0, -1.0, 1.5, float("nan")])
def test_a_distance_is_a_share(distance: float) -> None:
    with pytest.raises(rbmviz.InputError, match="distance is"):
        gibbs_operator(random_rbm(2, 2)).mixing_time(distance)


# Cost, cancelling, extreme weights


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(2, 6), (6, 2)])
def test_many_blocks_agree_with_one(
    n_visible: int, n_hidden: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rbm = random_rbm(n_visible, n_hidden)
    monkeypatch.setattr(module, "_LOW_BITS", 2)
    shares: list[float] = []
    operator = gibbs_operator(rbm, progress=shares.append)
    assert shares == [k / 16 for k in range(16)]
    np.testing.assert_allclose(operator.transition, oracle_transition(rbm), rtol=1e-11)
    rows = [[1, 0, 1, 0, 1, 0][:n_visible]]
    expected = operator.expected_contrastive_divergence(rows, 1)[0]
    by_paths = oracle.contrastive_divergence(rbm.W, rbm.b, rbm.c, rows, 1)
    for found, wanted in zip((expected.vh, expected.v, expected.h), by_paths, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11)
    deviation = operator.contrastive_divergence_deviation(rows, 1).flat()
    monkeypatch.undo()
    in_one = gibbs_operator(rbm).contrastive_divergence_deviation(rows, 1).flat()
    np.testing.assert_allclose(deviation, in_one, atol=1e-9)


def test_progress_can_cancel() -> None:
    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gibbs_operator(random_rbm(3, 3), progress=cancel)
    operator = gibbs_operator(random_rbm(4, 3))
    with pytest.raises(KeyboardInterrupt):
        operator.prepare_deviations(cancel)
    operator.prepare_deviations()
    operator.prepare_deviations(cancel)  # once is enough


@pytest.mark.parametrize("scale", [50.0, 200.0])
@pytest.mark.parametrize(("n_visible", "n_hidden"), [(6, 4), (4, 6), (5, 5)])
def test_huge_weights_stay_finite_and_stochastic(
    n_visible: int, n_hidden: int, scale: float
) -> None:
    rbm = random_rbm(n_visible, n_hidden, scale)
    operator = gibbs_operator(rbm)
    rows = np.eye(n_visible)
    assert (operator.transition >= 0).all()
    np.testing.assert_allclose(operator.transition.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(operator.transition, oracle_transition(rbm), atol=1e-9)
    assert ((operator.eigenvalues >= 0) & (operator.eigenvalues <= 1)).all()
    assert np.isfinite(operator.slowest_mode).all()
    assert operator.visible_probabilities_after(rows, 3).sum() == pytest.approx(1, abs=1e-12)
    for phase in (
        *operator.expected_contrastive_divergence(rows, 3),
        operator.contrastive_divergence_deviation(rows, 3),
    ):
        assert ((phase.flat() >= 0) & (phase.flat() <= 1 + 1e-12)).all()
    time = operator.mixing_time()
    assert time is None or time >= 1


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(11, 11), (11, 20), (10, 30), (784, 10)])
def test_too_many_units_are_refused_with_cost_and_limit(n_visible: int, n_hidden: int) -> None:
    rbm = RBM(np.zeros((n_visible, n_hidden)), np.zeros(n_visible), np.zeros(n_hidden))
    match = rf"{n_visible} x {n_hidden} units .* CPU seconds; the limits are 10 units .* 20 s\."
    with pytest.raises(TooManyUnitsError, match=match):
        gibbs_operator(rbm)


def test_visible_states_beyond_16_units_are_not_listed() -> None:
    operator = GibbsOperator(
        RBM(np.zeros((17, 1)), np.zeros(17), [0.0]), np.eye(2), np.ones(2) / 2, np.zeros((2, 35))
    )
    with pytest.raises(TooManyUnitsError, match=r"17 visible units .* limit is 16"):
        operator.visible_probabilities_after(np.zeros((1, 17)), 1)
