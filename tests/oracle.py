"""A second implementation of a small RBM, in plain loops from E(v, h) alone.

It shares no code with rbmviz and uses no formula that sums a layer out: every quantity is a sum
over joint states of exp(-E(v, h)). Use it for models of about ten units together.
W, b, c and rows may be arrays or nested lists; results are floats and nested lists.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

State = Sequence[float]
Phase = tuple[list[list[float]], list[float], list[float]]


def states(n: int) -> list[list[int]]:
    """List every 0/1 vector of length n; bit k of the place in the list is unit k."""
    return [[(i >> k) & 1 for k in range(n)] for i in range(2**n)]


def energy(W: Any, b: Any, c: Any, v: State, h: State) -> float:
    """E(v, h) = -b.v - c.h - v.W.h."""
    e = 0.0
    for i in range(len(b)):
        e -= float(b[i]) * v[i]
    for j in range(len(c)):
        e -= float(c[j]) * h[j]
    for i in range(len(b)):
        for j in range(len(c)):
            e -= v[i] * float(W[i][j]) * h[j]
    return e


def log_sum_exp(terms: Iterable[float]) -> float:
    """log of a sum of exponentials, with the largest taken out."""
    kept = list(terms)
    top = max(kept)
    return top + math.log(math.fsum(math.exp(t - top) for t in kept))


def log_z(W: Any, b: Any, c: Any) -> float:
    """log of the sum of exp(-E) over all joint states."""
    return log_sum_exp(-energy(W, b, c, v, h) for v in states(len(b)) for h in states(len(c)))


def log_p_tilde(W: Any, b: Any, c: Any, v: State) -> float:
    """log of the sum of exp(-E(v, h)) over h: minus the free energy."""
    return log_sum_exp(-energy(W, b, c, v, h) for h in states(len(c)))


def probabilities(W: Any, b: Any, c: Any) -> list[float]:
    """p(v) of every visible state, in the order of `states`."""
    total = log_z(W, b, c)
    return [math.exp(log_p_tilde(W, b, c, v) - total) for v in states(len(b))]


def mean_log_likelihood(W: Any, b: Any, c: Any, rows: Sequence[State]) -> float:
    """Mean of log p(v) over rows."""
    total = log_z(W, b, c)
    return math.fsum(log_p_tilde(W, b, c, v) - total for v in rows) / len(rows)


def mean_h_given_v(W: Any, b: Any, c: Any, v: State) -> list[float]:
    """P(h_j = 1 | v), a ratio of sums over h."""
    return positive_phase(W, b, c, [v])[2]


def mean_v_given_h(W: Any, b: Any, c: Any, h: State) -> list[float]:
    """P(v_i = 1 | h), a ratio of sums over v."""
    total = log_sum_exp(-energy(W, b, c, v, h) for v in states(len(b)))
    weighted = ((math.exp(-energy(W, b, c, v, h) - total), v, h) for v in states(len(b)))
    return _expectations(weighted, len(b), len(c))[1]


def negative_phase(W: Any, b: Any, c: Any) -> Phase:
    """E[v h^T], E[v], E[h] under p(v, h) = exp(-E(v, h)) / Z."""
    total = log_z(W, b, c)
    weighted = (
        (math.exp(-energy(W, b, c, v, h) - total), v, h)
        for v in states(len(b))
        for h in states(len(c))
    )
    return _expectations(weighted, len(b), len(c))


def positive_phase(W: Any, b: Any, c: Any, rows: Sequence[State]) -> Phase:
    """E[v h^T], E[v], E[h] with v clamped to each row in turn and h ~ p(h | v)."""
    totals = [log_p_tilde(W, b, c, v) for v in rows]
    weighted = (
        (math.exp(-energy(W, b, c, v, h) - total) / len(rows), v, h)
        for v, total in zip(rows, totals, strict=True)
        for h in states(len(c))
    )
    return _expectations(weighted, len(b), len(c))


def _expectations(weighted: Iterable[tuple[float, State, State]], n: int, m: int) -> Phase:
    vh, mean_v, mean_h = [[0.0] * m for _ in range(n)], [0.0] * n, [0.0] * m
    for p, v, h in weighted:
        for i in range(n):
            mean_v[i] += p * v[i]
        for j in range(m):
            mean_h[j] += p * h[j]
        for i in range(n):
            for j in range(m):
                vh[i][j] += p * v[i] * h[j]
    return vh, mean_v, mean_h


def transposed(W: Any) -> list[list[float]]:
    """Exchange the layers' places in W."""
    return [[float(row[j]) for row in W] for j in range(len(W[0]))]


