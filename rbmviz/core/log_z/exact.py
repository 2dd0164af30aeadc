"""Exact log Z in the form of an estimate, to stand beside the others."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.enumeration import exact_log_z
from rbmviz.core.log_z.estimate import Cost, LogZEstimate
from rbmviz.core.log_z.path import Watch
from rbmviz.core.rbm import RBM


@dataclass(frozen=True)
class ExactLogZ:
    """Sum over every state of the shorter layer: exact, no interval, no randomness.

    Raises:
        TooManyUnitsError: when an estimate is asked of a model that cannot be enumerated.
    """

    def __str__(self) -> str:
        """Name the method, for a legend."""
        return "exact enumeration"

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Compute log Z in nats."""
        begun = time.thread_time()
        log_z = exact_log_z(rbm, None if watch is None else lambda done: watch(done, np.empty(0)))
        return LogZEstimate(
            log_z=log_z,
            low=log_z,
            high=log_z,
            confidence=1.0,
            effective_sample_size=np.inf,
            method=str(self),
            log_weights=np.empty(0),
            interval="none: exact",
            cost=Cost(0, time.thread_time() - begun),
            at_least=log_z,
            at_most=log_z,
        )
