"""Parallel tempering: chains at rising temperatures exchange their states.

Source: Desjardins, Courville, Bengio, Vincent & Delalleau (2010), "Tempered Markov chain Monte
Carlo for training of restricted Boltzmann machines"; Cho, Raiko & Ilin (2010). Swaps alternate
deterministically between even and odd pairs: Okabe et al. (2001), Syed et al. (2022).

Chain t samples the joint p_t(v, h) proportional to exp(-beta_t E(v, h)), so a swap of (v, h) and
(v', h') between beta and beta' is accepted with probability

    min(1, exp((beta - beta') (E(v, h) - E(v', h'))))

The energies are those of the pairs. Free energies would not do: the marginal of exp(-beta E) over
v is not exp(-beta F(v)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rbmviz.core.errors import FloatArray, InputError, as_rows, check_count
from rbmviz.core.negative_phase.estimator import (
    Chains,
    NegativePhase,
    NegativePhaseEstimate,
    require_chains,
    rows_to_start_from,
)
from rbmviz.core.random_streams import UniformSource
from rbmviz.core.rbm import RBM, sample_bernoulli, sample_h_given_v, sigmoid_in_place


@dataclass(frozen=True, eq=False)
class TemperedChains(Chains):
    """Ladders of chains: h has (n_temperatures * n_chains, n_hidden), the hottest rows first."""

    n_temperatures: int
    swap_odd: bool  # which pairs exchange next: (1, 2), (3, 4) ... or (0, 1), (2, 3) ...


@dataclass(frozen=True)
class ParallelTempering(NegativePhase):
    """PT: n_chains ladders of n_temperatures persistent chains, beta from 0 to 1 in equal steps.

    Each of n_steps moves every chain by one Gibbs step at its own temperature, then offers swaps
    to every other pair of neighbours. Only the rows at beta = 1 enter the statistics.

    Estimated. At fixed parameters the rows reach p(v, h), and modes that Gibbs sampling alone
    would not leave are exchanged through the hot end, where beta = 0 and every step is an
    independent draw. Cost: n_temperatures times that of PCD, and the energies.
    """

    n_chains: int = 25
    n_temperatures: int = 10
    n_steps: int = 1

    def __post_init__(self) -> None:
        check_count("n_chains", self.n_chains)
        check_count("n_temperatures", self.n_temperatures, low=2)
        check_count("n_steps", self.n_steps)

    @property
    def betas(self) -> FloatArray:
        """Inverse temperatures, rising: (n_temperatures,)."""
        return np.linspace(0.0, 1.0, self.n_temperatures)

    @property
    def n_rows(self) -> int:
        """Number of chains over all ladders and temperatures."""
        return self.n_chains * self.n_temperatures

    def init(self, rng: np.random.Generator, rbm: RBM, v_data: ArrayLike) -> TemperedChains:
        """Start each ladder at one data row."""
        rows = as_rows("v_data", v_data, rbm.n_visible)
        v = np.tile(rows_to_start_from(rng, rows, self.n_chains), (self.n_temperatures, 1))
        h = sample_h_given_v(rng, rbm, v)
        return TemperedChains(h, self.n_temperatures, swap_odd=False)

    def advance(
        self,
        rng: UniformSource,
        chains: Chains | None,
        rbm: RBM,
        v_batch: FloatArray,
        mean_h_batch: FloatArray,
    ) -> tuple[TemperedChains, NegativePhaseEstimate]:
        """Alternate a Gibbs step of every chain with swaps; the batch plays no part."""
        ladders = require_chains(chains, rbm, self, TemperedChains, self.n_rows)
        if ladders.n_temperatures != self.n_temperatures:
            raise InputError(
                f"chains of ParallelTempering: got {ladders.h.shape[-2]} rows at "
                f"{ladders.n_temperatures} temperatures, not {self.n_rows} at "
                f"{self.n_temperatures}. Pass what init(rng, rbm, v_data) of this estimator "
                "returned."
            )
        beta = np.repeat(self.betas, self.n_chains)[:, None]  # one for each row
        h, odd = ladders.h, ladders.swap_odd
        for _ in range(self.n_steps):
            x = h @ rbm.W.mT
            x += rbm.b
            x *= beta
            v = sample_bernoulli(rng, sigmoid_in_place(x))
            y = v @ rbm.W
            y += rbm.c
            h = sample_bernoulli(rng, sigmoid_in_place(beta * y))
            energies = -((v * rbm.b).sum(axis=-1) + (y * h).sum(axis=-1))
            order = self._swaps(rng, energies, odd)
            v, h = (np.take_along_axis(part, order[..., None], axis=-2) for part in (v, h))
            odd = not odd
        coldest = slice(-self.n_chains, None)
        samples = np.ascontiguousarray(v[..., coldest, :])
        y = samples @ rbm.W
        y += rbm.c
        estimate = NegativePhaseEstimate(samples=samples, mean_h=sigmoid_in_place(y))
        return TemperedChains(h, self.n_temperatures, odd), estimate

    def _swaps(self, rng: UniformSource, energies: FloatArray, odd: bool) -> NDArray[np.intp]:
        """Offer swaps between neighbours; return the row that each place takes its state from."""
        shape = energies.shape[:-1]
        ladders = energies.reshape(*shape, self.n_temperatures, self.n_chains)
        places = np.arange(self.n_temperatures * self.n_chains).reshape(ladders.shape[-2:])
        order: NDArray[np.intp] = np.broadcast_to(places, ladders.shape).copy()
        low = slice(int(odd), self.n_temperatures - 1, 2)  # the hotter of each pair
        high = slice(int(odd) + 1, self.n_temperatures, 2)
        gap = self.betas[1] - self.betas[0]
        # (beta_high - beta_low) (E_high - E_low): a lower energy belongs to the colder place
        log_ratio = gap * (ladders[..., high, :] - ladders[..., low, :])
        accepted = np.log1p(-rng.random(log_ratio.shape)) < log_ratio
        order[..., low, :] = np.where(accepted, places[high], places[low])
        order[..., high, :] = np.where(accepted, places[low], places[high])
        return order.reshape(energies.shape)