def hidden_given_visible(W: Any, b: Any, c: Any, v: State) -> list[float]:
    """p(h | v) of every hidden state, in the order of `states`."""
    total = log_p_tilde(W, b, c, v)
    return [math.exp(-energy(W, b, c, v, h) - total) for h in states(len(c))]


def gibbs_transition(W: Any, b: Any, c: Any) -> list[list[float]]:
    """T(v, v') = sum over h of p(h | v) p(v' | h): one step of block Gibbs sampling."""
    n, m = len(b), len(c)
    to_h = [hidden_given_visible(W, b, c, v) for v in states(n)]
    to_v = [hidden_given_visible(transposed(W), c, b, h) for h in states(m)]
    return [
        [math.fsum(row[y] * to_v[y][x] for y in range(2**m)) for x in range(2**n)] for row in to_h
    ]


def gibbs_paths(
    W: Any, b: Any, c: Any, v: State, n_steps: int
) -> list[tuple[float, list[int], list[int]]]:
    """List the probability, last v and last h of every path v, h1, v1, ..., hk, vk, h of CD-k."""
    all_v, all_h = states(len(b)), states(len(c))
    to_h = [hidden_given_visible(W, b, c, x) for x in all_v]
    to_v = [hidden_given_visible(transposed(W), c, b, y) for y in all_h]
    paths = [(1.0, all_v.index([int(x) for x in v]))]
    for _ in range(n_steps):
        half = [(p * to_h[i][y], y) for p, i in paths for y in range(len(all_h))]
        paths = [(p * to_v[y][i], i) for p, y in half for i in range(len(all_v))]
    return [(p * to_h[i][y], all_v[i], h) for p, i in paths for y, h in enumerate(all_h)]


def contrastive_divergence(W: Any, b: Any, c: Any, rows: Sequence[State], n_steps: int) -> Phase:
    """E[v h^T], E[v], E[h] at the end of CD-k from each row: a sum over all paths."""
    weighted = (
        (p / len(rows), v, h) for row in rows for p, v, h in gibbs_paths(W, b, c, row, n_steps)
    )
    return _expectations(weighted, len(b), len(c))


def mean_field_log_z(W: Any, b: Any, c: Any, m_v: State, m_h: State, order: int) -> float:
    """The expansion of log Z in W at given means, to first (naive) or second order (TAP)."""
    total = 0.0
    for m, bias in [*zip(m_v, b, strict=True), *zip(m_h, c, strict=True)]:
        total += float(bias) * m - m * math.log(m) - (1 - m) * math.log(1 - m)
    for i, x in enumerate(m_v):
        for j, y in enumerate(m_h):
            w = float(W[i][j])
            total += w * x * y
            if order == 2:
                total += 0.5 * w**2 * (x - x**2) * (y - y**2)
    return total


# The path from independent visible units with biases a to the model: weights, b and c times beta,
# and (1 - beta) a beside beta b


def on_path(W: Any, b: Any, c: Any, a: Any, beta: float) -> tuple[Any, list[float], list[float]]:
    """The parameters of the RBM at beta on the path."""
    return (
        [[beta * float(w) for w in row] for row in W],
        [(1 - beta) * float(x) + beta * float(y) for x, y in zip(a, b, strict=True)],
        [beta * float(x) for x in c],
    )


def path_slope(W: Any, b: Any, c: Any, a: Any, v: State, beta: float) -> float:
    """d log p*_beta(v) / d beta: the mean of -E(v, h) - a.v over h given v at this beta."""
    at = on_path(W, b, c, a, beta)
    given = zip(hidden_given_visible(*at, v), states(len(c)), strict=True)
    easy = math.fsum(float(x) * y for x, y in zip(a, v, strict=True))
    return math.fsum(p * (-energy(W, b, c, v, h) - easy) for p, h in given)


def ising_log_z(n_spins: int, bonds: Sequence[tuple[int, int]], coupling: float) -> float:
    """log of the sum of exp(K sum over bonds of s_i s_j) over spins of -1 and 1."""
    terms = []
    for x in states(n_spins):
        aligned = 0
        for i, j in bonds:
            aligned += 1 if x[i] == x[j] else -1
        terms.append(coupling * aligned)
    return log_sum_exp(terms)
