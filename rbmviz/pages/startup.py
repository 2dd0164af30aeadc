"""What has to happen once in a server process, after the imports, and the collection of garbage."""

import gc
import threading
import time
from collections.abc import Callable
from functools import cache

# After drawing a fragment that plays: Streamlit sends what a run draws every 0.01 s
FLUSH_SECONDS = 0.03
COLLECT_AFTER = 10.0  # seconds, at least, between two full collections
COLLECT_SHARE = 0.01  # of the time, at most


@cache
def freeze_imports() -> None:
    """Take everything that is imported by now out of the garbage collector's sight.

    With the libraries frozen a full collection takes a few milliseconds instead of some 80.
    """
    gc.collect()
    gc.freeze()


class Collector:
    """Collect all generations now and then.

    Streamlit would do so after every run of a script or fragment (`runner.postScriptGC`, off here):
    with eight players that held the interpreter for most of the time.
    """

    def __init__(
        self,
        collect: Callable[[], object] = gc.collect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collect, self._clock = collect, clock
        self._busy = threading.Lock()
        self._due = clock() + COLLECT_AFTER

    def collect_when_due(self) -> None:
        """Collect when enough time has passed, measured by what the last collection took."""
        if self._clock() < self._due or not self._busy.acquire(blocking=False):
            return
        try:
            begun = self._clock()
            self._collect()
            ended = self._clock()
            self._due = ended + max(COLLECT_AFTER, (ended - begun) / COLLECT_SHARE)
        finally:
            self._busy.release()


_COLLECTOR = Collector()  # of this process
collect_when_due = _COLLECTOR.collect_when_due  # at the end of a fragment that plays


def tidy_up() -> None:
    """End a run of a page."""
    freeze_imports()
    collect_when_due()
