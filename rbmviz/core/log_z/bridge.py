"""Bridge sampling: log Z as a sum of log ratios between neighbouring temperatures.

Sources: Meng & Wong (1996); Bennett (1976) for the ratio of two neighbours, see
acceptance_ratio.py; the samples come from parallel tempering, see tempered_run.py.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from rbmviz.core.errors import FloatArray, check_count, check_number
from rbmviz.core.log_z.acceptance_ratio import log_acceptance_ratio
from rbmviz.core.log_z.estimate import WIDENING, Cost, LogZEstimate
from rbmviz.core.log_z.path import (
    BASES,
    LogZAlongBeta,
    Watch,
    base_biases,
    base_log_z,
    check_choice,
)
from rbmviz.core.log_z.schedule import adaptive_betas
from rbmviz.core.log_z.tempered_run import TemperedSamples, jackknife, run_tempered
from rbmviz.core.rbm import RBM

LOW_SWAP_RATE = 0.1  # below it neighbours hardly overlap


@dataclass(frozen=True)
class Tempering:
    """Settings of the parallel tempering run that an estimate of log Z is made from.

    Args:
        n_chains: independent ladders, at least 3: leaving one out at a time makes the interval.
        n_betas: temperatures of a ladder, placed so that neighbours overlap evenly.
        n_rounds: rounds that count; n_burn_in rounds before that do not.
        confidence: nominal coverage of the interval; half-widths are multiplied by the WIDENING
            of estimate.py, without which 95 % came out as 92.5 % on a critical Ising torus.
        base: the model at beta = 0, see AnnealedImportanceSampling.
    """

    n_chains: int = 20
    n_betas: int = 30
    n_rounds: int = 300
    n_burn_in: int = 100
    confidence: float = 0.95
    base: str = "data mean"

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains, low=3)
        check_count("n_betas", self.n_betas, low=3)
        check_count("n_rounds", self.n_rounds, low=2)
        check_count("n_burn_in", self.n_burn_in, low=0)
        check_number("confidence", self.confidence, 0.01, 1.0, below_high=True)
        check_choice("base", self.base, BASES)

    def __str__(self) -> str:
        """Name the method and its settings, for a legend."""
        return f"{self._name}, {self.n_chains} ladders x {self.n_betas} betas"

    @property
    def _name(self) -> str:
        raise NotImplementedError

    def _log_z_of(self, samples: TemperedSamples, ladders: NDArray[np.intp]) -> FloatArray:
        """Estimate log Z_beta - log Z_0 at every beta from some ladders: (n_betas,)."""
        raise NotImplementedError

    def _discretisation(self, samples: TemperedSamples) -> float:
        """How far the estimate may be off for having no more betas."""
        return 0.0

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Estimate log Z in nats; `estimate_log_z` has arguments, result and errors."""
        begun = time.thread_time()
        b_base = base_biases(rbm, v_data, self.base)
        betas = adaptive_betas(rng, rbm, b_base, self.n_betas, 100)
        samples = run_tempered(
            rng,
            rbm,
            b_base,
            betas,
            self.n_chains,
            self.n_rounds,
            self.n_burn_in,
            None if watch is None else lambda done: watch(done, np.empty(0)),
        )
        everyone = np.arange(self.n_chains)
        along = self._log_z_of(samples, everyone)
        without = np.array([self._log_z_of(samples, np.delete(everyone, k))[-1] for k in everyone])
        log_z, error = jackknife(without, float(along[-1]))
        log_z_0 = base_log_z(rbm, b_base)
        t = WIDENING * float(stdtrit(self.n_chains - 1, 0.5 + 0.5 * self.confidence))
        half = t * error + self._discretisation(samples) + 1e-10 * max(1.0, abs(log_z_0 + log_z))
        worst = float(samples.swap_rates.min())
        warning = None
        if worst < LOW_SWAP_RATE:
            warning = (
                f"Between two betas only {worst:.1%} of the swaps are accepted, below "
                f"{LOW_SWAP_RATE:.0%}; use more betas."
            )
        steps = (self.n_rounds + self.n_burn_in) * self.n_chains * self.n_betas
        return LogZEstimate(
            log_z=log_z_0 + log_z,
            low=log_z_0 + log_z - half,
            high=log_z_0 + log_z + half,
            confidence=self.confidence,
            effective_sample_size=float(self.n_chains),
            method=str(self),
            log_weights=log_z_0 + self.n_chains * along[-1] - (self.n_chains - 1) * without,
            warning=warning,
            interval="jackknife over independent ladders",
            cost=Cost(steps, time.thread_time() - begun),
            along=LogZAlongBeta(betas, log_z_0 + along, samples.slope.mean(axis=(0, 2))),
        )


@dataclass(frozen=True)
class BridgeSampling(Tempering):
    """Estimate log Z as the sum over neighbours of Bennett's acceptance ratio.

    Consistent; the bias of order 1 / (rounds * ladders) is removed by the jackknife.
    """

    @property
    def _name(self) -> str:
        return "bridge sampling"

    def _log_z_of(self, samples: TemperedSamples, ladders: NDArray[np.intp]) -> FloatArray:
        steps = [
            log_acceptance_ratio(up[:, ladders].ravel(), down[:, ladders].ravel())
            for up, down in zip(samples.up.swapaxes(0, 1), samples.down.swapaxes(0, 1), strict=True)
        ]
        return np.concatenate([[0.0], np.cumsum(steps)])
