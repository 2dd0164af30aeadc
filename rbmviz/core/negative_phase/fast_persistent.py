"""Fast persistent contrastive divergence: fast weights, quickly forgotten, drive the chains.

Source: Tieleman & Hinton (2009), "Using fast weights to improve persistent contrastive
divergence". The decay of 19/20 is theirs.
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
from rbmviz.core.phase import statistics_of
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import (
    RBM,
    mean_h_unchecked,
    mean_v_unchecked,
    sample_bernoulli,
    sample_h_given_v,
)


@dataclass(frozen=True, eq=False)
class FastChains(Chains):
    """Persistent chains, and the overlay on the parameters that moves them."""

    fast_W: FloatArray  # (n_visible, n_hidden)
    fast_b: FloatArray  # (1, n_visible)
    fast_c: FloatArray  # (1, n_hidden)


@dataclass(frozen=True)
class FastPersistentContrastiveDivergence(NegativePhase):
    """FPCD-k: Gibbs chains under the model plus fast weights, which flee from where they stand.

    Each step, fast = fast_decay * fast + fast_learning_rate * (positive - negative phase). The
    overlay fills in the valley in which the chains stand, so that they move on.

    Estimated, and biased: the chains sample the model plus overlay, even at fixed parameters.
    With fast_learning_rate = 0 it is PCD. Rows v are sampled; E[h | v] is that of the model
    itself, without the overlay. Cost: 2 matrix products a step and 3 an update.
    """

    n_chains: int = 100
    n_steps: int = 1
    fast_learning_rate: float = 0.1
    fast_decay: float = 0.95

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains)
        check_count("n_steps", self.n_steps)
        check_number("fast_learning_rate", self.fast_learning_rate, 0.0)
        check_number("fast_decay", self.fast_decay, 0.0, 1.0, below_high=True)

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> FastChains:
        """Start the chains at data rows, with fast weights of zero."""
        rows = as_rows("v_data", v_data, rbm.n_visible)
        v = rows_to_start_from(rng, rows, self.n_chains)
        return FastChains(
            h=sample_h_given_v(rng, rbm, v),
            fast_W=np.zeros_like(rbm.W),
            fast_b=np.zeros((1, rbm.n_visible)),
            fast_c=np.zeros((1, rbm.n_hidden)),
        )

    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[FastChains, NegativePhaseEstimate]:
        """Move the chains under the overlaid model, then let the overlay learn and decay."""
        fast = require_chains(chains, rbm, self, FastChains, self.n_chains)
        h = fast.h
        overlaid = RBM.unchecked(rbm.W + fast.fast_W, rbm.b + fast.fast_b, rbm.c + fast.fast_c)
        for _ in range(self.n_steps):
            v = sample_bernoulli(rng, mean_v_unchecked(overlaid, h))
            h = sample_bernoulli(rng, mean_h_unchecked(overlaid, v))
        estimate = NegativePhaseEstimate(samples=v, mean_h=mean_h_unchecked(rbm, v))
        positive, negative = statistics_of(v_batch, mean_h_batch), estimate.statistics
        decay, rate = self.fast_decay, self.fast_learning_rate
        moved = FastChains(
            h=h,
            fast_W=decay * fast.fast_W + rate * (positive.vh - negative.vh),
            fast_b=decay * fast.fast_b + rate * (positive.v - negative.v)[..., None, :],
            fast_c=decay * fast.fast_c + rate * (positive.h - negative.h)[..., None, :],
        )
        return moved, estimate
