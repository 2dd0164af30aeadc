"""What each phase of each structure costs against the number of units, measured here and now."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from rbmviz.core.boltzmann import (
    BoltzmannMachine,
    PersistentNegative,
    Structure,
    machine_mean_field,
    machine_negative_phase,
    machine_positive_phase,
    phase_costs,
)
from rbmviz.core.state_blocks import Progress
from rbmviz.language import N_
from rbmviz.studio.machine_settings import KINDS, make_structure

SIZES = tuple(range(4, 49, 4))  # units in all
N_ROWS = 10  # that the positive phase clamps
MAX_POINT_SECONDS = 0.04  # predicted; a longer sum is not measured
APPROXIMATE = {"mean field": N_("Mean field, general"), "gibbs": N_("Gibbs sweep, general")}
_REPEATS = 2  # the shorter time counts
_CALL_SECONDS = 5e-4  # a call's own, for the progress alone
_COUPLED, _SCALE = 3, 0.3


@dataclass(frozen=True)
class MachineCostPoint:
    """A phase of one structure at one size."""

    phase: str  # "positive" or "negative"
    kind: str  # of KINDS, or of APPROXIMATE
    n_units: int
    seconds: float  # of CPU


def structure_of(kind: str, n_units: int) -> Structure:
    """Share out n_units evenly between the layers of a kind."""
    layers = {"fully visible": 1, "deep": 3}.get(kind, 2)
    n_hidden = max(n_units // layers, 1)
    n_visible = n_units if layers == 1 else n_units - (layers - 1) * n_hidden
    return make_structure(kind, n_visible, n_hidden, _COUPLED)


def _todo() -> list[tuple[str, str, int, float]]:
    """List phase, kind, size and predicted seconds of every point."""
    found = []
    for kind in KINDS:
        for n in SIZES:
            costs = phase_costs(structure_of(kind, n), N_ROWS)
            for phase, cost in zip(("positive", "negative"), costs, strict=True):
                if cost.seconds <= MAX_POINT_SECONDS:
                    found.append((phase, kind, n, cost.seconds + _CALL_SECONDS))
    found += [("positive", "mean field", n, 4 * _CALL_SECONDS) for n in SIZES]
    found += [("negative", "gibbs", n, 4 * _CALL_SECONDS) for n in SIZES]
    return found


@cache
def predicted_cost_seconds() -> float:
    """Predict the CPU seconds of the whole measurement; counting the terms takes a moment too."""
    return _REPEATS * sum(seconds for *_, seconds in _todo())


def measure_machine_costs(progress: Progress | None = None) -> list[MachineCostPoint]:
    """Time both exact phases of every structure, and two approximations; progress may raise."""
    todo, points = _todo(), []
    whole, done = sum(seconds for *_, seconds in todo), 0.0
    for phase, kind, n, seconds in todo:
        if progress is not None:
            progress(done / whole)
        points.append(MachineCostPoint(phase, kind, n, _measured(phase, kind, n)))
        done += seconds
    return points


def _measured(phase: str, kind: str, n_units: int) -> float:
    rng = np.random.default_rng(n_units)
    structure = structure_of(kind if kind in KINDS else "general", n_units)
    machine = BoltzmannMachine.random(rng, structure, _SCALE)
    v = rng.integers(0, 2, (N_ROWS, machine.n_visible)).astype(float)
    chains = PersistentNegative()
    x = chains.init(rng, machine, v)
    work: dict[tuple[str, str], Callable[[], object]] = {
        ("positive", "mean field"): lambda: machine_mean_field(machine, v, tolerance=1e-4),
        ("negative", "gibbs"): lambda: chains.step(rng, x, machine, v),
    }
    sums = {
        "positive": lambda: machine_positive_phase(machine, v),
        "negative": lambda: machine_negative_phase(machine),
    }
    task, times = work.get((phase, kind), sums[phase]), []
    _known = machine.couplings, machine.hidden_couplings, structure.free_cut, structure.clamped_cut
    _known = structure.free_blocks, structure.clamped_blocks  # what a run finds out once
    for _repeat in range(_REPEATS):
        begun = time.thread_time()
        task()
        times.append(time.thread_time() - begun)
    return max(min(times), 1e-6)
