"""A second implementation of a small Boltzmann machine, in plain loops over joint states.

It shares no code with rbmviz: every quantity is a sum of exp(-E(v, h)) over states, with
E(v, h) = -b.v - c.h - v.R.v - v.W.h - h.S.h and each pair counted once.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from oracle import State, log_sum_exp, states

Phase = tuple[list[list[float]], list[list[float]], list[list[float]], list[float], list[float]]


def energy(machine: Any, v: State, h: State) -> float:
    e = 0.0
    for i in range(len(v)):
        e -= float(machine.b[i]) * v[i]
        for k in range(i + 1, len(v)):
            e -= float(machine.R[i][k]) * v[i] * v[k]
        for j in range(len(h)):
            e -= float(machine.W[i][j]) * v[i] * h[j]
    for j in range(len(h)):
        e -= float(machine.c[j]) * h[j]
        for k in range(j + 1, len(h)):
            e -= float(machine.S[j][k]) * h[j] * h[k]
    return e


def log_p_tilde(machine: Any, v: State) -> float:
    """log of the sum of exp(-E(v, h)) over h."""
    return log_sum_exp(-energy(machine, v, h) for h in states(len(machine.c)))


def log_z(machine: Any) -> float:
    """log of the sum of exp(-E) over all joint states."""
    return log_sum_exp(log_p_tilde(machine, v) for v in states(len(machine.b)))


def mean_log_likelihood(machine: Any, rows: Sequence[State]) -> float:
    total = log_z(machine)
    return math.fsum(log_p_tilde(machine, v) - total for v in rows) / len(rows)


def joint(machine: Any) -> list[tuple[float, list[int]]]:
    """The probability of every state of all units, the visible ones first."""
    total = log_z(machine)
    return [
        (math.exp(-energy(machine, v, h) - total), v + h)
        for v in states(len(machine.b))
        for h in states(len(machine.c))
    ]


def hidden_given(machine: Any, v: State) -> list[tuple[float, list[int]]]:
    """p(h | v) of every hidden state."""
    total = log_p_tilde(machine, v)
    return [(math.exp(-energy(machine, v, h) - total), h) for h in states(len(machine.c))]


def negative_phase(machine: Any) -> Phase:
    n = len(machine.b)
    return _expectations(((p, x[:n], x[n:]) for p, x in joint(machine)), n, len(machine.c))


def positive_phase(machine: Any, rows: Sequence[State]) -> Phase:
    weighted = ((p / len(rows), v, h) for v in rows for p, h in hidden_given(machine, v))
    return _expectations(weighted, len(machine.b), len(machine.c))


def _expectations(weighted: Iterable[tuple[float, State, State]], n: int, m: int) -> Phase:
    vv, vh, hh = (
        [[0.0] * n for _ in range(n)],
        [[0.0] * m for _ in range(n)],
        [[0.0] * m for _ in range(m)],
    )
    mean_v, mean_h = [0.0] * n, [0.0] * m
    for p, v, h in weighted:
        for i in range(n):
            mean_v[i] += p * v[i]
            for k in range(i + 1, n):
                vv[i][k] += p * v[i] * v[k]
            for j in range(m):
                vh[i][j] += p * v[i] * h[j]
        for j in range(m):
            mean_h[j] += p * h[j]
            for k in range(j + 1, m):
                hh[j][k] += p * h[j] * h[k]
    return vv, vh, hh, mean_v, mean_h


def bound(machine: Any, v: State, mu: State) -> float:
    """E_q[-E(v, h)] + H(q) for independent h_j of means mu: a sum over hidden states."""
    total = 0.0
    for h in states(len(mu)):
        q = 1.0
        for mean, on in zip(mu, h, strict=True):
            q *= float(mean) if on else 1.0 - float(mean)
        if q > 0:
            total += q * (-energy(machine, v, h) - math.log(q))
    return total
