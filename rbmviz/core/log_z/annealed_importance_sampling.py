"""Annealed importance sampling (AIS): log Z from chains that cool from an easy model to the RBM.

Sources: Neal (2001), *Annealed importance sampling*; Salakhutdinov & Murray (2008), *On the
quantitative analysis of deep belief networks*, section 4. For 0 = beta_0 < ... < beta_K = 1,
    log w = log Z_0 + sum_k [log p*_{beta_k}(v_k) - log p*_{beta_{k-1}}(v_k)],       E[w] = Z,
where v_1 is drawn from the base model (beta = 0) and v_{k+1} from v_k by Gibbs sweeps that leave
p_{beta_k} unchanged; path.py has p*_beta. Everything here is random except what path.py says.
"""

import math
import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray, InputError, check_count, check_number
from rbmviz.core.log_z.estimate import (
    Cost,
    LogZEstimate,
    checked_estimate,
    estimate_from_log_weights,
)
from rbmviz.core.log_z.path import (
    BASES,
    PRECISIONS,
    LogZAlongBeta,
    PathChains,
    Watch,
    base_biases,
    base_log_z,
    check_choice,
)
from rbmviz.core.log_z.schedule import SCHEDULES, adaptive_betas, fixed_betas
from rbmviz.core.rbm import RBM

MOST_SWEEPS = 13  # the default at beta = 1
UNITS_A_BETA = 416  # 13 sweeps of 16 + 16 units
N_SEEN = 200  # betas at which the path is recorded


