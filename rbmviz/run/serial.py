"""Numbers that rise over all processes, so that a page never mixes two servers' runs."""

import time
from itertools import count


def first_number() -> int:
    """Give a number above all that earlier processes counted up to: microseconds since 1970.

    Nothing here counts a million a second, and JavaScript holds such numbers exactly (below 2**53).
    """
    return time.time_ns() // 1000


_SERIALS = count(first_number())


def next_serial() -> int:
    """Give the next serial number; they rise over all recordings, and over restarts."""
    return next(_SERIALS)
