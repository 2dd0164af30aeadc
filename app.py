"""Show both phases of the log-likelihood gradient, live. Run with: streamlit run app.py."""

import streamlit as st

from rbmviz.language import _
from rbmviz.pages.language import begin_language, show_language_choice

begin_language()
st.set_page_config(
    page_title="rbmviz",
    page_icon="rbmviz/pages/icon.png",  # a file: a symbol's name would be fetched from the network
    layout="wide",
    initial_sidebar_state="collapsed" if st.context.is_embedded else "auto",
    menu_items={"About": _("rbmviz: both phases of the log-likelihood gradient, live.")},
)
st.navigation(
    [
        st.Page("rbmviz/pages/lab.py", title=_("Lab"), default=True),
        st.Page("rbmviz/pages/lessons.py", title=_("Lessons"), url_path="lessons"),
        st.Page(
            "rbmviz/pages/negative_phase.py", title=_("Negative phase"), url_path="negative-phase"
        ),
        st.Page(
            "rbmviz/pages/partition_function.py",
            title=_("Partition function"),
            url_path="partition-function",
        ),
        st.Page("rbmviz/pages/derivation.py", title=_("Derivation"), url_path="derivation"),
        st.Page("rbmviz/pages/every_state.py", title=_("Every state"), url_path="every-state"),
        st.Page(
            "rbmviz/pages/which_phase.py", title=_("Which phase is hard?"), url_path="which-phase"
        ),
    ]
).run()
show_language_choice()
