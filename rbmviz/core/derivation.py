"""The gradient of log Z by every line of its derivation, each computed in its own way.

Textbook: *Deep Learning* section 18.1. For one parameter theta of an RBM,

    d log Z = (d Z) / Z                                   (18.5, 18.6)
            = d (sum_x p~(x)) / Z = (sum_x d p~(x)) / Z   (18.7, 18.8)
            = sum_x d exp(log p~(x)) / Z                  (18.9)
            = sum_x exp(log p~(x)) d log p~(x) / Z        (18.10)
            = sum_x p~(x) d log p~(x) / Z                 (18.11)
            = sum_x p(x) d log p~(x) = E_{x ~ p}[...]     (18.12)

Lines with a derivative of something that is not log p~ take it by central differences of eighth
order; the others use d log p~ in closed form. Only monte_carlo is random.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.enumeration import exact_log_z, exact_negative_phase, exact_samples
from rbmviz.core.errors import FloatArray, TooManyUnitsError, as_rows, check_count, check_rng
from rbmviz.core.parameter import Parameter, Response
from rbmviz.core.phase import positive_phase
from rbmviz.core.rbm import RBM, log_p_tilde_unchecked
from rbmviz.core.state_blocks import binary_states

MAX_TABLE_UNITS = 16  # 2**16 states of 16 units: 8 MB, 15 ms

# Central differences of eighth order. log Z and log p~ as functions of one parameter are bent
# like log(1 + exp(theta)), whose ninth derivative is below 10: the error is below 1e-15.
STEP = 0.02
_WEIGHTS = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))


@dataclass(frozen=True, eq=False)
class StateTable:
    """All visible states of a model with log p~, to be summed one by one.

    Raises:
        TooManyUnitsError: more than MAX_TABLE_UNITS visible units.
    """

    rbm: RBM

    def __post_init__(self) -> None:
        n = self.rbm.n_visible
        if n > MAX_TABLE_UNITS:
            raise TooManyUnitsError(
                f"{n} visible units have 2**{n} = {2.0**n:.3g} states; the limit here is "
                f"{MAX_TABLE_UNITS} units, to list every state. Use a model with fewer of them."
            )

    @cached_property
    def v(self) -> FloatArray:
        """(2**n_visible, n_visible): row i holds the bits of i."""
        return binary_states(self.rbm.n_visible)

    @cached_property
    def log_p_tilde(self) -> FloatArray:
        """(2**n_visible,) nats, exact."""
        return log_p_tilde_unchecked(self.rbm, self.v)

    @cached_property
    def weights(self) -> FloatArray:
        """p~ divided by its largest value, so that nothing overflows: (2**n_visible,)."""
        return np.asarray(np.exp(self.log_p_tilde - self.log_p_tilde.max()))

    @cached_property
    def z(self) -> float:
        """The sum of weights: Z in the same unit."""
        return float(self.weights.sum())

    @cached_property
    def p(self) -> FloatArray:
        """Probabilities of eq. 18.1, p~(x) / Z: (2**n_visible,), exact."""
        return np.asarray(self.weights / self.z)

    @cached_property
    def log_z(self) -> float:
        """Log Z in nats, exact."""
        return float(np.log(self.z) + self.log_p_tilde.max())

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The states in falling order of p."""
        return np.argsort(-self.log_p_tilde, kind="stable")


@dataclass(frozen=True)
class Line:
    """One line of the derivation with its number."""

    equation: str
    value: float
    exact: bool  # up to rounding; else estimated
    standard_error: float = 0.0  # of an estimate


def central_difference(change: Callable[[float], FloatArray | float]) -> FloatArray | float:
    """Differentiate at 0 a function that is given as its change from 0; error of order STEP**8.

    >>> round(float(central_difference(np.expm1)), 12)
    1.0
    """
    slope: FloatArray | float = 0.0
    for k, weight in _WEIGHTS:
        slope = slope + weight * (change(k * STEP) - change(-k * STEP))
    return slope / STEP


def change_of_log_z(p: FloatArray, response: Response, epsilon: float) -> float:
    """Compute log Z(theta + epsilon) - log Z(theta) in nats, exact.

    Args:
        p: (n,) probabilities of all states, and their response to the parameter.
    """
    # Z(theta + epsilon) / Z = sum of p exp(difference); minus 1 inside, so that no digit is lost
    return float(np.log1p(p @ np.expm1(response.difference(epsilon))))


