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
from rbmviz.core.log_z.certain import certain_bounds, rows_near_the_model
from rbmviz.core.log_z.estimate import WIDENING, Cost, LogZEstimate, checked_estimate
from rbmviz.core.log_z.path import (
    BASES,
    LogZAlongBeta,
    Watch,
    base_biases,
    base_log_z,
    check_choice,
)
from rbmviz.core.log_z.schedule import adaptive_betas
from rbmviz.core.log_z.tempered_run import (
    TemperedSamples,
    compare_starts,
    jackknife,
    run_tempered,
)
from rbmviz.core.rbm import RBM

LOW_SWAP_RATE = 0.1  # below it neighbours hardly overlap


@dataclass(frozen=True)
class Tempering:
    """Settings of the parallel tempering run that an estimate of log Z is made from.

    Args:
        n_chains: independent ladders, at least 3: leaving one out at a time makes the interval.
            Half of them begin hot, at the base model; the others cold, at rows where the model is
            probable: exact samples, or data and modes found by search.
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
        steps = (self.n_rounds + self.n_burn_in) * self.n_chains * self.n_betas
        known = certain_bounds(rbm, v_data, steps * (rbm.n_visible + rbm.n_hidden))
        n_cold = self.n_chains // 2
        cold = rows_near_the_model(rng, rbm, known, v_data, n_cold * self.n_betas)
        samples = run_tempered(
            rng,
            rbm,
            b_base,
            betas,
            self.n_chains,
            self.n_rounds,
            self.n_burn_in,
            None if watch is None else lambda done: watch(done, np.empty(0)),
            cold.reshape(self.n_betas, n_cold, rbm.n_visible),
        )
        everyone = np.arange(self.n_chains)
        along = self._log_z_of(samples, everyone)
        without = np.array([self._log_z_of(samples, np.delete(everyone, k))[-1] for k in everyone])
        log_z, error = jackknife(without, float(along[-1]))
        log_z_0 = base_log_z(rbm, b_base)
        values = self.n_chains * along[-1] - (self.n_chains - 1) * without
        # Hot and cold are two repeats of the start: half their difference is its standard error.
        start_error, agree = compare_starts(values[:-n_cold], values[-n_cold:])
        stated = max(error, start_error)
        t = WIDENING * float(stdtrit(self.n_chains - 1, 0.5 + 0.5 * self.confidence))
        half = t * stated + self._discretisation(samples) + 1e-10 * max(1.0, abs(log_z_0 + log_z))
        worst = float(samples.swap_rates.min())
        warnings = []
        if worst < LOW_SWAP_RATE:
            warnings.append(
                f"Between two betas only {worst:.1%} of the swaps are accepted, below "
                f"{LOW_SWAP_RATE:.0%}; use more betas."
            )
        if not agree and 2.0 * start_error > 1e-9 * max(1.0, abs(log_z_0 + log_z)):
            warnings.append(
                f"Ladders begun hot and ladders begun cold differ by {2.0 * start_error:.2g} nats, "
                "more than chance allows: they have not forgotten their start. Use more rounds "
                "and a longer burn-in, and n_betas to match."
            )
        found = LogZEstimate(
            log_z=log_z_0 + log_z,
            low=log_z_0 + log_z - half,
            high=log_z_0 + log_z + half,
            confidence=self.confidence,
            effective_sample_size=max(self.n_chains * (error / stated) ** 2, 1.0)
            if stated > 0.0
            else float(self.n_chains),
            method=str(self),
            log_weights=log_z_0 + values,
            warning=" ".join(warnings) or None,
            interval="jackknife over independent ladders, half of them begun hot and half cold",
            cost=Cost(steps, time.thread_time() - begun),
            along=LogZAlongBeta(betas, log_z_0 + along, samples.slope.mean(axis=(0, 2))),
        )
        return checked_estimate(found, rbm, v_data, known)


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
