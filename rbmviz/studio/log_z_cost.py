"""What log Z costs, measured here and now: error against seconds, and the price of exactness."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from rbmviz.core.enumeration import exact_log_z
from rbmviz.core.log_z import BridgeSampling, LogZMethod, ThermodynamicIntegration
from rbmviz.core.rbm import RBM
from rbmviz.core.state_blocks import Progress
from rbmviz.language import N_, _
from rbmviz.studio.log_z_methods import (
    ANNEALING,
    TEMPERING,
    LogZSettings,
    method_for,
    predicted_seconds,
)
from rbmviz.studio.log_z_study import LogZStudy, Truth

N_REPEATS = 4  # of every point; the error shown is the root of the mean square
MAX_POINT_SECONDS = 0.15  # predicted for a single estimate; the smallest size is always tried
_BETAS = (10, 30, 100, 300, 1000, 3000)
_ROUNDS = (10, 30, 100, 300, 1000)

MEASURED_UNITS = (10, 12, 14, 16, 17, 18)  # together well below a second
DRAWN_UNITS = 100
AGE_OF_UNIVERSE = 4.35e17  # seconds: 13.8 thousand million years


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class CostPoint:
    """A method at one size: what an estimate costs, and how far it is off."""

    kind: str
    size: str
    seconds: float  # of CPU, the mean over repeats
    error: float  # nats, root mean square over repeats


@dataclass(frozen=True)
class Rung:
    """A method at one size, not yet measured."""

    kind: str
    size: str
    method: LogZMethod
    seconds: float  # predicted


def rungs(study: LogZStudy) -> list[Rung]:
    """List the sizes worth measuring on this model, each method's smallest first."""
    rbm, found = study.case.rbm, []
    for kind in ANNEALING:
        for n_betas in _BETAS:
            settings = LogZSettings(n_betas=n_betas)
            seconds = predicted_seconds(kind, settings, rbm)
            if n_betas == _BETAS[0] or seconds <= MAX_POINT_SECONDS:
                size = _("100 chains, {n_betas:,} temperatures").format(n_betas=n_betas)
                found.append(Rung(kind, size, method_for(kind, settings, rbm), seconds))
    a_round = predicted_seconds("bridge", LogZSettings(n_betas=2), rbm) / 13  # 10 rounds and 3
    for kind in TEMPERING:
        for rounds in _ROUNDS:
            seconds = a_round * rounds * 4 / 3
            if rounds == _ROUNDS[0] or seconds <= MAX_POINT_SECONDS:
                maker = BridgeSampling if kind == "bridge" else ThermodynamicIntegration
                method = maker(n_chains=20, n_betas=30, n_rounds=rounds, n_burn_in=rounds // 3)
                found.append(
                    Rung(
                        kind,
                        _("20 ladders, {rounds:,} rounds").format(rounds=rounds),
                        method,
                        seconds,
                    )
                )
    for kind in ("mean field", "tap"):
        settings = LogZSettings()
        seconds = predicted_seconds(kind, settings, rbm)
        found.append(Rung(kind, _("50 starts"), method_for(kind, settings, rbm), seconds))
    return found


def measure_error_against_cost(
    study: LogZStudy, truth: Truth, progress: Progress | None = None
) -> list[CostPoint]:
    """Estimate log Z N_REPEATS times at every rung; progress may raise to cancel."""
    points, todo = [], rungs(study)
    whole = sum(rung.seconds for rung in todo)
    done = 0.0
    for n, rung in enumerate(todo):
        rng = np.random.default_rng([n, 77])
        errors, seconds = [], []
        for _repeat in range(N_REPEATS):
            estimate = rung.method.estimate(
                rng, study.case.rbm, study.v_data, _watch(progress, done / whole)
            )
            assert estimate.cost is not None
            errors.append(estimate.log_z - truth.log_z)
            seconds.append(estimate.cost.seconds)
            done += rung.seconds / N_REPEATS
        error = math.sqrt(float(np.mean(np.square(errors))))
        points.append(CostPoint(rung.kind, rung.size, float(np.mean(seconds)), error))
    return points


def _watch(progress: Progress | None, done: float) -> Callable[[float, object], None] | None:
    return None if progress is None else lambda _share, _weights: progress(done)


@cache
def measured_exactness() -> tuple[tuple[int, float], ...]:
    """Measure the CPU seconds of exact log Z of n x n units for a few n; once a process."""
    rng = np.random.default_rng(0)
    measured = []
    for n in MEASURED_UNITS:
        rbm = RBM.random(rng, n, n, scale=0.1)
        times = []
        for _repeat in range(3):
            begun = time.thread_time()
            exact_log_z(rbm)
            times.append(time.thread_time() - begun)
        measured.append((n, max(min(times), 1e-7)))
    return tuple(measured)


def continued(measured: tuple[tuple[int, float], ...], n: int) -> float:
    """Continue the measured times to n x n units: log10 of the seconds, by n 2**n.

    The largest size sets the factor: below it the time is that of calls, not of states.
    """
    largest, seconds = measured[-1]
    return math.log10(seconds) + (n - largest) * math.log10(2.0) + math.log10(n / largest)


def duration(log10_seconds: float) -> str:
    """Write a time that may be absurdly long."""
    if log10_seconds < -3:
        return _("under a millisecond")
    if log10_seconds < 0:
        return f"{1000 * 10**log10_seconds:.0f} ms"
    for seconds, name in ((60, "s"), (3600, "min"), (86_400, "h"), (3.156e7, N_("days"))):
        if log10_seconds < math.log10(seconds):
            unit = {"s": 1, "min": 60, "h": 3600, "days": 86_400}[name]
            return f"{10**log10_seconds / unit:.0f} {_(name)}"
    years = log10_seconds - math.log10(3.156e7)
    if 10**years < 1.5:
        return _("1 year")
    if years < 6:
        return _("{n} years").format(n=f"{float(f'{10**years:.2g}'):,.0f}")
    return _("{n} years").format(n="10" + f"{years:.0f}".translate(_RAISED))
