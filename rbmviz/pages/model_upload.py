"""The upload of a model that somebody else trained."""

import streamlit as st

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.language import _
from rbmviz.studio.model_files import KINDS, imported_case


def show_upload() -> None:
    """Draw the uploader; a readable file becomes st.session_state.imported_model, a ModelCase."""
    file = st.file_uploader(
        _("Import a trained RBM"),
        type=list(KINDS),
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key="model_file",
        help=_(
            "An .npz with W, b and c; a .mat with vishid, visbiases and hidbiases; or "
            "safetensors. Pickled files are never opened."
        ),
    )
    if file is None:
        return
    kept = st.session_state.get("imported_file")
    if kept == file.file_id:
        if error := st.session_state.get("import_error"):
            st.error(error)
        return
    st.session_state.imported_file, st.session_state.import_error = file.file_id, None
    try:
        st.session_state.imported_model = imported_case(file.name, file.getvalue())
    except InputError as error:
        st.session_state.import_error = str(error)
        st.error(str(error))
