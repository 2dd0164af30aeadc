"""Bennett's acceptance ratio: the ratio of two Z's from samples of both models.

Source: Bennett (1976), "Efficient estimation of free energy differences from Monte Carlo data";
Shirts, Bair, Hooker & Pande (2003). Of all estimates that weigh the samples of both sides it has
the smallest variance. Nothing here is random.
"""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, log_expit

from rbmviz.core.errors import FloatArray


def log_acceptance_ratio(log_w: FloatArray, log_u: FloatArray) -> float:
    """Estimate log(Z_1 / Z_0) from log weights of either direction.

    Args:
        log_w: (n,) log p*_1 - log p*_0 at samples of p_0, or log AIS weights: E[w] = Z_1 / Z_0.
        log_u: (m,) log p*_0 - log p*_1 at samples of p_1, or reverse weights: E[u] = Z_0 / Z_1.

    Returns:
        The L that solves sum sigmoid(log_w - L - M) = sum sigmoid(log_u + L + M), M = log(n / m):
        estimated, consistent, in nats.

    >>> found = log_acceptance_ratio(np.log([2.0, 2.0]), np.log([0.5]))  # weights without spread
    >>> round(found, 12)
    0.69314718056
    """
    m = np.log(len(log_w) / len(log_u))

    def excess(guess: float) -> float:
        x, y = log_w - guess - m, log_u + guess + m
        forward, backward = float(expit(x).sum()), float(expit(y).sum())
        if min(forward, backward) > 1e-250:
            return math.log(forward) - math.log(backward)
        # hardly any overlap: the sums underflow, their logs do not
        return float(np.logaddexp.reduce(log_expit(x)) - np.logaddexp.reduce(log_expit(y)))

    low = min(float(log_w.min()), float((-log_u).min())) - abs(m) - 1.0
    high = max(float(log_w.max()), float((-log_u).max())) + abs(m) + 1.0
    while excess(low) < 0.0:
        low -= high - low
    while excess(high) > 0.0:
        high += high - low
    return float(brentq(excess, low, high, xtol=1e-12, rtol=1e-14))
