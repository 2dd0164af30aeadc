"""What the page about all states says: a verdict, and the top states as a table."""

from collections.abc import Sequence

import numpy as np

from rbmviz.core.state_blocks import bits_of
from rbmviz.core.state_snapshot import BELIEVED, StatesSnapshot

TOP_STATES = 50  # rows of the table


def verdict(frame: StatesSnapshot) -> str:
    """Tell how much of the model's mass lies on the data, and what the spurious modes hold."""
    has_data = frame.p_data > 0
    n_data, n_states = int(has_data.sum()), frame.p_data.size
    inside = share(float(frame.p_model[has_data].sum()))
    states = "state" if n_data == 1 else "states"
    said = f"The data's {n_data} {states} of {n_states:,} hold {inside} of the model's probability"
    n, mass = len(frame.spurious.p), share(float(frame.spurious.p.sum()))
    if n == 0:
        return f"{said}. No spurious modes."
    return f"{said}. {n} spurious {'mode holds' if n == 1 else 'modes hold'} {mass}."


def share(p: float) -> str:
    """Write a probability as a percentage that is 0 or 100 only when it is."""
    if 0 < p < 0.001:
        return "less than 0.1%"
    if 0.999 < p < 1 - 1e-12:
        return "more than 99.9%"
    return f"{min(p, 1.0):.1%}"


def top_states(frame: StatesSnapshot) -> dict[str, Sequence[object]]:
    """Give the columns of a table of the most probable states, and of the data's likeliest."""
    kept = np.lexsort((-frame.p_data, -frame.log_p_tilde))[:TOP_STATES]
    n_visible = frame.p_data.size.bit_length() - 1
    spurious = set(frame.spurious.states.tolist())
    modes = set(frame.spurious.modes.tolist())
    frequency = np.full(frame.p_data.size, np.nan) if frame.frequency is None else frame.frequency
    return {
        "state": ["".join(f"{bit:.0f}" for bit in v) for v in bits_of(kept, n_visible)],
        "log p̃ = −F, nats": frame.log_p_tilde[kept].tolist(),
        "p model (exact)": frame.p_model[kept].tolist(),
        "p data": frame.p_data[kept].tolist(),
        "frequency (estimated)": frequency[kept].tolist(),
        "both pushes": frame.push[kept].tolist(),
        "next update, log p̃": frame.change[kept].tolist(),
        "mode": [
            "spurious" if s in spurious else "mode" if s in modes else "" for s in kept.tolist()
        ],
    }


DEFINITION = (
    "a state that no flip of one unit makes more probable, that is at least "
    f"{BELIEVED:g} times as probable as chance, and that the data never showed"
)
