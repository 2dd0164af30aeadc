"""How wrong a negative phase is on average, and how much it scatters: its bias and its noise.

From independent repeats at fixed parameters, all at once as one extra axis; for contrastive
divergence also from the exact operator, without a repeat. The truth is exact enumeration.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from rbmviz.core.diagnostics import angles_between
from rbmviz.core.enumeration import exact_negative_phase
from rbmviz.core.errors import FloatArray, InputError, as_rows, check_count, check_rng
from rbmviz.core.gibbs_operator import GibbsOperator
from rbmviz.core.many_runs import stacked_chains
from rbmviz.core.negative_phase import (
    Chains,
    ExactEnumeration,
    NegativePhase,
    NegativePhaseEstimate,
)
from rbmviz.core.phase import PhaseStatistics, gradient, positive_phase
from rbmviz.core.rbm import RBM, mean_h_unchecked
from rbmviz.core.state_blocks import Progress, numbers_of

MAX_COUNTED_UNITS = 12  # visible units whose 4096 states are counted

_BLOCK_DOUBLES = 2**21  # of the largest array while repeating: 16 MB
_TIMING_SECONDS = 0.03


@dataclass(frozen=True, eq=False)
class BiasAndNoise:
    """One estimator of the negative phase on one model and one batch, judged by the exact phase.

    Norms are Euclidean over W, b and c. Angles, in degrees, are between the gradient that follows
    from the estimate and the exact one; nan where one of them is zero. A sign is wrong where the
    gradient of a weight is on the other side of zero than the exact one.
    """

    n_repeats: int | None  # None: nothing was repeated, mean and deviation are exact
    mean: PhaseStatistics  # of the estimates
    bias: PhaseStatistics  # mean - exact
    deviation: PhaseStatistics  # standard deviation of a single estimate
    angle_of_mean: float  # from repeats, less what their noise explains
    wrong_signs_of_mean: float  # share of the weights, 0 to 1; from repeats, beyond 2 std. errors
    angle_of_one: float | None = None  # averaged over the repeats where it is defined
    wrong_signs_of_one: float | None = None
    seconds: float | None = None  # CPU seconds of one estimate, measured
    visible_frequencies: FloatArray | None = None  # (2**n_visible,) how often samples were there
    n_counted: int = 0  # samples behind visible_frequencies

    @property
    def noise_norm(self) -> float:
        """Root mean squared distance of an estimate from their mean."""
        return float(np.linalg.norm(self.deviation.flat()))

    @property
    def bias_floor(self) -> float:
        """What the norm of a zero bias would show from so many repeats: 0 when exact."""
        return 0.0 if self.n_repeats is None else self.noise_norm / float(np.sqrt(self.n_repeats))

    @property
    def bias_norm(self) -> float:
        """Length of the bias; from repeats, less the part that their noise explains."""
        squared = float(np.sum(self.bias.flat() ** 2)) - self.bias_floor**2
        return float(np.sqrt(max(squared, 0.0)))


def repeat_estimates(
    rng: np.random.Generator,
    rbm: RBM,
    method: NegativePhase,
    v_batch: ArrayLike,
    n_repeats: int,
    *,
    n_warm_up: int = 0,
    chains: Chains | None = None,
    progress: Progress | None = None,
) -> Iterator[NegativePhaseEstimate]:
    """Make independent estimates at fixed parameters, in blocks along a new first axis.

    Args:
        v_batch: (n, n_visible), the batch of every repeat; chains start from its rows.
        n_warm_up: steps at these parameters before the one that counts, for persistent chains.
        chains: where all repeats start instead, such as the chains of a run.
        progress: called before each step with the share done; raise in it to cancel.

    Yields:
        Estimates whose samples are (repeats in the block, n, n_visible).
    """
    check_rng(rng)
    if not method.takes_stacks:
        raise InputError(f"{type(method).__name__} gives the same every time; call its step once.")
    rows = as_rows("v_batch", v_batch, rbm.n_visible)
    check_count("n_warm_up", n_warm_up, low=0)
    left = check_count("n_repeats", n_repeats)
    with np.errstate(over="ignore"):
        mean_h = mean_h_unchecked(rbm, rows)
    first = chains if chains is not None else method.init(rng, rbm, rows)
    size = max(len(rows), 0 if first is None else first.h.shape[0]) + rbm.n_visible
    per_block = max(1, _BLOCK_DOUBLES // (size * (rbm.n_visible + rbm.n_hidden)))
    while left > 0:
        n = min(left, per_block)
        left -= n
        starts = [chains] * n if chains else [method.init(rng, rbm, rows) for _ in range(n)]
        now = stacked_chains(starts)
        shape = (n, len(rows))
        v_stack = np.broadcast_to(rows, (*shape, rbm.n_visible))
        mean_h_stack = np.broadcast_to(mean_h, (*shape, rbm.n_hidden))
        with np.errstate(over="ignore"):
            for step in range(n_warm_up + 1):
                if progress is not None:
                    progress((n_repeats - left - n + n * step / (n_warm_up + 1)) / n_repeats)
                now, estimate = method.advance(rng, now, rbm, v_stack, mean_h_stack)
        yield estimate


def measure_bias_and_noise(
    rng: np.random.Generator,
    rbm: RBM,
    method: NegativePhase,
    v_batch: ArrayLike,
    *,
    n_repeats: int = 300,
    n_warm_up: int = 0,
    chains: Chains | None = None,
    exact: PhaseStatistics | None = None,
    progress: Progress | None = None,
) -> BiasAndNoise:
    """Measure mean, bias and noise of an estimator from independent repeats.

    Args:
        v_batch, n_repeats, n_warm_up, chains: see repeat_estimates.
        exact: the exact negative phase, when it is known already.
        progress: called with the share done; raise in it to cancel.

    Returns:
        Estimates whose errors shrink like 1 / sqrt(n_repeats): see bias_floor.

    Raises:
        TooManyUnitsError: exact is None and the model is too large to enumerate.
    """
    rows = as_rows("v_batch", v_batch, rbm.n_visible)
    check_count("n_repeats", n_repeats, low=2)  # one alone has no spread
    if exact is None:
        exact, _ = exact_negative_phase(rbm)
    positive = positive_phase(rbm, rows)
    if isinstance(method, ExactEnumeration):  # a repeat would give the same again
        with_itself = _judge(np.zeros_like(exact.flat()), 0.0 * exact.flat(), positive, exact)
        return replace(
            with_itself,
            angle_of_one=with_itself.angle_of_mean,
            wrong_signs_of_one=0.0,
            seconds=seconds_of_an_estimate(rng, rbm, method, rows),
        )
    tally = _Tally(positive, exact)
    for estimate in repeat_estimates(
        rng, rbm, method, rows, n_repeats, n_warm_up=n_warm_up, chains=chains, progress=progress
    ):
        tally.add(estimate)
    return replace(tally.result(), seconds=seconds_of_an_estimate(rng, rbm, method, rows))


def exact_bias_and_noise(
    operator: GibbsOperator, v_batch: ArrayLike, n_steps: int, exact: PhaseStatistics | None = None
) -> BiasAndNoise:
    """Compute mean, bias and noise of CD-k exactly, from the operator: nothing is sampled.

    Args:
        v_batch: (n, n_visible) of 0/1, a chain from each row; the rows are held fixed.
        exact: the exact negative phase, when it is known already.
    """
    return exact_bias_and_noise_up_to(operator, v_batch, n_steps, exact)[-1]


def exact_bias_and_noise_up_to(
    operator: GibbsOperator,
    v_batch: ArrayLike,
    max_steps: int,
    exact: PhaseStatistics | None = None,
) -> list[BiasAndNoise]:
    """Compute the same for k = 1 to max_steps, in one go."""
    if exact is None:
        exact, _ = exact_negative_phase(operator.rbm)
    positive = positive_phase(operator.rbm, v_batch)
    means = operator.expected_contrastive_divergence(v_batch, max_steps)
    deviations = operator.contrastive_divergence_deviations(v_batch, max_steps)
    return [
        _judge(mean.flat() - exact.flat(), deviation.flat(), positive, exact)
        for mean, deviation in zip(means, deviations, strict=True)
    ]


def seconds_of_an_estimate(
    rng: np.random.Generator, rbm: RBM, method: NegativePhase, v_batch: FloatArray
) -> float:
    """Measure the CPU seconds of one estimate, here and now: the fastest of a few tries."""
    chains = method.init(rng, rbm, v_batch)
    fastest, n_calls = np.inf, 1
    begun = time.perf_counter()
    while time.perf_counter() - begun < _TIMING_SECONDS:
        started = time.thread_time()
        for _ in range(n_calls):
            chains, estimate = method.step(rng, chains, rbm, v_batch)
            _ = estimate.statistics  # the sums belong to the cost
        fastest = min(fastest, (time.thread_time() - started) / n_calls)
        n_calls = max(1, min(20, int(_TIMING_SECONDS / 10 / max(fastest, 1e-6))))
    return fastest


class _Tally:
    """Sums over repeats, from which mean, deviation and the rest follow."""

    def __init__(self, positive: PhaseStatistics, exact: PhaseStatistics) -> None:
        self.n = 0
        self._positive, self._exact = positive, exact
        self._truth = gradient(positive, exact).flat()
        self._sum, self._squares = np.zeros_like(self._truth), np.zeros_like(self._truth)
        self._angles = self._wrong = 0.0
        self._n_angles = 0
        n_visible = exact.v.size
        self._counts = np.zeros(2**n_visible) if n_visible <= MAX_COUNTED_UNITS else None

    def add(self, estimate: NegativePhaseEstimate) -> None:
        """Take a block of repeats along the first axis."""
        s = estimate.statistics
        n, n_weights = len(s.v), self._exact.vh.size
        # relative to the exact phase, so that squares do not cancel
        off = np.hstack([s.vh.reshape(n, -1), s.v, s.h]) - self._exact.flat()
        self._sum += off.sum(axis=0)
        self._squares += (off**2).sum(axis=0)
        uphill = self._truth - off
        angles = angles_between(uphill, self._truth)
        known = np.isfinite(angles)  # an estimate equal to the positive phase points nowhere
        self._angles += float(angles[known].sum())
        self._n_angles += int(known.sum())
        self._wrong += n * _wrong_signs(uphill[:, :n_weights], self._truth[:n_weights])
        if self._counts is not None:
            v = estimate.samples.reshape(-1, self._exact.v.size)
            if not ((v == 0) | (v == 1)).all():  # means of a mean field are no states
                self._counts = None
            else:
                self._counts += np.bincount(numbers_of(v), minlength=len(self._counts))
        self.n += n

    def result(self) -> BiasAndNoise:
        """Judge what was added."""
        bias = self._sum / self.n
        variance = np.maximum(self._squares / self.n - bias**2, 0.0) * self.n / max(self.n - 1, 1)
        counts = self._counts
        return replace(
            _judge(bias, np.sqrt(variance), self._positive, self._exact, variance / self.n),
            n_repeats=self.n,
            angle_of_one=self._angles / self._n_angles if self._n_angles else float("nan"),
            wrong_signs_of_one=self._wrong / self.n,
            visible_frequencies=None if counts is None else counts / counts.sum(),
            n_counted=0 if counts is None else int(counts.sum()),
        )


def _judge(
    bias: FloatArray,
    deviation: FloatArray,
    positive: PhaseStatistics,
    exact: PhaseStatistics,
    variance_of_mean: FloatArray | float = 0.0,
) -> BiasAndNoise:
    """Compare a mean, given by its difference to the exact phase, with the truth.

    Noise left in the mean turns it away from the truth: its square is taken off the length before
    the angle, and a sign is wrong only beyond two standard errors.
    """
    truth, n_visible = gradient(positive, exact).flat(), exact.v.size
    n_weights = exact.vh.size
    uphill = truth - bias
    blur = float(np.sum(variance_of_mean * np.ones_like(bias)))
    length = np.sqrt(max(float(uphill @ uphill) - blur, 0.0)) * np.linalg.norm(truth)
    if blur == 0.0:
        angle = float(angles_between(uphill, truth))
    else:
        cosine = float(uphill @ truth) / length if length > 0 else float("nan")
        angle = float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    margin = 2.0 * np.sqrt(variance_of_mean * np.ones_like(bias))[:n_weights]
    wrong = uphill[:n_weights] * np.sign(truth[:n_weights]) < -margin
    return BiasAndNoise(
        n_repeats=None,
        mean=PhaseStatistics.from_flat(exact.flat() + bias, n_visible),
        bias=PhaseStatistics.from_flat(bias, n_visible),
        deviation=PhaseStatistics.from_flat(deviation, n_visible),
        angle_of_mean=angle,
        wrong_signs_of_mean=float(wrong.mean()),
    )


def _wrong_signs(uphill: FloatArray, truth: FloatArray) -> float:
    """Share of entries on the other side of zero than the truth; (..., n) against (n,)."""
    return float((uphill * np.sign(truth) < 0.0).mean())
