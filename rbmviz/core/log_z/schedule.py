"""Where the temperatures of a path lie: the betas from 0 to 1.

Sources: Salakhutdinov & Murray (2008), section 4.2 (14,500 betas in three pieces); Grosse,
Maddison & Salakhutdinov (2013), *Annealing between distributions by averaging moments* (sigmoid);
Zhou, Johansen & Aston (2016), conditional effective sample size. Only the adaptive one is random.
"""

import numpy as np

from rbmviz.core.errors import FloatArray, check_count
from rbmviz.core.log_z.path import PathChains, check_choice
from rbmviz.core.rbm import RBM

SCHEDULES = ("linear", "sigmoid", "salakhutdinov-murray", "adaptive")

_PIECES = ((0.0, 0.5, 500), (0.5, 0.9, 4000), (0.9, 1.0, 10_000))
_STEEPNESS = 4.0  # of the sigmoid
_PILOT_BETAS = 100


def fixed_betas(schedule: str, n_betas: int) -> FloatArray:
    """List the betas of a schedule that does not look at the model: (n_betas,), from 0 to 1.

    "salakhutdinov-murray" has 500 : 4,000 : 10,000 betas below 0.5, 0.9 and 1, whatever their
    number; 14,500 are the published ones.

    >>> fixed_betas("linear", 5)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    check_count("n_betas", n_betas, low=2)
    share = np.linspace(0.0, 1.0, n_betas)
    if schedule == "sigmoid":
        s = np.tanh(0.5 * _STEEPNESS * (2.0 * share - 1.0))  # sigmoid, up to scale and shift
        betas = (s - s[0]) / (s[-1] - s[0])
    elif schedule == "salakhutdinov-murray":
        done = np.cumsum([0, *(n for _, _, n in _PIECES)]) / sum(n for _, _, n in _PIECES)
        betas = np.interp(share, done, [0.0, *(high for _, high, _ in _PIECES)])
    else:
        check_choice("schedule", schedule, ("linear",))
        betas = share
    betas[0], betas[-1] = 0.0, 1.0
    return np.asarray(betas)


def adaptive_betas(
    rng: np.random.Generator, rbm: RBM, b_base: FloatArray, n_betas: int, n_chains: int
) -> FloatArray:
    """Place n_betas so that each step loses the same share of conditional effective sample size.

    A step of d beta scatters the log weights by sd(d log p*_beta / d beta) d beta, and loses the
    square of that. A pilot run of _PILOT_BETAS measures the deviation along the path; the betas
    are then at equal steps of its integral. The pilot's chains do not enter the estimate, which
    stays unbiased in Z.
    """
    pilot = np.linspace(0.0, 1.0, _PILOT_BETAS)
    chains = PathChains(rbm, b_base, n_chains)
    chains.draw_base(rng)
    deviation = np.empty_like(pilot)
    with np.errstate(all="ignore"):
        for k, beta in enumerate(pilot):
            if k > 0:
                chains.sweep(rng, float(beta))
            deviation[k] = chains.slope(float(beta)).std()
    deviation = np.maximum(deviation, 0.02 * deviation.max())  # no gap without any beta
    if deviation.max() == 0.0:  # independent units: every weight is the same anyway
        return np.linspace(0.0, 1.0, n_betas)
    length = np.concatenate([[0.0], np.cumsum(0.5 * (deviation[1:] + deviation[:-1]))])
    betas = np.interp(np.linspace(0.0, length[-1], n_betas), length, pilot)
    betas[0], betas[-1] = 0.0, 1.0
    return np.asarray(betas)
