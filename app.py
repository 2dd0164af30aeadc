"""Show both phases of the log-likelihood gradient, live. Run with: streamlit run app.py."""

import streamlit as st

st.set_page_config(
    page_title="rbmviz",
    page_icon="rbmviz/pages/icon.png",  # a file: a symbol's name would be fetched from the network
    layout="wide",
    menu_items={"About": "rbmviz: both phases of the log-likelihood gradient, live."},
)
st.navigation([st.Page("rbmviz/pages/lab.py", title="Lab", default=True)]).run()
