"""What is certain of log Z at little cost: bounds that an estimate must not contradict.

While the shorter layer has few states, log Z itself; else the lower bound of mode_search.py. Both
take a few hundredths of the time of the estimate. The search draws from a seed of its own: the
estimate keeps its random numbers, and the bound of a model and its data is the same in every
repeat, so that no other draw makes it come and go.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.enumeration import MAX_LISTED_UNITS, exact_log_z, exact_samples
from rbmviz.core.errors import FloatArray, as_rows
from rbmviz.core.log_z.mode_search import MOST_TERMS, N_STARTS, Modes, rounding_of, search_modes
from rbmviz.core.rbm import RBM, sample_bernoulli, sample_v_given_h

SHARE = 0.03  # of the units that the estimate draws: a softplus takes about as long as a draw
LEAST_TERMS = 20_000  # half a millisecond
TERMS_A_SOFTPLUS = 8  # terms of an exact sum that take as long, see state_blocks.py
_SEED = 20_260


@dataclass(frozen=True, eq=False)
class CertainBounds:
    """log Z lies from `low` to `high`, in nats, whatever a sampler says; rounding is allowed for.

    modes: what the search found, or None where `low` and `high` are the exact value.
    """

    low: float
    high: float
    modes: Modes | None


@np.errstate(over="ignore", under="ignore")  # what is 0 beside the largest counts as 0
def certain_bounds(
    rbm: RBM, v_data: ArrayLike | None = None, units_drawn: float = math.inf
) -> CertainBounds:
    """Bound log Z with certainty, at a small share of the cost of an estimate.

    Args:
        v_data: rows that the search may start from as well.
        units_drawn: how many units the estimate draws, all chains together.

    >>> found = certain_bounds(RBM(W=np.zeros((2, 3)), b=np.zeros(2), c=np.zeros(3)))
    >>> round(found.low, 6), round(found.high, 6)  # 2**5 equal states
    (3.465736, 3.465736)
    """
    terms = int(min(max(SHARE * units_drawn, LEAST_TERMS), MOST_TERMS))
    n_short, n_long = sorted((rbm.n_visible, rbm.n_hidden))
    if n_short <= MAX_LISTED_UNITS and 2**n_short * n_long <= TERMS_A_SOFTPLUS * terms:
        log_z, rounding = exact_log_z(rbm), rounding_of(rbm)
        return CertainBounds(log_z - rounding, log_z + rounding, None)
    n_starts = min(max(terms // (n_short * n_long), 20), N_STARTS)
    modes = search_modes(np.random.default_rng(_SEED), rbm, v_data, n_starts, terms)
    return CertainBounds(modes.lower_bound, math.inf, modes)


@np.errstate(over="ignore", under="ignore")
def rows_near_the_model(
    rng: np.random.Generator, rbm: RBM, known: CertainBounds, v_data: ArrayLike | None, n: int
) -> FloatArray:
    """Draw rows where the model is probable, for chains to start cold from: (n, n_visible).

    Exact samples where the states were listed. Else every other row is one of the data, and the
    rest are drawn from the modes found, in proportion to p~.
    """
    if known.modes is None:
        return exact_samples(rng, rbm, n)
    modes = known.modes
    weights = np.exp(modes.log_p_tilde - modes.log_p_tilde.max())
    s = modes.states[rng.choice(len(weights), n, p=weights / weights.sum())]
    v = s if rbm.n_visible < rbm.n_hidden else sample_v_given_h(rng, rbm, s)
    if v_data is not None:
        rows = as_rows("v_data", v_data, rbm.n_visible)
        v[::2] = sample_bernoulli(rng, rows[rng.integers(len(rows), size=len(v[::2]))])
    return v
