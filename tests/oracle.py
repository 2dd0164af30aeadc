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
