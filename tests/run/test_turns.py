"""Turns at the core: one at a time, first come first served, a person first, and nobody starves."""

import threading

import pytest

from rbmviz.run.turns import Turns


class Queue:
    """Threads that wait for a turn one after another, and the order in which they got it."""

    def __init__(self) -> None:
        self.turns, self.order, self.threads = Turns(), [], []

    def wait_for_turn(self, name: str, *, urgent: bool = False) -> None:
        """Let a thread wait behind those before it."""
        waiting = self.waiting

        def take() -> None:
            with self.turns.turn(urgent=urgent):
                self.order.append(name)

        self.threads.append(threading.Thread(target=take))
        self.threads[-1].start()
        while self.waiting == waiting and self.threads[-1].is_alive():
            self.threads[-1].join(0.001)

    @property
    def waiting(self) -> int:
        return len(self.turns._urgent) + len(self.turns._others)

    def served(self) -> list[str]:
        for thread in self.threads:
            thread.join()
        return self.order


def test_who_waits_longest_is_next() -> None:
    queue = Queue()
    with queue.turns.turn(urgent=False):
        for name in "abc":
            queue.wait_for_turn(name)
        assert queue.order == []  # one at a time
    assert queue.served() == ["a", "b", "c"]


def test_a_person_waits_for_one_turn_only() -> None:
    queue = Queue()
    with queue.turns.turn(urgent=False):
        for name in "abc":
            queue.wait_for_turn(name)
        queue.wait_for_turn("person", urgent=True)
    assert queue.served() == ["person", "a", "b", "c"]


def test_persons_who_never_rest_do_not_stop_the_others() -> None:
    queue = Queue()
    with queue.turns.turn(urgent=True):
        for name in "abc":
            queue.wait_for_turn(name)
        for name in "XYZ":
            queue.wait_for_turn(name, urgent=True)
    assert queue.served() == ["a", "X", "b", "Y", "c", "Z"]


def test_a_turn_that_fails_is_passed_on() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.turn(urgent=False):
        _ = 1 / 0
    with turns.turn(urgent=False), pytest.raises(ZeroDivisionError):
        _ = 1 / 0
    with turns.turn(urgent=True):
        pass


def test_a_turn_is_given_back_when_the_session_s_lock_is_held() -> None:
    turns, lock = Turns(), threading.Lock()
    with lock, turns.turn_with(lock, urgent=False) as has_lock:
        assert not has_lock
    with turns.turn_with(lock, urgent=False) as has_lock:
        assert has_lock
        assert lock.locked()
    assert not lock.locked()
