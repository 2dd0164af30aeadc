"""Bring a run to a step that a lesson asks for, a little at a time."""

import time

from rbmviz.studio.engine import Engine

POINTS = 60  # of the ledger on the way
LEAST_SECONDS = 0.02  # so that every call comes a little further


def bring_to(engine: Engine, step: int, seconds: float) -> bool:
    """Train toward a step for a time; the ledger learns of the way.

    Returns:
        True when it goes no further: the step is reached, or the run has diverged.
    """
    first, deadline = engine.state.step, time.perf_counter() + seconds
    for k in range(1, POINTS + 1):
        part = first + (step - first) * k // POINTS
        if not engine.approach(part, max(deadline - time.perf_counter(), LEAST_SECONDS)):
            return True
        if time.perf_counter() > deadline:
            break
    return engine.state.step >= step
