"""All visible states as a space: who neighbours whom, where p(v) has its peaks, what pushes it.

States are numbered as everywhere: unit k of state i is bit k of i. Two states are neighbours when
one flip of one unit leads from one to the other: the corners and edges of a hypercube.
Textbook: *Deep Learning* section 18.1, figure 18.1 (the two phases as pushes). Nothing is random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from rbmviz.core.enumeration import MAX_LISTED_UNITS, exact_log_z, refuse_too_many
from rbmviz.core.errors import (
    FloatArray,
    InputError,
    as_array,
    as_rows,
    check_count,
    check_number,
)
from rbmviz.core.rbm import RBM, log_p_tilde_unchecked
from rbmviz.core.state_blocks import binary_states, numbers_of

TIE = 1e-9  # nats: log-probabilities closer than this count as equal, since rounding made them so

States = NDArray[np.intp]


def state_frequencies(v: ArrayLike, n_visible: int) -> FloatArray:
    """Compute the share of rows that show each state: (2**n_visible,), exact for these rows.

    Raises:
        InputError: a row is no state: an entry is neither 0 nor 1.

    >>> state_frequencies([[1, 0], [1, 0], [1, 1], [0, 0]], 2)  # 00, 10, 01, 11
    array([0.25, 0.5 , 0.  , 0.25])
    """
    check_count("n_visible", n_visible, high=MAX_LISTED_UNITS)
    rows = as_rows("v", v, n_visible, binary=True)
    return np.bincount(numbers_of(rows), minlength=2**n_visible) / len(rows)


def single_flips(n_units: int) -> States:
    """List the neighbours of every state: (2**n_units, n_units), column k has unit k flipped.

    >>> single_flips(2)
    array([[1, 2],
           [0, 3],
           [3, 0],
           [2, 1]])
    """
    check_count("n_units", n_units, high=MAX_LISTED_UNITS)
    return np.asarray(np.arange(2**n_units)[:, None] ^ (1 << np.arange(n_units)))


def gray_layout(n_units: int) -> States:
    """Lay the states out so that neighbours on the grid differ in one unit, around the edges too.

    A Karnaugh map: rows count through the first ceil(n/2) units in Gray code, columns through the
    others. The grid is a torus: the last row is beside the first. Each state has n neighbours by
    single flips and a grid shows at most four of them beside it, so the converse does not hold.

    Returns:
        (2**ceil(n/2), 2**floor(n/2)) numbers of states, each once.

    >>> gray_layout(3)  # rows 00, 10, 11, 01 of units 0 and 1; columns 0, 1 of unit 2
    array([[0, 4],
           [1, 5],
           [3, 7],
           [2, 6]])
    """
    check_count("n_units", n_units, high=MAX_LISTED_UNITS)
    n_row_bits = (n_units + 1) // 2
    rows, columns = np.arange(2**n_row_bits), np.arange(2 ** (n_units - n_row_bits))
    rows, columns = rows ^ (rows >> 1), columns ^ (columns >> 1)  # Gray code
    return np.asarray(rows[:, None] | columns << n_row_bits)


def push_of_both_phases(p_data: FloatArray, p_model: FloatArray) -> FloatArray:
    """Compute d(mean log-likelihood) / d log p~(v) = p_data(v) - p_model(v) of every state.

    It holds if the log p~(v) of each state could be moved freely: the mean log-likelihood is
    sum_v p_data(v) log p~(v) - log sum_v p~(v). The first term pushes up at the data (positive
    phase), the second down wherever the model puts its mass (negative phase). Exact; it sums to 0.

    >>> push_of_both_phases(np.array([1.0, 0.0]), np.array([0.25, 0.75]))
    array([ 0.75, -0.75])
    """
    return p_data - p_model


def log_p_tilde_of_states(rbm: RBM) -> FloatArray:
    """Compute log p~(v) of every visible state: (2**n_visible,) in nats, exact.

    Raises:
        TooManyUnitsError: more than MAX_LISTED_UNITS visible units.

    >>> log_p_tilde_of_states(RBM(W=[[0.0]], b=[2.0], c=[0.0])) - np.log(2)
    array([0., 2.])
    """
    refuse_too_many(rbm, rbm.n_visible, MAX_LISTED_UNITS)
    return log_p_tilde_unchecked(rbm, binary_states(rbm.n_visible))


def change_by_step(before: RBM, after: RBM) -> tuple[FloatArray, float]:
    """Compute how a step changed log p~(v) of every state, and log Z, in nats, exact.

    Parameters are shared: a step for one state moves them all. log p(v) changed by the first
    minus the second.

    Raises:
        InputError: the models differ in their visible units.
        TooManyUnitsError: more than MAX_LISTED_UNITS visible units.

    >>> zero, one = (RBM(W=[[0.0]], b=[b], c=[0.0]) for b in (0.0, 1.0))
    >>> change, change_of_log_z = change_by_step(zero, one)
    >>> change, round(change_of_log_z, 4)  # log Z: from log 2 + log 2 to log 2 + log(1 + e)
    (array([0., 1.]), 0.6201)
    """
    if before.n_visible != after.n_visible:
        raise InputError(
            f"before has {before.n_visible} visible units and after {after.n_visible}; pass the "
            "same model before and after a step."
        )
    change = log_p_tilde_of_states(after) - log_p_tilde_of_states(before)
    return change, exact_log_z(after) - exact_log_z(before)


def local_modes(log_p: ArrayLike) -> States:
    """Find the local maxima of p(v) under single flips: the numbers of the states, rising.

    No flip of one unit makes a mode more probable. Neighbours of equal log p (to TIE nats) are
    one plateau; it is one mode, named by its smallest number, when no state beside it is higher.
    A flat distribution has no mode.

    Args:
        log_p: (2**n,) log p(v), or log p~(v): a constant makes no difference; nats.

    >>> local_modes(np.log([0.4, 0.1, 0.2, 0.3]))  # 00 and 11; their neighbours are 10 and 01
    array([0, 3])
    """
    return _modes(log_p)[0]


def _modes(log_p: ArrayLike) -> tuple[States, States]:
    """Find the modes, and for every state the number of its plateau's first state."""
    height = as_array("log_p", log_p, 1)
    n_units = max(height.size.bit_length() - 1, 0)
    if height.size != 2**n_units or n_units == 0:
        raise InputError(f"log_p has {height.size} entries; pass one for each of 2**n states.")
    flips = single_flips(n_units)
    above = height[flips] - height[:, None]
    is_lower = (above > TIE).any(axis=1)
    first = np.arange(height.size)
    state, unit = np.nonzero(np.abs(above) <= TIE)
    if state.size:
        edges = coo_array(
            (np.ones(state.size), (state, flips[state, unit])), shape=(height.size, height.size)
        )
        n_plateaus, plateau = connected_components(edges, directed=False)
        smallest = np.full(n_plateaus, height.size)
        np.minimum.at(smallest, plateau, first)
        first = smallest[plateau]
        if n_plateaus == 1:
            return np.empty(0, dtype=np.intp), first
        is_lower = np.bincount(plateau, is_lower, n_plateaus)[plateau] > 0
    return np.flatnonzero(~is_lower & (first == np.arange(height.size))), first


