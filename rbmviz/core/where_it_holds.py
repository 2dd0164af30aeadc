"""What the derivation of eq. 18.12 needs, on examples small enough to check by hand.

Textbook: *Deep Learning* section 18.1. From 18.8 to 18.9 p~(x) is written exp(log p~(x)), which
needs p(x) > 0; with continuous x the derivative has to move inside an integral. Nothing is random.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad

from rbmviz.core.derivation import central_difference
from rbmviz.core.errors import check_number


@dataclass(frozen=True)
class ThreeStates:
    """A model of three states: p~ = exp(theta), theta and 0, for theta >= 0.

    The first is always possible, the second only where theta > 0, the third never.

    >>> at_zero = ThreeStates(0.0)
    >>> at_zero.by_sum, at_zero.by_expectation  # 18.8 and 18.12: at 0 they part
    (2.0, 1.0)
    """

    theta: float

    def __post_init__(self) -> None:
        check_number("theta", self.theta, 0.0, 100.0)

    @property
    def p_tilde(self) -> tuple[float, float, float]:
        """Unnormalised probabilities."""
        return float(np.exp(self.theta)), self.theta, 0.0

    @property
    def slope_of_p_tilde(self) -> tuple[float, float, float]:
        """The derivative of p~ by theta, defined in every state; at 0 from the right."""
        return float(np.exp(self.theta)), 1.0, 0.0

    @property
    def slope_of_log_p_tilde(self) -> tuple[float, float | None, None]:
        """The derivative of log p~ by theta; None where log p~ is minus infinity."""
        return 1.0, 1.0 / self.theta if self.theta > 0 else None, None

    @property
    def z(self) -> float:
        """Z = exp(theta) + theta."""
        return sum(self.p_tilde)

    @property
    def by_sum(self) -> float:
        """The derivative of log Z by eq. 18.8, the sum of d p~(x) over Z: always right."""
        return sum(self.slope_of_p_tilde) / self.z

    @property
    def by_expectation(self) -> float:
        """What eq. 18.12 gives from the states with p(x) > 0: right only where theta > 0."""
        terms = zip(self.p_tilde, self.slope_of_log_p_tilde, strict=True)
        return sum(p * slope for p, slope in terms if slope is not None) / self.z


@dataclass(frozen=True)
class BothOrders:
    """The derivative of an integral, and the integral of the derivative."""

    outside: float  # d/dtheta of the integral of p~(x)
    inside: float  # the integral of d p~(x)/dtheta


def bell_curve(theta: float) -> BothOrders:
    """Compare both orders for p~(x) = exp(-theta x**2 / 2) on the whole line, theta > 0.

    Here they agree: |d p~/dtheta| = x**2 p~ / 2 stays below one function with a finite integral
    for all theta near by. Z = sqrt(2 pi / theta), so both are -Z / (2 theta).

    >>> both = bell_curve(1.0)
    >>> round(both.outside, 8), round(both.inside, 8), round(-((2 * np.pi) ** 0.5) / 2, 8)
    (-1.25331414, -1.25331414, -1.25331414)
    """
    check_number("theta", theta, 1e-3, 1e3)

    def integral(f: Callable[[float], float]) -> float:
        return 2.0 * float(quad(f, 0.0, 40.0 / np.sqrt(theta), limit=200)[0])

    def z(t: float) -> float:
        return integral(lambda x: float(np.exp(-t * x * x / 2)))

    # in log theta, where the curve is equally smooth at every theta
    by_log = central_difference(lambda u: z(theta * float(np.exp(u))) - z(theta))
    inside = integral(lambda x: float(-x * x / 2 * np.exp(-theta * x * x / 2)))
    return BothOrders(float(by_log) / theta, inside)


def moving_edge(theta: float) -> BothOrders:
    """Compare both orders for p~(x) = 1 on 0 < x < theta and 0 elsewhere.

    Here they part: Z = theta grows at rate 1, but at almost every x the slope of p~ is 0. What
    grows is the edge, where p~ jumps and has no derivative.

    >>> moving_edge(2.0)
    BothOrders(outside=1.0, inside=0.0)
    """
    check_number("theta", theta, 1e-3, 1e3)

    def z(t: float) -> float:
        return float(quad(lambda _: 1.0, 0.0, t)[0])

    outside = central_difference(lambda e: z(theta + theta * e) - z(theta))
    # p~ is 1 or 0 around every x but the edge itself, a single point: all that is integrated is 0
    return BothOrders(round(float(outside) / theta, 12), inside=0.0)
