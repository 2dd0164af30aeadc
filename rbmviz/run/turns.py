"""Turns at the core: of all sessions of a process one plays at a time.

Threads that play at once only pass the interpreter's lock to and fro: each gets less done in its
time, and what an answer costs in any case is paid as often.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LOCK_SECONDS = 0.01  # that a turn waits for a session's own lock


class Turns:
    """Give one thread the turn, then the one that waited longest; what a person did goes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._urgent: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()
        self._others_are_next = False

    @contextmanager
    def turn(self, *, urgent: bool) -> Iterator[None]:
        """Wait for the turn and have it inside the block.

        urgent: a person waits for it; after one such turn another waiting thread comes first, so
        that nobody who presses buttons all the time stops the others.
        """
        mine = threading.Event()
        with self._lock:
            if self._taken:
                (self._urgent if urgent else self._others).append(mine)
            else:
                self._taken, self._others_are_next = True, urgent
                mine.set()
        mine.wait()
        try:
            yield
        finally:
            self._pass_on()

    @contextmanager
    def turn_with(self, lock: threading.Lock, *, urgent: bool) -> Iterator[bool]:
        """Have the turn and a lock inside the block; False when the lock is held for longer.

        The turn comes first: who waits for it holds up no other thread of the same session.
        """
        with self.turn(urgent=urgent):
            if not lock.acquire(timeout=LOCK_SECONDS):
                yield False
                return
            try:
                yield True
            finally:
                lock.release()

    def _pass_on(self) -> None:
        with self._lock:
            urgent = bool(self._urgent) and not (self._others and self._others_are_next)
            queue = self._urgent if urgent else self._others
            self._others_are_next = urgent
            if queue:
                queue.popleft().set()
            else:
                self._taken = False


PLAYERS = Turns()  # of this process
