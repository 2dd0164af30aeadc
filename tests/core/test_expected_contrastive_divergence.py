"""What CD-k finds on average and how much it scatters, without a sample: from the Gibbs operator.

The truth is the sum over all paths of a chain in plain loops; and CD-k itself, sampled.
"""

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import RBM, ContrastiveDivergence, InputError, gibbs_operator
from rbmviz.core.errors import FloatArray

N_REPEATS = 5000
# The largest of some 116 statistics: a right value exceeds this once in 15,000 seeds.
K_STANDARD_ERRORS = 5.0


def random_rbm(n_visible: int, n_hidden: int, scale: float = 1.0) -> RBM:
    rng = np.random.default_rng([n_visible, n_hidden])
    return RBM(
        rng.normal(0, scale, (n_visible, n_hidden)),
        rng.normal(0, scale, n_visible),
        rng.normal(0, scale, n_hidden),
    )


def flat(phase: oracle.Phase) -> FloatArray:
    return np.concatenate([np.ravel(part) for part in phase])


TINY = [(3, 2), (1, 3), (2, 2)]  # at most 32 pairs of states: 32**3 paths of three steps


@pytest.mark.parametrize(("n_visible", "n_hidden"), TINY)
def test_the_mean_is_the_sum_over_all_paths(n_visible: int, n_hidden: int) -> None:
    rbm = random_rbm(n_visible, n_hidden)
    rows = [[0, 1, 0][:n_visible], [1, 1, 1][:n_visible]]
    found = gibbs_operator(rbm).expected_contrastive_divergence(rows, 3)
    assert len(found) == 3
    for n_steps, phase in enumerate(found, start=1):
        wanted = oracle.contrastive_divergence(rbm.W, rbm.b, rbm.c, rows, n_steps)
        np.testing.assert_allclose(phase.flat(), flat(wanted), rtol=1e-11)


@pytest.mark.parametrize(("n_visible", "n_hidden"), TINY)
@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_where_chains_end_is_the_sum_over_all_paths(
    n_visible: int, n_hidden: int, n_steps: int
) -> None:
    rbm = random_rbm(n_visible, n_hidden)
    rows = [[0, 1, 0][:n_visible], [1, 1, 1][:n_visible]]
    all_v = oracle.states(n_visible)
    wanted = np.zeros(2**n_visible)
    for row in rows:
        for p, v, _ in oracle.gibbs_paths(rbm.W, rbm.b, rbm.c, row, n_steps):
            wanted[all_v.index(v)] += p / len(rows)
    found = gibbs_operator(rbm).visible_probabilities_after(rows, n_steps)
    np.testing.assert_allclose(found, wanted, rtol=1e-11)
    assert found.sum() == pytest.approx(1, abs=1e-13)


@pytest.mark.parametrize(("n_visible", "n_hidden"), TINY)
@pytest.mark.parametrize("n_steps", [1, 2])
def test_the_deviation_is_a_sum_over_all_paths(n_visible: int, n_hidden: int, n_steps: int) -> None:
    """Variances of v E[h | v]^T, v and E[h | v] at the end of each row's chain; rows are added."""
    rbm = random_rbm(n_visible, n_hidden)
    given = (rbm.W, rbm.b, rbm.c)
    rows = [[0, 1, 0][:n_visible], [1, 1, 1][:n_visible], [1, 1, 1][:n_visible]]
    variance = np.zeros(n_visible * n_hidden + n_visible + n_hidden)
    for row in rows:
        ends = [
            (p, flat(oracle.positive_phase(*given, [v]))) for p, v in last_rows(rbm, row, n_steps)
        ]
        mean = sum(p * x for p, x in ends)
        variance += sum(p * (x - mean) ** 2 for p, x in ends) / len(rows) ** 2
    found = gibbs_operator(rbm).contrastive_divergence_deviation(rows, n_steps)
    np.testing.assert_allclose(found.flat(), np.sqrt(variance), atol=1e-9)


def last_rows(rbm: RBM, row: list[int], n_steps: int) -> list[tuple[float, list[int]]]:
    """The probability of each last v, its paths added up."""
    p_of: dict[tuple[int, ...], float] = {}
    for p, v, _ in oracle.gibbs_paths(rbm.W, rbm.b, rbm.c, row, n_steps):
        p_of[tuple(v)] = p_of.get(tuple(v), 0.0) + p
    return [(p, list(v)) for v, p in p_of.items()]


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(5, 3), (3, 5), (4, 4)])
def test_long_chains_reach_the_exact_phase(n_visible: int, n_hidden: int) -> None:
    rbm = random_rbm(n_visible, n_hidden, 0.7)
    operator = gibbs_operator(rbm)
    rows = np.ones((2, n_visible))
    reached = operator.expected_contrastive_divergence(rows, 300)
    wanted = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
    np.testing.assert_allclose(reached[-1].flat(), wanted, atol=1e-11)
    assert np.abs(reached[0].flat() - wanted).max() > 0.01
    p = oracle.probabilities(rbm.W, rbm.b, rbm.c)
    np.testing.assert_allclose(operator.visible_probabilities_after(rows, 300), p, atol=1e-11)


def test_the_error_shrinks_by_the_second_eigenvalue_in_the_end() -> None:
    rbm = random_rbm(5, 3, 1.0)
    operator = gibbs_operator(rbm)
    exact = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
    reached = operator.expected_contrastive_divergence(np.zeros((1, 5)), 16)
    errors = [np.linalg.norm(phase.flat() - exact) for phase in reached]
    assert errors[15] / errors[14] == pytest.approx(operator.second_eigenvalue, rel=1e-3)
    assert errors[15] > 1e-9  # well above rounding


