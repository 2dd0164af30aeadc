"""Contrastive divergence: a few Gibbs steps from the data stand in for the model.

Source: Hinton (2002), "Training products of experts by minimizing contrastive divergence";
*Deep Learning* section 18.2, algorithm 18.2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, as_rows, check_count
from rbmviz.core.negative_phase.estimator import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM, mean_h_unchecked, mean_v_unchecked, sample_bernoulli


@dataclass(frozen=True)
class ContrastiveDivergence(NegativePhase):
    """CD-k: k steps of block Gibbs sampling, h then v, started at the rows of the batch.

    Estimated, and biased toward the data: modes far from every row are never visited, so their
    probability is not pushed down. The bias shrinks as n_steps grows. Rows v are sampled,
    E[h | v] replaces the last sampled h. Cost: 2 matrix products a step.
    """

    n_steps: int = 1

    def __post_init__(self) -> None:
        check_count("n_steps", self.n_steps)

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> None:
        """Return None: each step starts anew from its batch."""
        as_rows("v_data", v_data, rbm.n_visible)

    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[None, NegativePhaseEstimate]:
        """Run n_steps Gibbs steps from the batch."""
        mean_h = mean_h_batch
        for _ in range(self.n_steps):
            h = sample_bernoulli(rng, mean_h)
            v = sample_bernoulli(rng, mean_v_unchecked(rbm, h))
            mean_h = mean_h_unchecked(rbm, v)
        return None, NegativePhaseEstimate(samples=v, mean_h=mean_h)
