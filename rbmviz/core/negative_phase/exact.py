"""The exact negative phase as an estimator without error: a sum over all states."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.enumeration import MAX_LISTED_UNITS, exact_negative_phase, exact_samples
from rbmviz.core.errors import FloatArray, as_rows, check_count, check_rng
from rbmviz.core.negative_phase.estimator import Chains, NegativePhase, NegativePhaseEstimate
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM


@dataclass(frozen=True)
class ExactEnumeration(NegativePhase):
    """Sum over every state of the shorter layer: training follows the exact gradient (18.4).

    The statistics are exact. n_samples independent exact samples come along to be looked at
    (none above MAX_LISTED_UNITS units in the shorter layer); they do not enter the statistics.

    Raises:
        TooManyUnitsError: when a step is asked for a model that cannot be enumerated.
    """

    takes_stacks: ClassVar[bool] = False

    n_samples: int = 16

    def __post_init__(self) -> None:
        check_count("n_samples", self.n_samples, low=0)

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
        """Enumerate; the batch plays no part."""
        statistics, _ = exact_negative_phase(rbm)
        if self.n_samples > 0 and min(rbm.n_visible, rbm.n_hidden) <= MAX_LISTED_UNITS:
            samples = exact_samples(check_rng(rng), rbm, self.n_samples)
        else:
            samples = np.empty((0, rbm.n_visible))
        return None, NegativePhaseEstimate(samples=samples, computed=statistics)
