"""Reverse annealed importance sampling: from samples of the RBM back to the easy model.

Source: Burda, Grosse & Salakhutdinov (2015), "Accurate and conservative estimates of MRF log-
likelihood using reverse annealing"; Grosse, Ghahramani & Adams (2015), "Sandwiching the marginal
likelihood". With v_K drawn from p itself and sweeps at falling betas,
    log u = sum_k [log p*_{beta_{k-1}}(v_k) - log p*_{beta_k}(v_k)],       E[u] = Z_0 / Z.
The mean is that of u, of the inverse weights: log Z_0 - log mean(u) lies on average ABOVE log Z.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.enumeration import MAX_LISTED_UNITS, exact_samples_and_log_z
from rbmviz.core.errors import FloatArray, check_count
from rbmviz.core.log_z.annealed_importance_sampling import Annealing
from rbmviz.core.log_z.estimate import (
    Cost,
    LogZEstimate,
    checked_estimate,
    estimate_from_log_weights,
)
from rbmviz.core.log_z.mode_search import rounding_of
from rbmviz.core.log_z.path import PathChains, Watch, base_biases, base_log_z
from rbmviz.core.rbm import RBM
from rbmviz.core.state_blocks import Progress

EXACT = "exact samples"


@dataclass(frozen=True)
class ReverseAnnealedImportanceSampling(Annealing):
    """Estimate log Z by annealing from samples of the RBM to independent visible units.

    The samples are exact while the shorter layer can be listed, and log_z is then a stochastic
    upper bound. Above that they come from forward annealing and n_burn_in Gibbs steps more, which
    the method's name and the warning say: such a chain that misses a mode of the model makes log_z
    too small.
    """

    n_burn_in: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("n_burn_in", self.n_burn_in, low=0)

    @property
    def _name(self) -> str:
        return "reverse annealed importance sampling"

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Estimate log Z in nats; `estimate_log_z` has arguments, result and errors."""
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
        log_u, exact_log_z = self.anneal(rng, rbm, b_base, betas, watch)
        how = EXACT if exact_log_z is not None else f"chains of {2 * self.n_burn_in} steps"
        cost = self.cost(rbm, betas, time.thread_time() - begun)
        begin_steps = 0 if how == EXACT else self.n_chains * (2 * self.n_burn_in + 1)
        # log mean(u) with its interval, turned round
        inverse = estimate_from_log_weights(
            log_u,
            confidence=self.confidence,
            method=f"{self}, from {how}",
            precision=self.precision,
            bound="upper",
            cost=Cost(cost.gibbs_steps + begin_steps, cost.seconds),
        )
        log_z_0 = base_log_z(rbm, b_base)
        warning = inverse.warning
        if how != EXACT:
            doubt = f"It starts from {how}: an upper bound only if these reach every mode."
            warning = f"{warning} {doubt}" if warning else doubt
        rounding = rounding_of(rbm)
        return replace(
            inverse,
            at_least=-np.inf if exact_log_z is None else exact_log_z - rounding,
            at_most=np.inf if exact_log_z is None else exact_log_z + rounding,
            log_z=log_z_0 - inverse.log_z,
            low=log_z_0 - inverse.high,
            high=log_z_0 - inverse.low,
            log_weights=log_z_0 - log_u,
            warning=warning,
        )

    @np.errstate(all="ignore")  # exp may reach 0, and log(u) inf: both mean what they should
    def anneal(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        b_base: FloatArray,
        betas: FloatArray,
        watch: Watch | None = None,
    ) -> tuple[FloatArray, float | None]:
        """Run the chains through falling betas; return log u, (n_chains,), and the exact log Z.

        log Z is known where the chains begin at exact samples, else None.
        """
        chains = PathChains(rbm, b_base, self.n_chains, self.precision)
        log_u = np.zeros(self.n_chains)
        falling = betas[::-1].tolist()
        sweeps = sum(self.sweeps_at(rbm, beta) for beta in falling[1:-1])
        ahead = 0.0  # share of the way that finding samples takes
        if min(rbm.n_visible, rbm.n_hidden) > MAX_LISTED_UNITS:
            ahead = (2 * self.n_burn_in + 1) / (2 * self.n_burn_in + 1 + sweeps)
        exact_log_z = self._begin(
            rng, rbm, chains, None if watch is None else lambda done: watch(ahead * done, log_u)
        )
        for k in range(len(falling) - 1):
            if watch is not None and k % max(1, len(falling) // 100) == 0:
                watch(ahead + (1.0 - ahead) * k / (len(falling) - 1), log_u)
            if k > 0:
                for _ in range(self.sweeps_at(rbm, falling[k])):
                    chains.sweep(rng, falling[k])
            log_u += chains.log_ratio(falling[k], falling[k + 1])
        return log_u, exact_log_z

    def _begin(
        self, rng: np.random.Generator, rbm: RBM, chains: PathChains, progress: Progress | None
    ) -> float | None:
        """Put the chains at samples of the model; give log Z where they are exact ones."""
        if min(rbm.n_visible, rbm.n_hidden) <= MAX_LISTED_UNITS:
            chains.v, log_z = exact_samples_and_log_z(rng, rbm, self.n_chains)
            return log_z
        chains.draw_base(rng)
        cooling = np.linspace(0.0, 1.0, self.n_burn_in + 1)
        betas = np.concatenate([cooling, np.ones(self.n_burn_in)]).tolist()
        for k, beta in enumerate(betas):
            if progress is not None and k % max(1, len(betas) // 100) == 0:
                progress(k / len(betas))
            chains.sweep(rng, beta)
        return None