@dataclass(frozen=True, eq=False)
class SpuriousModes:
    """States that the model believes in and the data never showed, the most probable first."""

    states: States  # (k,) numbers of the states
    p: FloatArray  # (k,) their probabilities, exact when log_p is
    mass_outside: float  # the model's probability of all states without data
    modes: States  # all local modes, those of the data among them


def spurious_modes(log_p: ArrayLike, p_data: ArrayLike, least: float = 0.0) -> SpuriousModes:
    """Find local maxima of p(v) under single flips whose data probability is zero.

    A plateau is spurious when the data show none of its states (see local_modes). Next to the
    modes stands the total mass outside of the data's states: modes are only the peaks of it.

    Args:
        log_p: (2**n,) log p(v) in nats, normalised.
        p_data: (2**n,) the data's probabilities.
        least: modes of a smaller p(v) are left out; 0 keeps them all.

    Raises:
        InputError: arrays of different lengths, or not of 2**n entries.

    >>> found = spurious_modes(np.log([0.4, 0.1, 0.2, 0.3]), [1, 0, 0, 0])
    >>> found.states, found.p, round(found.mass_outside, 6)
    (array([3]), array([0.3]), 0.6)
    """
    check_number("least", least, 0.0)
    modes, first = _modes(log_p)
    log_p, p_data = as_array("log_p", log_p, 1), as_array("p_data", p_data, 1)
    if log_p.shape != p_data.shape:
        raise InputError(
            f"log_p has {log_p.size} entries and p_data {p_data.size}; pass one for each state."
        )
    p = np.exp(log_p)
    shown = np.bincount(first, p_data, p.size)  # data on the plateau of each first state
    found = modes[(shown[modes] == 0) & (p[modes] >= least)]
    found = found[np.argsort(-p[found], kind="stable")]
    return SpuriousModes(found, p[found], float(p[p_data == 0].sum()), modes)
