"""The address of a page: read once in a session, kept by the widgets, told by the sidebar."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from rbmviz.language import _, language
from rbmviz.pages.lab_link import TOO_MANY_CHANGES, lab_link, take_lab, the_lab
from rbmviz.pages.model_upload import imported_model, imported_name
from rbmviz.pages.share import note_link, show_share_buttons
from rbmviz.run.link_changes import Values, write_changes
from rbmviz.run.models import LAB_MODEL, UPLOADED
from rbmviz.run.page_link import PageLink, decode_page_link, encode_page_link
from rbmviz.run.table import clamp, rows
from rbmviz.studio.page_tables import PAGE_TABLES


def open_address(path: str, *, shows_lab: bool = True) -> None:
    """Set a page to what its address says, at its first run in a session.

    shows_lab: the run of the lab, if there is one, is what an address without a model shows.
    """
    page, state = PAGE_TABLES[path], st.session_state
    table, opened = rows(page.table), page.key("link")
    if opened in state:
        return
    query = st.query_params.to_dict()
    link, messages = decode_page_link(query, page.table, page.changing)
    told = any(name in table for name in query)
    values = {name: getattr(link.settings, name) for name in table}
    model = values.get("model")
    if link.lab is not None:
        messages += take_lab(link.lab)
    elif model is not None and not told and shows_lab and "lab" in state:
        values["model"] = LAB_MODEL
    if model == UPLOADED and link.file != imported_name():
        values["model"] = table["model"].default
        messages.append(
            _(
                "The page showed a model from the file {file!r}. Import it again, in the sidebar; "
                "{used!r} stands in for it."
            ).format(file=link.file, used=_(values["model"]))
        )
    for name, value in values.items():
        key = page.key(name)
        if told or key not in state:  # a lesson, or an upload, may have set it before
            _put(key, value)
    note_link(messages)
    state[opened] = link  # last: a newer run of the page may interrupt before, and begins again


def page_settings(path: str) -> Any:
    """Give what the widgets of a page say, checked; one that says something else is put right."""
    settings, messages = clamp(PAGE_TABLES[path].table, widget_values(path))
    put_settings(path, {name: getattr(settings, name) for name in rows(PAGE_TABLES[path].table)})
    for message in messages:
        st.sidebar.warning(message)
    return settings


def widget_values(path: str) -> dict[str, Any]:
    """Give what the widgets of a page say, as far as they are there, not checked."""
    page, state = PAGE_TABLES[path], st.session_state
    keys = {name: page.key(name) for name in rows(page.table)}
    given = {name: state[key] for name, key in keys.items() if key in state}
    if given.get("model") == UPLOADED and imported_model() is None:
        del given["model"]
    return given


def shown_value(path: str, name: str) -> Any:
    """Give what one widget says, checked: for a part of a page that is drawn by itself."""
    page = PAGE_TABLES[path]
    row = rows(page.table)[name]
    return row.clamped(st.session_state.get(page.key(name), row.default))[0]


def put_settings(path: str, values: Values) -> None:
    """Let the widgets of a page show these values; call it before they are drawn."""
    for name, value in values.items():
        _put(PAGE_TABLES[path].key(name), value)


def show_page_share(
    path: str,
    settings: Any,
    *,
    course: Sequence[tuple[int, Values]] = (),
    step: int | None = None,
    goal: int | None = None,
) -> None:
    """Draw the buttons that copy and show the link of a page.

    course: of a run whose settings changed on its way; step and goal: see show_share_buttons.
    """
    page, lab, notes = PAGE_TABLES[path], None, list[str]()
    if getattr(settings, "model", "") == LAB_MODEL:
        lab, notes = lab_link(the_lab())
    if write_changes(course, page.changing) is None:
        course = ()
        notes.append(_(TOO_MANY_CHANGES))
    file = imported_name() or ""
    link = PageLink(settings, tuple(course), lab, file)
    table = rows(page.table)
    if getattr(settings, "model", "") == UPLOADED:
        notes.append(_("The link names the file {file!r}: send it along.").format(file=file))
    show_share_buttons(
        path,
        encode_page_link(link, page.changing, language(), names_model="lab" in st.session_state),
        " ".join(notes),
        {name: row.written(row.default) for name, row in table.items() if row.seen},
        step,
        goal,
    )


def _put(key: str, value: object) -> None:
    value = list(value) if isinstance(value, tuple) else value
    if st.session_state.get(key) != value:  # a value set again would undo a press on its way here
        st.session_state[key] = value


def opened_link(path: str) -> PageLink[Any]:
    """Give what the address of a page said when it was opened in this session."""
    link: PageLink[Any] = st.session_state[PAGE_TABLES[path].key("link")]
    return link