def lines_of_log_z(table: StateTable, parameter: Parameter) -> list[Line]:
    """Compute d log Z by every line from 18.5 to 18.12: eight numbers that must agree.

    18.5 and 18.6 sum over the states of the hidden layer where that can be listed; 18.7 to 18.11
    over every visible state, one by one; 18.12 is the negative phase of exact_negative_phase.

    >>> table = StateTable(RBM(W=[[0.0]], b=[0.0], c=[0.0]))
    >>> [round(line.value, 9) for line in lines_of_log_z(table, Parameter("W"))]
    [0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]
    """
    rbm = table.rbm
    parameter.check(rbm)
    other, its_parameter = table, parameter
    if rbm.n_hidden <= MAX_TABLE_UNITS:
        other, its_parameter = StateTable(rbm.swapped), parameter.swapped
    there = Response.of(other.rbm, its_parameter, other.v)
    here = Response.of(rbm, parameter, table.v)
    weights, z = table.weights, table.z
    difference = cache(here.difference)  # several lines need it at the same eight places
    grown = cache(lambda epsilon: np.expm1(difference(epsilon)))

    of_log_z = central_difference(lambda e: change_of_log_z(other.p, there, e))
    of_z = central_difference(lambda e: float(other.weights @ np.expm1(there.difference(e))))
    of_sum = central_difference(lambda e: float(weights @ grown(e)))
    each_p = central_difference(lambda e: weights * grown(e))
    each_log_p = central_difference(difference)
    values = {
        "18.5": of_log_z,
        "18.6": of_z / other.z,
        "18.7": of_sum / z,
        "18.8": np.sum(each_p) / z,
        "18.9": np.sum(np.exp(table.log_p_tilde - table.log_p_tilde.max()) * each_log_p) / z,
        "18.10": np.sum(np.exp(table.log_p_tilde - table.log_z) * each_log_p),
        "18.11": np.sum(weights * here.slope) / z,
        "18.12": parameter.of(exact_negative_phase(rbm)[0]),
    }
    return [Line(equation, float(value), exact=True) for equation, value in values.items()]


def monte_carlo(
    rng: np.random.Generator, table: StateTable, parameter: Parameter, n_samples: int
) -> Line:
    """Estimate E_{x ~ p}[d log p~(x)] from independent exact samples: unbiased, no Markov chain."""
    check_rng(rng)
    check_count("n_samples", n_samples, low=2)
    parameter.check(table.rbm)
    v = exact_samples(rng, table.rbm, n_samples)
    slopes = Response.of(table.rbm, parameter, v).slope
    error = float(slopes.std(ddof=1) / np.sqrt(n_samples))
    return Line("18.12", float(slopes.mean()), exact=False, standard_error=error)


@dataclass(frozen=True)
class Gradient:
    """Eq. 18.4 for one parameter and some rows: the left side, and both terms of the right."""

    log_likelihood: float  # d mean log p(v), by central differences of the whole
    positive: float  # d mean log p~(v), closed form
    positive_difference: float  # the same by central differences
    negative: float  # d log Z, by enumeration


def gradient_of_rows(table: StateTable, parameter: Parameter, v: FloatArray) -> Gradient:
    """Compute both sides of eq. 18.4, for the mean over rows v (n, n_visible); exact."""
    rbm = table.rbm
    parameter.check(rbm)
    rows = as_rows("v", v, rbm.n_visible)
    at_rows, at_states = (Response.of(rbm, parameter, x) for x in (rows, table.v))

    def of_log_p_tilde(epsilon: float) -> float:
        return float(at_rows.difference(epsilon).mean())

    left = central_difference(lambda e: of_log_p_tilde(e) - change_of_log_z(table.p, at_states, e))
    return Gradient(
        log_likelihood=float(left),
        positive=parameter.of(positive_phase(rbm, rows)),
        positive_difference=float(central_difference(of_log_p_tilde)),
        negative=parameter.of(exact_negative_phase(rbm)[0]),
    )


@dataclass(frozen=True, eq=False)
class Wiggle:
    """Both terms of log p as functions of one parameter, as changes from where it stands."""

    epsilons: FloatArray  # (n,)
    log_z: FloatArray  # (n,) log Z(theta + epsilon) - log Z(theta), nats, exact
    log_p_tilde: FloatArray  # (n,) the same of the rows' mean log p~


def wiggle(table: StateTable, parameter: Parameter, v: FloatArray, epsilons: FloatArray) -> Wiggle:
    """Move one parameter and compute both terms anew at each place; exact.

    log Z is enumerated for each epsilon from the moved parameters, not from its slope.
    """
    rbm = table.rbm
    parameter.check(rbm)
    rows = as_rows("v", v, rbm.n_visible)
    at_rows = Response.of(rbm, parameter, rows)
    log_z = exact_log_z(rbm)
    return Wiggle(
        np.asarray(epsilons, dtype=np.float64),
        np.array([exact_log_z(parameter.moved(rbm, float(e))) - log_z for e in epsilons]),
        np.array([at_rows.difference(float(e)).mean() for e in epsilons]),
    )