@dataclass(frozen=True)
class Annealing:
    """Settings that annealing forward and in reverse share.

    Args:
        n_chains: independent chains, at least 2, because their spread makes the interval.
        n_betas: values of beta, both ends included, at least 2. Time grows in proportion.
        n_sweeps: Gibbs sweeps at beta = 1, and in proportion fewer before: the chains mix worst
            near the end, and that is what limits the precision of trained models. None: 13 for
            16 x 16 units, fewer for more units so that a beta costs about the same, at least 1.
        confidence: nominal coverage of the interval, between 0 and 1.
        base: the model at beta = 0: "data mean" (uniform without data), "visible biases" of the
            RBM, or "uniform".
        schedule: where the betas lie: "linear", "sigmoid", "salakhutdinov-murray" or "adaptive".
        precision: "float64", or "float32" for the chains of large models. Weights are summed in
            float64 either way; float32 inputs are off by some 1e-6, which a thousand units and ten
            thousand betas add up to about 1e-3 nats.

    Raises:
        InputError: a setting is out of range.
    """

    n_chains: int = 100
    n_betas: int = 1000
    n_sweeps: int | None = None
    confidence: float = 0.95
    base: str = "data mean"
    schedule: str = "linear"
    precision: str = "float64"

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains, low=2)
        check_count("n_betas", self.n_betas, low=2)
        if self.n_sweeps is not None:
            check_count("n_sweeps", self.n_sweeps)
        if check_number("confidence", self.confidence, 0.0, 1.0, below_high=True) == 0.0:
            raise InputError("confidence is 0; choose a value between 0 and 1, such as 0.95.")
        check_choice("base", self.base, BASES)
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("precision", self.precision, PRECISIONS)

    @property
    def betas(self) -> FloatArray:
        """The inverse temperatures 0 = beta_0 < ... < beta_K = 1 of a fixed schedule: (n_betas,).

        >>> AnnealedImportanceSampling(n_betas=5).betas
        array([0.  , 0.25, 0.5 , 0.75, 1.  ])
        """
        if self.schedule == "adaptive":
            raise InputError("The adaptive betas depend on the model; ask betas_for(rng, rbm, b).")
        return fixed_betas(self.schedule, self.n_betas)

    def betas_for(self, rng: np.random.Generator, rbm: RBM, b_base: FloatArray) -> FloatArray:
        """The betas of any schedule; the adaptive one looks at the model with rng."""
        if self.schedule == "adaptive":
            return adaptive_betas(rng, rbm, b_base, self.n_betas, self.n_chains)
        return self.betas

    def sweeps_at(self, rbm: RBM, beta: float) -> int:
        """How many Gibbs sweeps are made at a beta."""
        most = self.n_sweeps or min(MOST_SWEEPS, UNITS_A_BETA // (rbm.n_visible + rbm.n_hidden))
        return max(1, math.ceil(most * beta))

    def cost(self, rbm: RBM, betas: FloatArray, seconds: float) -> Cost:
        """What a run at these betas costs."""
        sweeps = sum(self.sweeps_at(rbm, float(beta)) for beta in betas[1:-1])
        return Cost(sweeps * self.n_chains, seconds)

    def __str__(self) -> str:
        """Name the method and its settings, for a legend."""
        return f"{self._name}, {self.n_chains} chains x {self.n_betas} betas"

    @property
    def _name(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class AnnealedImportanceSampling(Annealing):
    """Estimate log Z by annealing from independent visible units to the RBM.

    The base model and the betas are those of the defaults unless said otherwise: the data's mean
    and equal spacing, which on trained models was as good as denser spacing at either end.

    >>> AnnealedImportanceSampling(n_betas=5).betas
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """

    @property
    def _name(self) -> str:
        return "annealed importance sampling"

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Estimate log Z in nats; `estimate_log_z` has arguments, result and errors.

        exp(log_z) is unbiased for Z, so that log_z itself lies on average below log Z (Jensen): a
        stochastic lower bound. watch is told the log weights so far, log Z_0 included.
        """
        return checked_estimate(self.unchecked(rng, rbm, v_data, watch), rbm, v_data)

    def unchecked(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Estimate log Z from the weights alone."""
        begun = time.thread_time()
        b_base = base_biases(rbm, v_data, self.base)
        betas = self.betas_for(rng, rbm, b_base)
        log_w, along = self.anneal(rng, rbm, b_base, betas, watch)
        return estimate_from_log_weights(
            log_w,
            confidence=self.confidence,
            method=str(self),
            precision=self.precision,
            bound="lower",
            cost=self.cost(rbm, betas, time.thread_time() - begun),
            along=along,
        )

    def anneal(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        b_base: FloatArray,
        betas: FloatArray,
        watch: Watch | None = None,
    ) -> tuple[FloatArray, LogZAlongBeta]:
        """Run the chains through `betas`; return log w, (n_chains,) in nats, and the path seen."""
        log_w, along, _ = self._run(rng, rbm, b_base, betas, watch)
        return log_w, along

    def particles(
        self, rng: np.random.Generator, rbm: RBM, b_base: FloatArray, betas: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return log w and the rows v, (n_chains, n_visible), that stand for p with weights w."""
        log_w, _, chains = self._run(rng, rbm, b_base, betas, None)
        return log_w, chains.v.astype(np.float64)

    @np.errstate(all="ignore")  # exp may reach 0, and log(u) inf: both mean what they should
    def _run(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        b_base: FloatArray,
        betas: FloatArray,
        watch: Watch | None,
    ) -> tuple[FloatArray, LogZAlongBeta, PathChains]:
        chains = PathChains(rbm, b_base, self.n_chains, self.precision)
        log_w = np.full(self.n_chains, base_log_z(rbm, b_base))
        chains.draw_base(rng)
        every = max(1, (len(betas) - 1) // N_SEEN)
        seen: list[tuple[float, float, float]] = []
        for k, (beta, next_beta) in enumerate(pairwise(betas.tolist())):
            if k % every == 0:
                if watch is not None:
                    watch(k / (len(betas) - 1), log_w)
                seen.append((beta, *_weighted(log_w, chains.slope(beta))))
            log_w += chains.log_ratio(beta, next_beta)
            if next_beta == betas[-1]:
                break  # a sample of the last model would not change the weight
            for _ in range(self.sweeps_at(rbm, next_beta)):
                chains.sweep(rng, next_beta)
        seen.append((1.0, *_weighted(log_w, chains.slope(1.0))))
        along = LogZAlongBeta(*(np.array(column) for column in zip(*seen, strict=True)))
        return log_w, along, chains


def _weighted(log_w: FloatArray, slope: FloatArray) -> tuple[float, float]:
    """Estimate log Z of this beta and the mean slope under it from weighted chains."""
    top = float(log_w.max())
    w = np.exp(log_w - top)
    return top + math.log(float(w.mean())), float(w @ slope / w.sum())
