"""Mean-field free energies: log Z without a sample, as a bound or as an approximation.

Sources: *Deep Learning* section 19.4 for the variational bound; Gabrie, Tramel & Krzakala (2015)
for the second order (Thouless-Anderson-Palmer). With means m_v, m_h, variances s = m (1 - m) and
H the entropy of independent units,

    first order     b.m_v + c.m_h + m_v.W.m_h + H(m_v) + H(m_h)                <= log Z, always
    second order    the same + sum_ij W_ij^2 s_i s_j / 2                       no bound

Each is taken at fixed points that damped iterations reach. Random are only the starts.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from rbmviz.core.errors import FloatArray, as_rows, check_count, check_number
from rbmviz.core.log_z.estimate import Cost, LogZEstimate, checked_estimate
from rbmviz.core.log_z.mode_search import rounding_of
from rbmviz.core.log_z.path import Watch
from rbmviz.core.negative_phase import MeanField
from rbmviz.core.negative_phase.estimator import Chains
from rbmviz.core.rbm import RBM

STEPS_AT_ONCE = 20


@dataclass(frozen=True)
class MeanFieldLogZ:
    """Take the best free energy over n_starts fixed points, from data rows and random means.

    order=1 is a lower bound on log Z wherever the iteration stops: low is log_z less its rounding,
    high is infinite. order=2 (TAP) is close for weak couplings and can be off either way for strong
    ones: it has no interval at all, and warns when it is off by more than half a nat of what is
    certain. A fixed point knows one mode: of several equal ones the value counts one. Iterations
    end when no mean moves by more than `tolerance`, or after max_steps, which the warning says.
    """

    order: int = 2
    n_starts: int = 50
    max_steps: int = 2000
    tolerance: float = 1e-8
    damping: float = 0.5

    def __post_init__(self) -> None:
        check_count("order", self.order, high=2)
        check_count("n_starts", self.n_starts)
        check_count("max_steps", self.max_steps, low=STEPS_AT_ONCE)
        check_number("tolerance", self.tolerance, 1e-14, 1e-2)
        check_number("damping", self.damping, 0.0, 1.0, below_high=True)

    def __str__(self) -> str:
        """Name the method and its settings, for a legend."""
        name = "mean-field bound" if self.order == 1 else "TAP free energy"
        return f"{name}, {self.n_starts} starts"

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Bound or approximate log Z in nats; `estimate_log_z` has arguments and errors."""
        begun = time.thread_time()
        m_v, m_h, moved = self._fixed_points(rng, rbm, v_data, watch)
        free = _free_energies(rbm, m_v, m_h, self.order)
        is_bound = self.order == 1
        # away from a fixed point the second order means nothing and can be far too large
        still = moved <= self.tolerance
        counted = free[still] if still.any() and not is_bound else free
        best = float(counted.max())
        found = LogZEstimate(
            log_z=best,
            low=best - rounding_of(rbm) if is_bound else -np.inf,  # "always" of the number, too
            high=np.inf,
            confidence=1.0,
            effective_sample_size=float(self.n_starts),
            method=str(self),
            log_weights=free,
            warning=None
            if still.any()
            else f"After {self.max_steps} steps the means still move by {moved.min():.1g}; the "
            + ("value is a bound all the same." if is_bound else "value is not a fixed point's."),
            interval="a lower bound, always" if is_bound else "none: an approximation",
            bound="lower" if is_bound else None,
            cost=Cost(0, time.thread_time() - begun),
        )
        return checked_estimate(found, rbm, v_data)

    def _fixed_points(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None,
        watch: Watch | None,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Iterate negative_phase/mean_field.py; return m_v, m_h and the last move: (n_starts,)."""
        method = MeanField(self.order, self.n_starts, STEPS_AT_ONCE, self.damping)
        starts = rng.random((self.n_starts, rbm.n_visible))
        if v_data is not None:
            rows = as_rows("v_data", v_data, rbm.n_visible)
            half = rng.choice(len(rows), self.n_starts // 2)
            starts[: len(half)] = rows[half]
        chains: Chains = method.init(rng, rbm, starts)
        nothing = np.empty((0, rbm.n_visible)), np.empty((0, rbm.n_hidden))
        moved, before = np.full(self.n_starts, np.inf), chains.h
        with np.errstate(over="ignore"):
            for step in range(0, self.max_steps, STEPS_AT_ONCE):
                if watch is not None:
                    watch(step / self.max_steps, np.empty(0))
                chains, estimate = method.advance(rng, chains, rbm, *nothing)
                moved, before = np.abs(chains.h - before).max(axis=1), chains.h
                if (moved <= self.tolerance).all():
                    break
        return estimate.samples, chains.h, moved


def _free_energies(rbm: RBM, m_v: FloatArray, m_h: FloatArray, order: int) -> FloatArray:
    """Compute the value of each row of means: (n,) in nats."""
    entropy = sum((entr(m) + entr(1.0 - m)).sum(axis=1) for m in (m_v, m_h))
    value = m_v @ rbm.b + m_h @ rbm.c + np.einsum("nj,nj->n", m_v @ rbm.W, m_h) + entropy
    if order == 2:
        s_v, s_h = m_v - m_v**2, m_h - m_h**2
        value = value + 0.5 * np.einsum("nj,nj->n", s_v @ rbm.W**2, s_h)
    return np.asarray(value)
