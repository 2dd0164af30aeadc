"""The upload of a model that somebody else trained."""

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.language import _, language
from rbmviz.pages.plain import plain
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import UPLOADED
from rbmviz.run.page_link import MAX_FILE_NAME
from rbmviz.run.table import rows
from rbmviz.studio.model_files import KINDS, describe_file, imported_case
from rbmviz.studio.page_tables import PAGE_TABLES

_FILE = "model_file"


def imported_model() -> ModelCase | None:
    """Give the model that was imported, described in the language that is spoken now."""
    state = st.session_state
    case = state.get("imported_model")
    if not isinstance(case, ModelCase):
        return None
    name, spoken = state.get("imported_from", (None, None))
    if name is not None and spoken != language():
        case = replace(case, description=describe_file(plain(name), case.rbm))
        state.imported_model, state.imported_from = case, (name, language())
    return case


def imported_name() -> str | None:
    """Give the name of the file that the imported model is from."""
    return st.session_state.get("imported_from", (None, None))[0]


def show_upload() -> None:
    """Draw the uploader; a readable file is the model of all pages at once."""
    file = st.file_uploader(
        _("Import a trained RBM"),
        type=list(KINDS),
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key=_FILE,
        on_change=_on_file,
        help=_(
            "An .npz with W, b and c; a .mat with vishid, visbiases and hidbiases; or "
            "safetensors. Pickled files are never opened."
        ),
    )
    if file is None:
        if imported_model() is not None:
            st.caption(_("The imported model stays in the list until you import another one."))
    elif error := st.session_state.get("import_error"):
        st.error(error)


def _on_file() -> None:
    """Read the file before the page is drawn: the choice of the model stands above the uploader.

    A model stays when its file goes: the browser takes a file away before it sends the next one,
    and whenever the page is left.
    """
    state = st.session_state
    file = state.get(_FILE)
    state.import_error = None
    if file is None:
        return
    try:
        case = imported_case(file.name, file.getvalue())
    except InputError as error:
        state.import_error = _("{error} The model on this page did not change.").format(error=error)
        return
    name = PurePath(file.name).name[-MAX_FILE_NAME:]
    state.imported_model = replace(case, description=describe_file(plain(name), case.rbm))
    state.imported_from = (name, language())
    for page in PAGE_TABLES.values():
        if "model" in rows(page.table):
            state[page.key("model")] = UPLOADED
