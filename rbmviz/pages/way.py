"""Training to the step that a link or a lesson leads to, with progress and a way out."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import streamlit as st

from rbmviz.core.state_blocks import Progress
from rbmviz.language import _
from rbmviz.pages.progress import with_progress
from rbmviz.run.player import Notice, Player

MAX_SECONDS = 60.0  # of training to a link's step; then the reader decides
_SLICE_SECONDS = 0.2


def train_on_the_way(
    player: Player[Any, Any], page: str, follow_run: Callable[[], None], remedy: str = ""
) -> None:
    """Train to the step that a link or a lesson asks for; Cancel, or the sidebar, stops there.

    page: of the run. follow_run: lets the sidebar of that page, which shows where the way leads to,
    show where the run stands. remedy: how to go on where the time was too short.
    """
    assert player.way is not None  # else nothing is due
    goal = player.way[1]

    def work(progress: Progress) -> None:
        begun = monotonic()
        while player.way:
            player.go_on(_SLICE_SECONDS)
            progress(player.step / max(goal, 1))
            if player.way and monotonic() - begun > MAX_SECONDS:
                said = _(
                    "This computer came to step {here:,} of {step:,} in {seconds:.0f} s."
                ).format(step=goal, here=player.step, seconds=MAX_SECONDS)
                goes_on = remedy or _("Play and +100 go on from here.")
                player.stay(Notice("warning", f"{said} {goes_on}"))

    def stay() -> None:
        player.stay()
        follow_run()

    text = _("Training to step {step:,}").format(step=goal)
    with_progress(text, work, key="link_cancel", on_cancel=stay)
    st.session_state.way_ended = page
    st.rerun()


def follow_where_a_way_ended(page: str, follow_run: Callable[[], None]) -> None:
    """Let the sidebar follow the page's run, if its way ended since the page was drawn last."""
    if st.session_state.get("way_ended") == page:
        st.session_state.way_ended = None
        follow_run()
