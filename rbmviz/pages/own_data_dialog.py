"""Own data in the lab: patterns to paint, files to upload, a table to edit, in one dialog."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from rbmviz.core.errors import InputError
from rbmviz.language import N_, _
from rbmviz.run.own_data import DEFAULT_ROWS, OWN_NAME, decode_rows, encode_rows, rows_in_words
from rbmviz.stage.component import sent, show_painter
from rbmviz.studio.own_files import MAX_FILE_BYTES, PICTURES, TABLES, GreyRows, read_files
from rbmviz.studio.own_pictures import contact_sheet

PAINTED_ROWS, PAINTED_SIDE = 64, 16  # what the painter takes
PREVIEWED_ROWS = 36
_UPLOADS = N_(
    "A table has a line for each row and a column for each pixel (CSV, NPY or NPZ); an array of "
    "images has the shape (rows, height, width). Each PNG picture becomes one row."
)


def own_text() -> str:
    """The rows of this session, as text; a heart and a smile before there are any."""
    return str(st.session_state.get("own_data", DEFAULT_ROWS))


def show_own_data_button() -> None:
    """Draw the way into the dialog."""
    st.button(
        _("Paint, upload or edit"), key="own_edit", on_click=open_own_data_dialog, width="stretch"
    )


def open_own_data_dialog() -> None:
    """Open the dialog; it stays open, whatever else runs the page, until it is closed."""
    st.session_state.own_open = True
    st.session_state.share_link = None  # only one dialog can be open


def show_own_data_dialog() -> None:
    """Draw the dialog while it is open."""
    if st.session_state.get("own_open"):
        st.dialog(_(OWN_NAME), width="medium", on_dismiss=_close)(_show_tabs)()


def _close() -> None:
    st.session_state.own_open = False


def _show_tabs() -> None:
    paint, upload, table = st.tabs([_("Paint"), _("Upload"), _("Table")])
    with paint:
        _paint()
    with upload:
        _upload()
    with table:
        _table()


def _offer(text: str, key: str) -> None:
    """Draw the button that starts a run on these rows."""
    words = rows_in_words(text)
    if st.button(_("Train on {rows}").format(rows=words), key=key, type="primary"):
        if key != "own_use_painted":  # the painter keeps what it has
            st.session_state.own_draft = None
        st.session_state.own_data = text
        st.session_state.own_chosen = True  # the list of data sets follows
        _close()
        st.rerun()


# ---- paint --------------------------------------------------------------------------------


def _paint() -> None:
    draft = st.session_state.get("own_draft")
    if draft is None:
        draft = st.session_state.own_draft = own_text() if _can_be_painted() else DEFAULT_ROWS
        st.session_state.own_origin = st.session_state.get("own_origin", 0) + 1
    if not _can_be_painted():
        st.caption(_("The rows of now are too many or too large to paint: these are new ones."))
    show_painter(draft, st.session_state.own_origin, key="own_painter", on_painted=_on_painted)
    _offer(draft, "own_use_painted")


def _can_be_painted() -> bool:
    v, image_shape = decode_rows(own_text())
    return len(v) <= PAINTED_ROWS and max(image_shape) <= PAINTED_SIDE and min(image_shape) > 1


def _on_painted() -> None:
    text = sent("own_painter", "painted")
    try:
        decode_rows(str(text))
    except InputError:
        return  # nothing that the painter sends
    st.session_state.own_draft = text


# ---- upload -------------------------------------------------------------------------------


def _upload() -> None:
    uploaded: Sequence[Any] = st.file_uploader(
        _("Tables and pictures"),
        type=[*TABLES, *PICTURES],
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key="own_files",
        help=f"{_(_UPLOADS)} " + _("Nothing is unpickled."),
    )
    if not uploaded:
        st.caption(_(_UPLOADS))
        return
    side = PAINTED_SIDE
    if any(file.name.lower().endswith(PICTURES) for file in uploaded):
        side = st.slider(_("Pixels along the longer side"), 2, PAINTED_SIDE, 8, key="own_side")
    try:
        grey = _read(uploaded, side)
    except InputError as error:
        st.error(str(error))
        return
    for note in grey.notes:
        st.caption(note)
    low, high = grey.limits
    v = grey.values
    if not grey.is_decided:
        if low == high:
            st.error(_("All values are {low:g}: no pixel differs from another.").format(low=low))
            return
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        share = left.slider(_("Threshold, % from the smallest to the largest"), 1, 99, 50) / 100
        dark = right.toggle(_("Dark is on"), grey.dark_is_ink, key=f"own_dark_{grey.dark_is_ink}")
        v = grey.on(low * (1 - share) + high * share, dark=dark)
    text = encode_rows(v, grey.image_shape)
    shown = (
        _(", the first {previewed_rows} are shown").format(previewed_rows=PREVIEWED_ROWS)
        if len(v) > PREVIEWED_ROWS
        else ""
    )
    sheet = contact_sheet(v[:PREVIEWED_ROWS], grey.image_shape)
    words = _("{rows_in_words}, {mean:.0%} of the pixels on{shown}.").format(
        rows_in_words=rows_in_words(text), mean=v.mean(), shown=shown
    )
    st.image(sheet, alt=words)
    st.caption(words)
    _offer(text, "own_use_uploaded")


def _read(uploaded: Sequence[Any], side: int) -> GreyRows:
    """Read the files once, however often the page runs."""
    asked = (tuple(file.file_id for file in uploaded), side)
    kept = st.session_state.get("own_read")
    if kept is None or kept[0] != asked:
        kept = (asked, read_files([(file.name, file.getvalue()) for file in uploaded], side))
        st.session_state.own_read = kept
    grey: GreyRows = kept[1]
    return grey


# ---- table --------------------------------------------------------------------------------


def _table() -> None:
    text = own_text()
    kept = st.session_state.get("own_table_base")
    if kept is None or kept[0] != text:  # the editor keeps its changes to this very table
        v = decode_rows(text)[0]
        names = [str(j + 1) for j in range(v.shape[1])]
        kept = (text, pd.DataFrame(v.astype(int), columns=names))
        st.session_state.own_table_base = kept
    base = kept[1]
    pixel = st.column_config.NumberColumn(min_value=0, max_value=1, step=1, width=44)
    edited = st.data_editor(
        base,
        num_rows="dynamic",
        column_config=dict.fromkeys(base.columns, pixel),
        height=320,
        key=f"own_table_{hash(text)}",
        alt=_("The rows of the data: one line a row, one column a pixel."),
    )
    image_shape = decode_rows(text)[1]
    try:
        changed = encode_rows(edited.to_numpy(dtype=np.float64), image_shape)
    except (InputError, TypeError, ValueError) as error:
        st.error(str(error))
        return
    _offer(changed, "own_use_table")
