"""What the page about all states says: a verdict, and the top states as a table."""

from collections.abc import Sequence

import numpy as np

from rbmviz.core.state_blocks import bits_of
from rbmviz.core.state_snapshot import BELIEVED, StatesSnapshot
from rbmviz.language import _, ngettext

TOP_STATES = 50  # rows of the table


def verdict(frame: StatesSnapshot) -> str:
    """Tell how much of the model's mass lies on the data, and what the spurious modes hold."""
    has_data = frame.p_data > 0
    n_data, n_states = int(has_data.sum()), frame.p_data.size
    inside = share(float(frame.p_model[has_data].sum()))
    said = ngettext(
        "The data's {n} state of {of:,} hold {share} of the model's probability",
        "The data's {n} states of {of:,} hold {share} of the model's probability",
        n_data,
    ).format(n=n_data, of=n_states, share=inside)
    n, mass = len(frame.spurious.p), share(float(frame.spurious.p.sum()))
    if n == 0:
        return f"{said}. " + _("No spurious modes.")
    more = ngettext("{n} spurious mode holds {share}.", "{n} spurious modes hold {share}.", n)
    return f"{said}. " + more.format(n=n, share=mass)


def share(p: float) -> str:
    """Write a probability as a percentage that is 0 or 100 only when it is."""
    if 0 < p < 0.001:
        return _("less than 0.1%")
    if 0.999 < p < 1 - 1e-12:
        return _("more than 99.9%")
    return f"{min(p, 1.0):.1%}"


def top_states(frame: StatesSnapshot) -> dict[str, Sequence[object]]:
    """Give the columns of a table of the most probable states, and of the data's likeliest."""
    kept = np.lexsort((-frame.p_data, -frame.log_p_tilde))[:TOP_STATES]
    n_visible = frame.p_data.size.bit_length() - 1
    spurious = set(frame.spurious.states.tolist())
    modes = set(frame.spurious.modes.tolist())
    frequency = np.full(frame.p_data.size, np.nan) if frame.frequency is None else frame.frequency
    return {
        _("state"): ["".join(f"{bit:.0f}" for bit in v) for v in bits_of(kept, n_visible)],
        _("log p̃ = −F, nats"): frame.log_p_tilde[kept].tolist(),
        _("p model (exact)"): frame.p_model[kept].tolist(),
        _("p data"): frame.p_data[kept].tolist(),
        _("frequency (estimated)"): frequency[kept].tolist(),
        _("both pushes"): frame.push[kept].tolist(),
        _("next update, log p̃"): frame.change[kept].tolist(),
        _("mode"): [
            _("spurious") if s in spurious else _("mode") if s in modes else ""
            for s in kept.tolist()
        ],
    }


def definition() -> str:
    """Say what a spurious mode is."""
    return _(
        "a state that no flip of one unit makes more probable, that is at least "
        "{factor:g} times as probable as chance, and that the data never showed"
    ).format(factor=BELIEVED)
