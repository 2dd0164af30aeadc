"""The link to what a page shows: copied, shown as a code, and what was wrong in one."""

import re
from collections.abc import Mapping

import numpy as np
import segno
import streamlit as st

from rbmviz.language import _
from rbmviz.pages.lesson_session import about_the_lesson, with_lesson
from rbmviz.pages.plain import plain
from rbmviz.stage.component import draw_share, sent
from rbmviz.studio.page_tables import LESSONS, PAGE_TABLES

_MAX_LINK, _MAX_CODED = 20_000, 2900  # characters; a code holds 2,953 bytes
_LINK = re.compile(r"https?://[!-~]+")


def note_link(messages: list[str]) -> None:
    """Note what was wrong in an address; what was noted before and not read yet stays."""
    before = st.session_state.get("link_messages", [])
    st.session_state.link_messages = [*before, *(new for new in messages if new not in before)]


def show_link_messages() -> None:
    """Name what of the link was changed, until it was read."""
    if messages := st.session_state.get("link_messages"):
        left, right = st.columns([7, 1], vertical_alignment="center")
        told = "\n".join(f"- {plain(message)}" for message in messages)
        left.warning(_("About the link that opened this page:") + f"\n{told}")
        right.button(_("OK"), key="link_ok", on_click=_forget_messages, width="stretch")


def show_share_buttons(
    path: str,
    query: str,
    notes: str,
    usual: Mapping[str, str],
    step: int | None = None,
    goal: int | None = None,
) -> None:
    """Draw the buttons of the sidebar, and the code while it is asked for.

    path: of the page; "" is the lab. query: what the server knows. usual: what the browser knows,
    with the values that are left out. step: where the page's run stands, which may be shown a
    moment later. goal: the step that it is on its way to.
    """
    notes = f"{notes} {about_the_lesson()}".strip()
    with st.sidebar:
        draw_share(
            {
                "path": path,
                "paths": [*PAGE_TABLES, LESSONS],
                "query": with_lesson(query),
                "notes": notes,
                "usual": dict(usual),
                "step": step,
                "goal": goal,
            },
            key="share",
            on_qr=lambda: ask_for_code(path, sent("share", "qr")),
        )
    if st.session_state.get("share_link") and st.session_state.get("share_path", path) != path:
        _close()  # the page was left by the browser's own buttons
    if st.session_state.get("share_link"):
        title = st.session_state.get("share_title") or _("Link to this state")
        dialog = st.dialog(title, width="medium", on_dismiss=_close)
        dialog(_show_code)(notes)


def _forget_messages() -> None:
    st.session_state.link_messages = []


def ask_for_code(path: str, link: object, title: str = "") -> None:
    """Show the code of a link; call it from a callback.

    path: of the page that draws the dialog. title: of a link to something else than that page.
    """
    is_link = isinstance(link, str) and len(link) <= _MAX_LINK and _LINK.fullmatch(link)
    st.session_state.share_link = link if is_link else None
    st.session_state.share_path, st.session_state.share_title = path, title
    st.session_state.own_open = False  # only one dialog can be open


def _close() -> None:
    st.session_state.share_link = None


def _show_code(notes: str) -> None:
    link = str(st.session_state.share_link)
    if len(link) > _MAX_CODED:
        st.warning(_("This link is too long for a code. Copy it instead."))
    else:
        code = segno.make(link, error="m" if len(link) < 1000 else "l", micro=False)
        modules = np.pad(np.array([list(row) for row in code.matrix], dtype=np.uint8), 4)
        scale = max(560 // len(modules), 2)  # pixels a module
        picture = 255 * (1 - np.kron(modules, np.ones((scale, scale), dtype=np.uint8)))
        st.image(picture, alt=_("QR code of {link}").format(link=link), output_format="PNG")
    if notes:
        st.caption(plain(notes))
    st.code(link, language=None, wrap_lines=True)
