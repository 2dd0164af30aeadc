"""The sandwich: annealing forward bounds log Z from below, in reverse from above.

Source: Grosse, Ghahramani & Adams (2015), "Sandwiching the marginal likelihood using bidirectional
Monte Carlo". Both sets of weights together give Bennett's acceptance ratio as the estimate.
"""

import time
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z.acceptance_ratio import log_acceptance_ratio
from rbmviz.core.log_z.annealed_importance_sampling import AnnealedImportanceSampling, Annealing
from rbmviz.core.log_z.estimate import Cost, LogZEstimate, checked_estimate
from rbmviz.core.log_z.path import Watch, base_biases, base_log_z
from rbmviz.core.log_z.reverse import ReverseAnnealedImportanceSampling
from rbmviz.core.rbm import RBM


@dataclass(frozen=True)
class Sandwich(Annealing):
    """Anneal n_chains forward and n_chains in reverse, at twice the cost of one of them.

    log_z is Bennett's acceptance ratio of both. The interval reaches from the lower end of the
    forward one to the upper end of the reverse one: it is too wide rather than too narrow. When
    the two hardly meet, the warning says so.
    """

    @property
    def _name(self) -> str:
        return "sandwich of forward and reverse annealing"

    def sides(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> tuple[LogZEstimate, LogZEstimate]:
        """Estimate from below and from above, each from its weights alone."""
        settings = {f.name: getattr(self, f.name) for f in fields(self)}
        forward = AnnealedImportanceSampling(**settings).unchecked(
            rng, rbm, v_data, _half(watch, 0.0)
        )
        reverse = ReverseAnnealedImportanceSampling(**settings).unchecked(
            rng, rbm, v_data, _half(watch, 0.5)
        )
        return forward, reverse

    def estimate(
        self,
        rng: np.random.Generator,
        rbm: RBM,
        v_data: ArrayLike | None = None,
        watch: Watch | None = None,
    ) -> LogZEstimate:
        """Estimate log Z in nats; `estimate_log_z` has arguments, result and errors."""
        begun = time.thread_time()
        forward, reverse = self.sides(rng, rbm, v_data, watch)
        log_z_0 = base_log_z(rbm, base_biases(rbm, v_data, self.base))
        ratio = log_acceptance_ratio(forward.log_weights - log_z_0, log_z_0 - reverse.log_weights)
        log_z = log_z_0 + ratio
        warnings = [w for w in (forward.warning, reverse.warning) if w]
        if forward.high < reverse.low:
            warnings.append("The two sides do not meet; use more betas.")
        steps = sum(side.cost.gibbs_steps for side in (forward, reverse) if side.cost)
        found = replace(
            forward,
            log_z=log_z,
            low=min(forward.low, reverse.low, log_z),
            high=max(forward.high, reverse.high, log_z),
            effective_sample_size=min(forward.effective_sample_size, reverse.effective_sample_size),
            method=str(self),
            warning=" ".join(warnings) or None,
            interval="from the lower end of the forward side to the upper end of the reverse side",
            bound=None,
            at_least=reverse.at_least,
            at_most=reverse.at_most,
            cost=Cost(steps, time.thread_time() - begun),
        )
        return checked_estimate(found, rbm, v_data)


def _half(watch: Watch | None, begin: float) -> Watch | None:
    """Report half of the way."""
    if watch is None:
        return None

    def told(done: float, log_weights: FloatArray) -> None:
        watch(begin + done / 2, log_weights if begin == 0.0 else np.empty(0))

    return told
