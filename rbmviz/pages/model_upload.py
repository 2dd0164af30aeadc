"""The upload of a model that somebody else trained."""

from dataclasses import replace

import streamlit as st

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.language import N_, _, language
from rbmviz.studio.model_files import KINDS, describe_file, imported_case
from rbmviz.studio.presets import ModelCase

IMPORTED = N_("Imported")  # among the names of the models
_FILE = "model_file"


def imported_model() -> ModelCase | None:
    """Give the model that was imported, described in the language that is spoken now."""
    state = st.session_state
    case = state.get("imported_model")
    if not isinstance(case, ModelCase):
        return None
    name, spoken = state.get("imported_from", (None, None))
    if name is not None and spoken != language():
        case = replace(case, description=describe_file(name, case.rbm))
        state.imported_model, state.imported_from = case, (name, language())
    return case


def show_upload(choice: str) -> None:
    """Draw the uploader; a readable file is the page's model at once.

    choice: the key of the widget that chooses among the names of the models.
    """
    file = st.file_uploader(
        _("Import a trained RBM"),
        type=list(KINDS),
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key=_FILE,
        on_change=_on_file,
        args=(choice,),
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


def _on_file(choice: str) -> None:
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
        state.imported_model = imported_case(file.name, file.getvalue())
    except InputError as error:
        state.import_error = _("{error} The model on this page did not change.").format(error=error)
        return
    state.imported_from, state[choice] = (file.name, language()), IMPORTED
