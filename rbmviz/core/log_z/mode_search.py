"""A lower bound on log Z that rests on no sample: a sum over the modes that a search has found.

With the longer layer summed out, p~ of a state s of the shorter one is exact, and for any set S of
distinct states

    log Z >= log sum_{s in S} p~(s),    log p~(s) = a.s + sum_i softplus(d_i + M_i.s)

(a, d: biases of the shorter and the longer layer). An effective sample size says nothing of a mode
that no chain has met; this bound does. The search climbs twice. log p~ is convex in s, thus above
its tangent plane, so that the 0/1 state at which the plane is highest has at least p~(s): the
concave-convex procedure of Yuille & Rangarajan (2003), two products a step. Then single units are
flipped until no flip helps, and the neighbours one flip away are counted as well.

Random are the starts, the order of flips and the keys by which states are told apart. None of them
can make the bound wrong, only low.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rbmviz.core.errors import FloatArray, as_rows, check_count, check_rng
from rbmviz.core.rbm import RBM, log_p_tilde_unchecked, sigmoid_in_place, softplus_in_place

N_STARTS = 300
MOST_TERMS = 20_000_000  # softplus of the flips by default: some 0.3 CPU seconds
MOST_CLIMBS = 50  # steps up the tangent planes
MOST_SWEEPS = 20  # of flips over all units


@dataclass(frozen=True, eq=False)
class Modes:
    """Hold the modes that a search has found, the most probable first."""

    states: FloatArray  # (n, units of the shorter layer) of 0/1, distinct; no flip makes p~ larger
    log_p_tilde: FloatArray  # (n,) nats, exact: the longer layer summed out
    lower_bound: float  # log of the sum of p~ over these and their neighbours, nats; log Z >= this


def search_modes(
    rng: np.random.Generator,
    rbm: RBM,
    v_data: ArrayLike | None = None,
    n_starts: int = N_STARTS,
    max_terms: int = MOST_TERMS,
) -> Modes:
    """Search the modes of p~(s), s the state of the shorter layer: log Z >= log sum of their p~.

    Args:
        n_starts: random states that the search climbs from.
        v_data: (n, n_visible) rows in [0, 1]; as many of them are further starts.
        max_terms: limit on units * units * states that the flips may look at: the best states go
            on, at least two. The default takes 0.3 CPU seconds, small models hardly any.

    Returns:
        The modes and the bound, which is certain: no sampling is behind it, and its rounding is
        taken off.

    >>> rbm = RBM(W=[[0.0]], b=[0.0], c=[np.log(3.0)])  # p~(h) = 2 * 3**h: Z = 2 + 6
    >>> found = search_modes(np.random.default_rng(0), rbm)
    >>> found.states, round(float(np.exp(found.lower_bound)), 6)  # one mode and its neighbour
    (array([[1.]]), 8.0)
    """
    check_rng(rng)
    check_count("n_starts", n_starts)
    check_count("max_terms", max_terms)
    rows = None if v_data is None else as_rows("v_data", v_data, rbm.n_visible)
    shorter_is_visible = rbm.n_visible < rbm.n_hidden
    short = rbm if shorter_is_visible else rbm.swapped  # its "visible" layer is the shorter one
    n_short, n_long = short.n_visible, short.n_hidden
    s = (rng.random((n_starts, n_short)) < 0.5).astype(np.float64)
    if rows is not None:
        rows = rows[rng.permutation(len(rows))[:n_starts]]
        mean = rows if shorter_is_visible else rows @ rbm.W + rbm.c
        s = np.vstack([s, mean > (0.5 if shorter_is_visible else 0.0)])
    keys = rng.integers(0, 2**64, n_short, dtype=np.uint64)
    with np.errstate(over="ignore", under="ignore"):  # exp may reach inf, which gives the right 0
        s, log_p = _best_first(short, _climb(short, s), keys)
        n_kept = max(2, max_terms // (3 * n_short * n_long))  # about three sweeps each
        s, log_p = _best_first(short, _flip(rng, short, s[:n_kept]), keys)
        everyone = _with_neighbours(short, s, log_p, keys)
        bound = float(np.logaddexp.reduce(everyone))
    return Modes(s, log_p, bound - rounding_of(rbm))


def rounding_of(rbm: RBM) -> float:
    """Bound the rounding error of log p~ of any state and of a log-sum of them, in nats.

    A sum of n terms is off by at most n eps times the sum of their sizes.
    """
    size = sum(float(np.abs(array).sum()) for array in (rbm.W, rbm.b, rbm.c))
    n_units = rbm.n_visible + rbm.n_hidden
    return 4.0 * float(np.finfo(np.float64).eps) * n_units * (size + n_units)


def _climb(short: RBM, s: FloatArray) -> FloatArray:
    """Move each state to the top of its tangent plane until none moves."""
    s = s.copy()
    moving = np.arange(len(s))
    for _ in range(MOST_CLIMBS):
        before = s[moving]
        x = before @ short.W
        x += short.c
        slope = sigmoid_in_place(x) @ short.W.T
        slope += short.b
        s[moving] = slope > 0.0
        moving = moving[(s[moving] != before).any(axis=1)]
        if not moving.size:
            break
    return s


def _flip(rng: np.random.Generator, short: RBM, s: FloatArray) -> FloatArray:
    """Flip single units while that makes p~ larger: (n, n_short)."""
    s = s.copy()
    x = s @ short.W + short.c
    at = softplus_in_place(x.copy()).sum(axis=1)
    for _ in range(MOST_SWEEPS):
        flipped = False
        for j in rng.permutation(short.n_visible):
            sign = 1.0 - 2.0 * s[:, j]
            there = x + sign[:, None] * short.W[j]
            after = softplus_in_place(there.copy()).sum(axis=1)
            gain = sign * short.b[j] + after - at
            better = gain > 1e-9 * (1.0 + np.abs(after))  # not by rounding alone
            if better.any():
                flipped = True
                s[better, j] = 1.0 - s[better, j]
                x[better], at[better] = there[better], after[better]
        if not flipped:
            break
    return s


def _best_first(
    short: RBM, s: FloatArray, keys: NDArray[np.uint64]
) -> tuple[FloatArray, FloatArray]:
    """Drop what comes twice, and order by p~."""
    s = s[np.unique(_keys_of(s, keys), return_index=True)[1]]
    log_p = log_p_tilde_unchecked(short, s)
    order = np.argsort(-log_p, kind="stable")
    return s[order], log_p[order]


def _with_neighbours(
    short: RBM, s: FloatArray, log_p: FloatArray, keys: NDArray[np.uint64]
) -> FloatArray:
    """List log p~ of distinct states: these and all that are one flip away."""
    x = s @ short.W + short.c
    linear = s @ short.b
    own = _keys_of(s, keys)
    seen, values = [own], [log_p]
    for j in range(short.n_visible):
        sign = 1.0 - 2.0 * s[:, j]
        softplus = softplus_in_place(x + sign[:, None] * short.W[j])
        values.append(linear + sign * short.b[j] + softplus.sum(axis=1))
        seen.append(np.where(sign > 0.0, own + keys[j], own - keys[j]))
    first = np.unique(np.concatenate(seen), return_index=True)[1]
    return np.asarray(np.concatenate(values)[first])


def _keys_of(s: FloatArray, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Name each state by the sum of its units' keys, modulo 2**64.

    Equal states have equal names; should two others share one, the bound loses a state.
    """
    return np.asarray(s.astype(np.uint64) @ keys)
