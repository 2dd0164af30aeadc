"""The live canvas: a Streamlit component that plays batches of frames, and its message format."""
