"""Persistent contrastive divergence: chains that outlive the update.

Source: Tieleman (2008), "Training restricted Boltzmann machines using approximations to the
likelihood gradient"; *Deep Learning* section 18.2, algorithm 18.3 (stochastic maximum likelihood).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, as_rows, check_count
from rbmviz.core.negative_phase.estimator import (
    Chains,
    NegativePhase,
    NegativePhaseEstimate,
    require_chains,
    rows_to_start_from,
)
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import (
    RBM,
    mean_h_unchecked,
    mean_v_unchecked,
    sample_bernoulli,
    sample_h_given_v,
)


@dataclass(frozen=True)
class PersistentContrastiveDivergence(NegativePhase):
    """PCD-k: n_chains Gibbs chains are never restarted; each step moves them by n_steps.

    Estimated. With fixed parameters the chains reach p(v, h), so the bias comes only from
    parameters that move faster than the chains mix (a high learning rate, a long training).
    Rows v are sampled, E[h | v] replaces the sampled h. Cost: 2 matrix products a step.
    """

    n_chains: int = 100
    n_steps: int = 1

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains)
        check_count("n_steps", self.n_steps)

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> Chains:
        """Start the chains at data rows, each used as equally often as the numbers allow."""
        rows = as_rows("v_data", v_data, rbm.n_visible)
        v = rows_to_start_from(rng, rows, self.n_chains)
        return Chains(h=sample_h_given_v(rng, rbm, v))

    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[Chains, NegativePhaseEstimate]:
        """Run n_steps Gibbs steps from where the chains stand; the batch plays no part."""
        h = require_chains(chains, rbm, self, Chains, self.n_chains).h
        for _ in range(self.n_steps):
            v = sample_bernoulli(rng, mean_v_unchecked(rbm, h))
            mean_h = mean_h_unchecked(rbm, v)
            h = sample_bernoulli(rng, mean_h)
        return Chains(h=h), NegativePhaseEstimate(samples=v, mean_h=mean_h)
