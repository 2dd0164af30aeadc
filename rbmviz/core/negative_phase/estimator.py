"""What every negative phase has in common: init, step, and the estimate that a step returns.

The negative phase of eq. 18.12 is E_{p(v, h)}[v h^T], E[v], E[h]: the gradient of log Z.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, InputError, as_rows, check_rng
from rbmviz.core.phase import PhaseStatistics, statistics_of
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM, mean_h_unchecked


@dataclass(frozen=True, eq=False)
class NegativePhaseEstimate:
    """Model rows and the statistics that they stand for.

    samples: (n, n_visible), the rows that a viewer may show; means of units for a mean field.
    mean_h: (n, n_hidden), E[h | v] of these rows; None when they do not enter the statistics.
    computed: the statistics, when they are not a mean over the rows: exact, or a mean field.
    """

    samples: FloatArray
    mean_h: FloatArray | None = None
    computed: PhaseStatistics | None = None

    @cached_property
    def statistics(self) -> PhaseStatistics:
        """E[v h^T], E[v], E[h]: computed, or a mean over the rows with E[h | v] for a sampled h."""
        if self.computed is not None:
            return self.computed
        assert self.mean_h is not None  # one of the two is always given
        return statistics_of(self.samples, self.mean_h)


@dataclass(frozen=True, eq=False)
class Chains:
    """The state of persistent Markov chains: the hidden half of each (v, h)."""

    h: FloatArray  # (n_chains, n_hidden) of 0.0 and 1.0, or means of a mean field


class NegativePhase(ABC):
    """Estimate the negative phase: an interchangeable part of training. Subclasses are final."""

    # True when advance also takes stacks of models and rows, one run each (see RBM.unchecked)
    takes_stacks: ClassVar[bool] = True

    @abstractmethod
    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> Chains | None:
        """Start the chains, or return None where there are none."""

    @abstractmethod
    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[Chains | None, NegativePhaseEstimate]:
        """Do what step does, on checked rows whose E[h | v] is already known: the inner loop."""

    def step(
        self, rng: np.random.Generator, chains: Chains | None, rbm: RBM, v_batch: ArrayLike
    ) -> tuple[Chains | None, NegativePhaseEstimate]:
        """Advance the chains once and estimate the negative phase.

        Args:
            chains: what init or the last step returned.
            v_batch: (n, n_visible) data rows in [0, 1]; contrastive divergence starts from them.

        Returns:
            The new chains and the estimate; nothing is changed in place.
        """
        check_rng(rng)
        rows = as_rows("v_batch", v_batch, rbm.n_visible)
        with np.errstate(over="ignore"):
            return self.advance(rng, chains, rbm, rows, mean_h_unchecked(rbm, rows))


_ChainsT = TypeVar("_ChainsT", bound=Chains)


def require_chains(
    chains: Chains | None, rbm: RBM, who: NegativePhase, kind: type[_ChainsT], n_rows: int
) -> _ChainsT:
    """Return the chains, or say that init was not called for this model and this estimator."""
    expected = (n_rows, rbm.n_hidden)
    if type(chains) is kind and chains.h.shape[-2:] == expected:
        return chains
    shape = "" if chains is None else f" of shape {chains.h.shape}"
    raise InputError(
        f"chains of {type(who).__name__}: got {type(chains).__name__}{shape}, it needs "
        f"{kind.__name__} of shape {expected}. Pass what init(rng, rbm, v_data) of this estimator "
        "returned for this model."
    )


def rows_to_start_from(rng: np.random.Generator, rows: FloatArray, n: int) -> FloatArray:
    """Choose n data rows to start chains at, each as equally often as the numbers allow."""
    repeats, remainder = divmod(n, len(rows))
    chosen = np.concatenate(
        [np.tile(np.arange(len(rows)), repeats), rng.permutation(len(rows))[:remainder]]
    )
    return np.asarray(rows[chosen])
