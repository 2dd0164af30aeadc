"""One place in the sidebar for all files that can be made of the run."""

from functools import partial

import streamlit as st

from rbmviz.export.formats import FORMATS, Format
from rbmviz.language import N_, _, language, speaking
from rbmviz.run.lab import Lab

_ROWS = {  # what the files show, and their endings with what the buttons say
    N_("Phases, samples and training curves, for print"): {
        ".pdf": "PDF",
        ".svg": "SVG",
        ".png": "PNG",
    },
    N_("Training curves"): {".csv": "CSV", ".vl.json": "Vega-Lite"},
    N_("W, b and c"): {".npz": "NPZ", ".safetensors": "safetensors"},
    N_("Script that reproduces the run"): {".py": "Python"},
}
_BY_SUFFIX = {known.suffix: known for known in FORMATS}


def show_export(lab: Lab) -> None:
    """Draw the menu; a file is made when its button is pressed, of the step that is shown then."""
    with st.sidebar.popover(_("Export"), width="stretch"):
        for title, buttons in _ROWS.items():
            st.markdown(_(title))
            with st.container(horizontal=True):
                for suffix, label in buttons.items():
                    st.download_button(
                        label,
                        partial(
                            _file, lab, _BY_SUFFIX[suffix], language()
                        ),  # in a thread without session
                        file_name=f"rbmviz_run{suffix}",
                        mime=_BY_SUFFIX[suffix].mime,
                        key=f"export_{suffix}",
                        on_click="ignore",
                    )


def _file(lab: Lab, wanted: Format, spoken: str) -> bytes:
    with speaking(spoken):
        return wanted.write(lab.copy_of_run())
