"""Feed hostile links and files to everything that reads from outside, for some minutes.

    .venv/bin/python -m tests.fuzz --minutes 5
    .venv/bin/python -m tests.fuzz --only recording --case 1234     one case again, with its trace

A finding is any error but the reader's own, a message that no person can read, more than 256 MB or
some seconds for one case. Each is printed with its number, and the exit code is 1. What was mended
is kept in tests/fuzz/test_findings.py.
"""

import argparse
import logging
import random
import signal
import sys
import time
import traceback
import tracemalloc
import warnings
from collections import Counter

from tests.fuzz.targets import TARGETS, Target

MAX_BYTES = 256 * 2**20
MAX_MESSAGE = 2000  # characters


def case_of(name: str, number: int) -> object:
    """Draw a case: the same number gives the same one."""
    return TARGETS[name].make(random.Random(f"{name} {number}"))


def trouble_with(target: Target, case: object) -> str:
    """Read a case; say what is wrong with how it was taken, or nothing."""
    tracemalloc.reset_peak()
    before, begun = tracemalloc.get_traced_memory()[0], time.perf_counter()
    found = ""
    try:
        target.read(case)
    except ValueError as error:
        own = type(error).__module__.startswith("rbmviz.")
        if not own or not target.may_refuse:
            found = _last_line(error)
        elif not 10 < len(str(error)) <= MAX_MESSAGE:
            found = f"a message of {len(str(error))} characters: {str(error)[:80]!r}"
    except Exception as error:  # the whole point
        found = _last_line(error)
    seconds = time.perf_counter() - begun
    n_bytes = tracemalloc.get_traced_memory()[1] - before
    if not found and seconds > target.seconds:
        found = f"took {seconds:.1f} s"
    if not found and n_bytes > MAX_BYTES:
        found = f"took {n_bytes / 2**20:.0f} MB"
    return found


def _last_line(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "rbmviz" in f.filename and "/tests/" not in f.filename]
    at = ours[-1] if ours else frames[-1]
    return f"{type(error).__name__} at {at.filename[-40:]}:{at.lineno}: {str(error)[:160]}"


def _too_long(signum: int, frame: object) -> None:
    raise TimeoutError("a case does not end")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--only", choices=list(TARGETS))
    parser.add_argument("--case", type=int, help="one case of --only again")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's, outside of a server
    warnings.simplefilter("error", RuntimeWarning)
    if chosen.case is not None:
        case = case_of(chosen.only, chosen.case)
        print(repr(case)[:3000])
        print("result:", TARGETS[chosen.only].read(case))
        return 0
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _too_long)
    tracemalloc.start(1)
    names = [chosen.only] if chosen.only else list(TARGETS)
    weights = [TARGETS[name].weight for name in names]
    order, number, counts = random.Random(chosen.first), chosen.first, Counter[str]()
    findings: dict[str, str] = {}
    deadline = time.monotonic() + 60 * chosen.minutes
    while time.monotonic() < deadline:
        name = order.choices(names, weights)[0]
        target, number = TARGETS[name], number + 1
        if hasattr(signal, "SIGALRM"):
            signal.alarm(int(3 * target.seconds) + 5)
        found = trouble_with(target, case_of(name, number))
        counts[name] += 1
        if found and findings.setdefault(f"{name}: {found[:70]}", found) is found:
            print(f"{name} {number}: {found}", flush=True)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
