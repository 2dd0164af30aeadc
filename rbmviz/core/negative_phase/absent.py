"""No negative phase at all: what becomes of learning without its second term."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, as_rows
from rbmviz.core.negative_phase.estimator import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM


@dataclass(frozen=True)
class NoNegativePhase(NegativePhase):
    """Take zero for the negative phase: training climbs the mean log p~ of the data alone.

    Not an estimate of anything, and useless but for showing why the second term is there: no entry
    of the positive phase is ever negative, so that no parameter ever falls, and log Z grows faster
    than log p~. Nothing is sampled, and no rows come along.
    """

    takes_stacks: ClassVar[bool] = False

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> None:
        """Return None: there are no chains."""
        as_rows("v_data", v_data, rbm.n_visible)

    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[None, NegativePhaseEstimate]:
        """Return zeros.

        >>> zeros = NoNegativePhase().step(
        ...     np.random.default_rng(0), None, RBM(W=[[2.0]], b=[0.0], c=[0.0]), [[1.0]]
        ... )[1]
        >>> zeros.statistics.flat()
        array([0., 0., 0.])
        """
        zeros = PhaseStatistics(np.zeros_like(rbm.W), np.zeros_like(rbm.b), np.zeros_like(rbm.c))
        return None, NegativePhaseEstimate(samples=np.empty((0, rbm.n_visible)), computed=zeros)
