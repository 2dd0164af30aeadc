"""Mean-field negative phases: fixed points in place of samples, to first or second order.

Source: Gabrie, Tramel & Krzakala (2015), "Training restricted Boltzmann machines via the
Thouless-Anderson-Palmer free energy", eqs. 9 to 11: the expansion of log Z in the coupling around
independent units, with means m_v, m_h and variances s_v = m_v (1 - m_v), s_h:

    first order (naive mean field)    E[v_i h_j] = m_i m_j
    second order (TAP)                E[v_i h_j] = m_i m_j + W_ij s_i s_j

and the means solve m_j = sigmoid(c_j + sum_i W_ij m_i - W_ij^2 (m_j - 1/2) s_i), likewise m_i.
Only where each iteration starts is random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, as_rows, check_count, check_number
from rbmviz.core.negative_phase.estimator import (
    Chains,
    NegativePhase,
    NegativePhaseEstimate,
    require_chains,
    rows_to_start_from,
)
from rbmviz.core.phase import PhaseStatistics, statistics_of
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM, mean_h_given_v, mean_v_given_h, sigmoid_in_place


@dataclass(frozen=True, eq=False)
class MeanFieldChains(Chains):
    """The means that the iteration has reached: h holds m_h, in (0, 1)."""

    v: FloatArray  # (n_chains, n_visible): m_v


@dataclass(frozen=True)
class MeanField(NegativePhase):
    """Iterate the mean-field (order=1) or TAP (order=2) equations from n_chains starts.

    The fixed points go on from where the last update left them, and count equally. Each of
    n_steps replaces a share (1 - damping) of the means by the right-hand side of their equation.

    Estimated, without sampling noise but for the starts, and biased: the expansion holds for
    weak couplings, and a model of several modes has a fixed point for each, whose weights are not
    the modes'. For strong couplings the second order can even leave [0, 1]. Cost: 2 matrix products
    a step at order 1, 4 at order 2.
    """

    order: int = 2
    n_chains: int = 100
    n_steps: int = 3
    damping: float = 0.5

    def __post_init__(self) -> None:
        check_count("order", self.order, high=2)
        check_count("n_chains", self.n_chains)
        check_count("n_steps", self.n_steps)
        check_number("damping", self.damping, 0.0, 1.0, below_high=True)

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> MeanFieldChains:
        """Start at the hidden means that data rows give, and the visible means that these give."""
        rows = as_rows("v_data", v_data, rbm.n_visible)
        h = mean_h_given_v(rbm, rows_to_start_from(rng, rows, self.n_chains))
        return MeanFieldChains(h=h, v=mean_v_given_h(rbm, h))

    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[MeanFieldChains, NegativePhaseEstimate]:
        """Iterate n_steps times, visible means then hidden means; the batch plays no part."""
        means = require_chains(chains, rbm, self, MeanFieldChains, self.n_chains)
        m_v, m_h = means.v, means.h
        second_order = self.order == 2
        squared = rbm.W**2 if second_order else rbm.W
        for _ in range(self.n_steps):
            x = m_h @ rbm.W.mT + rbm.b
            if second_order:
                x -= (m_v - 0.5) * ((m_h - m_h**2) @ squared.mT)
            m_v = self.damping * m_v + (1 - self.damping) * sigmoid_in_place(x)
            y = m_v @ rbm.W + rbm.c
            if second_order:
                y -= (m_h - 0.5) * ((m_v - m_v**2) @ squared)
            m_h = self.damping * m_h + (1 - self.damping) * sigmoid_in_place(y)
        statistics = statistics_of(m_v, m_h)
        if second_order:
            spread = statistics_of(m_v - m_v**2, m_h - m_h**2).vh
            statistics = PhaseStatistics(
                vh=statistics.vh + rbm.W * spread, v=statistics.v, h=statistics.h
            )
        return MeanFieldChains(h=m_h, v=m_v), NegativePhaseEstimate(
            samples=m_v, computed=statistics
        )
