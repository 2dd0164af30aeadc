"""Long work with a progress bar and a way out."""

import time
from collections.abc import Callable

import streamlit as st

from rbmviz.core.state_blocks import Progress
from rbmviz.language import _

EVERY_SECONDS = 0.1  # a bar that moves more often is not read, and costs a message each time


def with_progress(
    text: str, work: Callable[[Progress], None], key: str, on_cancel: Callable[[], None]
) -> None:
    """Run work(progress) under a bar; Cancel, or any other widget, ends it at the next progress."""
    place = st.container()
    with place:
        left, right = st.columns([7, 1], vertical_alignment="bottom")
    bar = left.progress(0.0, text=text)
    right.button(_("Cancel"), key=key, on_click=on_cancel, width="stretch")
    shown = time.monotonic()

    def progress(done: float) -> None:
        nonlocal shown
        if time.monotonic() - shown > EVERY_SECONDS:
            shown = time.monotonic()
            bar.progress(min(max(done, 0.0), 1.0), text=f"{text}: {done:.0%}")

    work(progress)
