"""What has to happen once in a server process, after the imports."""

import gc
from functools import cache

# After drawing a fragment that plays: Streamlit sends what a run draws every 0.01 s
FLUSH_SECONDS = 0.03


@cache
def freeze_imports() -> None:
    """Take everything that is imported by now out of the garbage collector's sight.

    Streamlit collects all generations after every run of a script or fragment. With the libraries
    frozen this takes well under a millisecond instead of some 80, holding up every session.
    """
    gc.collect()
    gc.freeze()
