"""The widget of a setting, as its row describes it."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from rbmviz.language import _
from rbmviz.run.player import SPEEDS
from rbmviz.run.table import Field


def show_setting(
    said: Field,
    key: str,
    *,
    label: str = "",
    options: Iterable[str] = (),
    highest: float | None = None,
    **more: Any,
) -> Any:
    """Draw the widget of a setting and return its value, not checked.

    Args:
        said: the row.
        key: of the widget; its value must be in the session already.
        label, options: in place of those of the row.
        highest: a limit below that of the row.
        more: what the widget of Streamlit takes beside these.
    """
    label = label or _(said.label)
    more = {"key": key, "persist_state": "session", "help": _(said.help) or None} | more
    named = said.choices() if said.choices else {}
    if said.kind is tuple:
        return st.pills(
            label,
            list(named),
            selection_mode="multi",
            format_func=lambda name: _(named[name]),
            **more,
        )
    if named:
        return st.selectbox(
            label,
            list(options or named),
            format_func=lambda name: _(named.get(name, name)),
            **more,
        )
    if said.kind is bool:
        return st.toggle(label, **more)
    if said.numbers:
        more = {"format_func": lambda n: f"{n:,}"} | more
        return st.select_slider(label, said.numbers, **more)
    low, high = said.limits
    low, high = said.kind(low), said.kind(high if highest is None else highest)
    step = said.kind(said.step)
    if said.slider:
        return st.slider(label, low, high, step=step, format=said.format, **more)
    return st.number_input(label, low, high, step=step, format=said.format, **more)


def show_speed(key: str, first: int) -> int:
    """Draw the choice of the updates between two frames; return it, or the first of the page."""
    chosen = st.select_slider(
        _("Updates per frame"),
        options=SPEEDS,
        format_func=lambda n: _("max") if n == 0 else str(n),
        key=key,
        persist_state="session",
        help=_("Parameter updates between two painted frames; fewer when a model is too slow."),
    )
    return chosen if chosen in SPEEDS else first