def test_the_bias_from_rows_as_frequent_as_in_the_model_is_zero() -> None:
    rbm = random_rbm(3, 2)
    operator = gibbs_operator(rbm)
    p = oracle.probabilities(rbm.W, rbm.b, rbm.c)
    by_state = [operator.expected_contrastive_divergence([v], 1)[0] for v in oracle.states(3)]
    mixed = sum(p_v * phase.flat() for p_v, phase in zip(p, by_state, strict=True))
    wanted = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
    np.testing.assert_allclose(mixed, wanted, rtol=1e-11)


def test_exact_bias_is_the_sum_over_paths_less_the_exact_phase() -> None:
    rbm, rows = random_rbm(3, 2), [[0, 1, 0], [1, 1, 1]]
    found = rbmviz.exact_bias_and_noise(rbmviz.gibbs_operator(rbm), rows, 2)
    mean = flat(oracle.contrastive_divergence(rbm.W, rbm.b, rbm.c, rows, 2))
    exact = flat(oracle.negative_phase(rbm.W, rbm.b, rbm.c))
    np.testing.assert_allclose(found.mean.flat(), mean, atol=1e-12)
    np.testing.assert_allclose(found.bias.flat(), mean - exact, atol=1e-12)
    assert found.bias_norm == pytest.approx(np.linalg.norm(mean - exact), abs=1e-12)
    assert found.bias_floor == 0
    positive = flat(oracle.positive_phase(rbm.W, rbm.b, rbm.c, rows))
    u, w = positive - mean, positive - exact
    cosine = u @ w / np.linalg.norm(u) / np.linalg.norm(w)
    assert found.angle_of_mean == pytest.approx(np.degrees(np.arccos(cosine)), abs=1e-9)
    wrong = [(a > 0) != (b > 0) for a, b in zip(u[:6], w[:6], strict=True)]
    assert found.wrong_signs_of_mean == sum(wrong) / 6


# CD-k itself, sampled


def sampled(rbm: RBM, rows: FloatArray, n_steps: int) -> FloatArray:
    """The statistics of independent estimates, one a row: a chain from each data row."""
    rng = np.random.default_rng(n_steps)
    _, end = ContrastiveDivergence(n_steps).step(rng, None, rbm, np.tile(rows, (N_REPEATS, 1)))
    v = end.samples.reshape(N_REPEATS, len(rows), -1)
    h = 1 / (1 + np.exp(-(v @ rbm.W + rbm.c)))
    vh = np.einsum("rni,rnj->rij", v, h) / len(rows)
    return np.hstack([vh.reshape(N_REPEATS, -1), v.mean(axis=1), h.mean(axis=1)])


def data_rows(n_visible: int) -> FloatArray:
    return (np.random.default_rng(5).random((6, n_visible)) < 0.3).astype(float)


SAMPLED = [(12, 8), (7, 9)]


@pytest.mark.parametrize(("n_visible", "n_hidden"), SAMPLED)
@pytest.mark.parametrize("n_steps", [1, 3])
def test_sampled_estimates_have_the_expected_mean(
    n_visible: int, n_hidden: int, n_steps: int
) -> None:
    rbm, rows = random_rbm(n_visible, n_hidden, 1.2), data_rows(n_visible)
    expected = gibbs_operator(rbm).expected_contrastive_divergence(rows, n_steps)[-1].flat()

    def distance(estimates: FloatArray) -> float:
        se = estimates.std(axis=0, ddof=1) / np.sqrt(N_REPEATS)
        return float((np.abs(estimates.mean(axis=0) - expected) / se).max())

    assert distance(sampled(rbm, rows, n_steps)) < K_STANDARD_ERRORS
    # one step more, or other rows, must not pass
    assert distance(sampled(rbm, rows, n_steps + 1)) > 2 * K_STANDARD_ERRORS
    assert distance(sampled(rbm, 1 - rows, n_steps)) > 2 * K_STANDARD_ERRORS


@pytest.mark.parametrize(("n_visible", "n_hidden"), SAMPLED)
@pytest.mark.parametrize("n_steps", [1, 3])
def test_sampled_estimates_have_the_expected_deviation(
    n_visible: int, n_hidden: int, n_steps: int
) -> None:
    rbm, rows = random_rbm(n_visible, n_hidden, 1.2), data_rows(n_visible)
    expected = gibbs_operator(rbm).contrastive_divergence_deviation(rows, n_steps).flat()

    def distance(estimates: FloatArray) -> float:
        squares = (estimates - estimates.mean(axis=0)) ** 2
        se = squares.std(axis=0, ddof=1) / np.sqrt(N_REPEATS)  # of the variance
        return float((np.abs(squares.mean(axis=0) - expected**2) / se).max())

    assert distance(sampled(rbm, rows, n_steps)) < K_STANDARD_ERRORS
    # the scatter of fewer chains must not pass
    assert distance(sampled(rbm, rows[1:], n_steps)) > 2 * K_STANDARD_ERRORS


# What is refused


def test_grey_rows_and_wrong_counts_are_refused() -> None:
    operator = gibbs_operator(random_rbm(3, 2))
    grey = [[0.0, 0.5, 1.0]]
    for call in (
        operator.expected_contrastive_divergence,
        operator.contrastive_divergence_deviation,
        operator.visible_probabilities_after,
    ):
        with pytest.raises(InputError, match=r"v_batch\[0, 1\] is 0.5; units must be 0 or 1"):
            call(grey, 1)
        with pytest.raises(InputError, match="2 columns; the model has 3"):
            call([[0, 1]], 1)
        with pytest.raises(InputError, match="steps is 0; it must be at least 1"):
            call([[0, 1, 1]], 0)
