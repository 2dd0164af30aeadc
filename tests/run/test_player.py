"""Play: what all pages that train have in common, by a run made for it and by theirs."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from rbmviz.core.errors import DivergedError
from rbmviz.run.lab import Lab
from rbmviz.run.led_player import LedPlayer
from rbmviz.run.player import Answer, Notice
from rbmviz.run.requests import Command, Request
from rbmviz.run.schedule import Course
from rbmviz.run.settings import LabSettings
from rbmviz.run.small_models import load_small_model, small_model_names
from rbmviz.run.turns import Turns
from rbmviz.studio.machine_race import Race
from rbmviz.studio.machine_settings import RaceSettings
from rbmviz.studio.state_run import Learning, StateRun


class Clock:
    """Work that the test itself does."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, eq=False)
class Numbers(Answer):
    """An answer of Counter."""

    frames: tuple[int, ...]


class Counter(LedPlayer[int, Numbers, float]):
    """A run whose state is its step, with stated costs; it diverges at a step.

    Its settings are a number: `taken` lists where which were taken; `looked`, the curves' points.
    """

    def __init__(self, speed: int = 10, *, update: float = 1e-3, frame: float = 1e-3) -> None:
        super().__init__(speed)
        self.clock = Clock()
        self.costs, self.diverges_at, self.at = (update, frame), 10**9, 0
        self.sent: list[int] = []
        self.taken: list[tuple[int, float]] = []
        self.looked: list[int] = []
        self._begin_course(0.0)

    @property
    def step(self) -> int:
        return self.at

    def _take(self, settings: float) -> None:
        self.taken.append((self.at, settings))

    def _look(self) -> None:
        self.looked.append(self.at)

    def choose(self, settings: float) -> None:
        self._go_on_with(settings)

    def _train(self, n_updates: int, seconds: float = float("inf")) -> None:
        n = min(n_updates, max(int(seconds / self.costs[0]), 1) if seconds < 1e9 else n_updates)
        if self.at + n >= self.diverges_at:
            raise DivergedError("The parameters are beyond all bounds.")
        self.at += n
        self.clock.now += n * self.costs[0]

    def _frame(self, *, first: bool, last: bool) -> int:
        self.clock.now += self.costs[1]
        self.sent.append(self.at)
        return self.at

    def _still(self) -> int:
        return self.at

    def _go_back_to(self, step: int) -> None:
        if step in self.sent:
            self.at = step

    def _restart(self) -> None:
        self.at = 0
        self._outdate()

    def _answer_of(self, head: Answer, frames: Sequence[int]) -> Numbers:
        return Numbers(**vars(head), frames=tuple(frames))


def asked(kind: str, number: int, value: int = 0, **more: Any) -> Request:
    return Request(**{"client": "tab", "want": 8} | more, commands=(Command(number, kind, value),))


def lab() -> Lab:
    return Lab(LabSettings("bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5))


def all_states() -> StateRun:
    return StateRun(load_small_model(small_model_names()[0]), Learning(LabSettings()), speed=3)


def race() -> Race:
    return Race(RaceSettings("XOR", n_hidden=2, n_coupled=1))


every_player = pytest.mark.parametrize("make", [Counter, lab, all_states, race])


# ---- the budget ---------------------------------------------------------------------------


def test_an_answer_ends_with_its_budget() -> None:
    run = Counter(speed=1, update=2e-3, frame=5e-3)
    run.receive(asked("play", 1, want=24))
    assert run.answer().frames == (1, 2, 3, 4, 5)  # the fifth begins at 28 ms
    assert run.clock.now == pytest.approx(0.035)


def test_an_answer_ends_with_the_frames_that_are_wanted() -> None:
    run = Counter(speed=3, update=1e-6, frame=1e-6)
    run.receive(asked("play", 1, want=4))
    assert run.answer().frames == (3, 6, 9, 12)


def test_at_full_speed_updates_fill_the_budget_once_their_cost_is_known() -> None:
    run = Counter(speed=0, update=1e-4, frame=1e-3)
    run.receive(asked("play", 1, want=5))
    run.answer()
    before = run.clock.now
    run.receive(Request("tab", want=5))
    run.answer()
    assert run.clock.now - before == pytest.approx(run.budget, rel=0.1)


def test_a_costly_update_makes_one_a_frame_however_many_were_asked_for() -> None:
    run = Counter(speed=100, update=0.1)
    run.receive(asked("play", 1, want=8))
    for _ in range(40):  # it learns the cost
        run.receive(Request("tab", want=8))
        run.answer()
    before = run.step
    run.receive(Request("tab", want=8))
    assert run.answer().frames == (before + 1,)


def test_a_step_that_takes_too_long_says_how_far_it_came() -> None:
    run = Counter(update=0.01)
    run.receive(asked("step", 1, 1000))
    answer = run.answer()
    assert answer.frames == (200,)
    assert answer.notice is not None
    assert answer.notice.text == "Made 200 of 1000 updates in 2 s."


def test_a_goal_is_met_to_the_update_and_ends_playing() -> None:
    run = Counter(speed=10)
    run.act("play", 25)
    run.receive(Request(want=8))
    run.answer()
    while run.playing:
        run.receive(Request(want=8))
        run.answer()
    assert run.step == 25
    assert run.sent == [10, 20, 25]
    assert not run.answer().playing
    run.act("play")
    run.receive(Request("", want=8))
    assert run.answer().frames[-1] > 25


def test_divergence_stops_where_the_run_was_and_says_so() -> None:
    run = Counter(speed=10)
    run.diverges_at = 35
    run.receive(asked("play", 1))
    answer = run.answer()
    assert (answer.frames, answer.playing) == ((10, 20, 30), True)
    run.receive(Request("tab", want=8))
    answer = run.answer()
    assert (answer.frames, answer.playing) == ((30,), False)
    assert answer.notice is not None
    assert "beyond all bounds" in answer.notice.text
    run.receive(asked("restart", 2))
    assert run.answer().notice is None
    run.receive(asked("step", 3, 100))
    assert run.answer().frames == (0,)


def test_waiting_is_not_counted_as_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """While others have the interpreter wall time passes; the frames are made all the same.

    The twin counts wall time.
    """
    hours, work = count(0, 3600.0), count(0, 0.0005)
    monkeypatch.setattr("time.perf_counter", lambda: next(hours))

    def frames(clock: Callable[[], float]) -> int:
        player = lab()
        player.clock, player.speed = clock, 1
        player.receive(asked("play", 1))
        return len(player.answer().snapshots)

    assert frames(lambda: next(work)) == 8
    assert frames(time.perf_counter) == 1


# ---- on the way to a step -----------------------------------------------------------------


def led(goal: int, *changes: tuple[int, float], update: float = 1e-3) -> Counter:
    run = Counter(update=update)
    run.lead_to(goal, Course(((0, 0.0), *changes)))
    return run


def test_a_way_is_gone_in_slices_and_takes_each_setting_at_its_step() -> None:
    run = led(1000, (0, 0.5), (300, 0.7), (300, 0.8), (1000, 0.9))
    ways = []
    while run.way:
        ways.append(run.way)
        run.go_on(0.2)
    assert ways[0] == (0, 1000)
    assert len(ways) == 5  # of 0.2 s each
    assert run.step == 1000
    assert run.taken == [(0, 0.5), (300, 0.7), (300, 0.8), (1000, 0.9)]
    assert run.course.settings == 0.9
    assert run.looked == list(range(20, 1001, 20))  # points of the curves, equally far apart
    assert run.answer().frames == (1000,)


def test_who_stays_on_the_way_keeps_the_settings_of_the_place() -> None:
    run = led(1000, (300, 0.7), (800, 0.9))
    run.go_on(0.4)
    assert run.step == 400
    run.stay(Notice("warning", "Far enough."))
    assert run.way is None
    assert run.course.entries == ((0, 0.0), (300, 0.7))
    answer = run.answer()
    assert answer.notice is not None
    assert answer.notice.text == "Far enough."


@pytest.mark.parametrize("settings", [0.0, 0.4])
def test_settings_that_are_chosen_on_the_way_take_the_place_of_the_plan(settings: float) -> None:
    run = led(1000, (800, 0.9))
    run.go_on(0.4)
    run.choose(settings)
    chosen = ((400, settings),) if settings else ()
    assert run.course.entries == ((0, 0.0), *chosen)


@pytest.mark.parametrize("kind", ["play", "step", "restart", "pause"])
def test_a_press_ends_a_way(kind: str) -> None:
    run = led(1000, (800, 0.9))
    run.go_on(0.1)
    run.receive(asked(kind, 1, 5))
    assert run.way is None
    assert run.course.entries == ((0, 0.0),)
    before = run.step
    run.go_on(1.0)
    assert run.step == before


def test_a_way_that_diverges_ends_with_a_notice() -> None:
    run = led(1000, (800, 0.9))
    run.diverges_at = 500
    while run.way:
        run.go_on(0.1)
    assert run.step == 480  # the last point of the curves before
    answer = run.answer()
    assert answer.notice is not None
    assert "beyond all bounds" in answer.notice.text
    assert run.course.entries == ((0, 0.0),)


def test_a_slice_of_no_time_still_comes_further() -> None:
    run = led(30)
    for _ in range(30):
        run.go_on(0.0)
    assert run.step == 30


def test_other_settings_are_entered_where_the_run_stands() -> None:
    run = Counter()
    for step, settings in ((10, 0.1), (20, 0.2), (20, 0.3), (30, 0.3)):
        run.receive(asked("step", step, step - run.step, client=str(step)))
        run.choose(settings)
    assert run.course.entries == ((0, 0.0), (10, 0.1), (20, 0.2), (20, 0.3))
    run.at, run._n_taken = 15, 2  # it was set back
    run.choose(0.3)
    assert run.course.entries == ((0, 0.0), (10, 0.1), (15, 0.3))


# ---- requests -----------------------------------------------------------------------------


@every_player
def test_an_answer_is_repeated_until_something_is_wanted(make: Callable[[], Any]) -> None:
    run = make()
    first = run.answer()
    assert run.answer() is first
    run.receive(Request("tab", want=3))
    assert run.answer().seq == first.seq + 1


@every_player
def test_an_answer_on_its_way_is_sent_again_not_made_anew(make: Callable[[], Any]) -> None:
    """A browser that repeats a request to a busy server must not cost a second turn."""
    run = make()
    first = run.answer()
    play = asked("play", 1, want=4, seen=first.seq)
    run.receive(play)
    answer = run.answer()
    for _ in range(3):
        run.receive(play)
        assert run.answer() is answer
    run.receive(replace(play, seen=answer.seq))
    assert run.answer().seq == answer.seq + 1
    run.receive(asked("pause", 2, want=1, seen=answer.seq))  # who presses need not have seen it
    assert not run.answer().playing


@every_player
def test_a_command_is_carried_out_once_however_often_it_is_sent(make: Callable[[], Any]) -> None:
    run = make()
    request = asked("step", 1, 10)
    for _ in range(3):
        run.receive(request)
    assert (run.step, run.answer().ack) == (10, 1)
    run.receive(replace(request, client="other"))  # another tab counts from 1 again
    assert run.step == 20
    both = (Command(3, "step", 1), Command(2, "restart"))
    run.receive(Request("other", want=1, commands=both))  # in the order of their numbers
    assert (run.step, run.answer().ack) == (1, 3)


@every_player
def test_pause_and_restart(make: Callable[[], Any]) -> None:
    run = make()
    before = run.answer()
    run.receive(asked("play", 1))
    assert run.answer().playing
    run.receive(asked("pause", 2, shown=run.step))
    paused, step = run.answer(), run.step
    assert not paused.playing
    assert step > 0
    run.receive(Request("tab", want=8))
    run.answer()
    assert run.step == step
    run.receive(asked("restart", 3))
    restarted = run.answer()
    assert run.step == 0
    assert restarted.run > before.run  # frames on their way are void


@every_player
def test_answers_and_runs_of_a_later_process_are_newer(
    make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns()
    monkeypatch.setattr("rbmviz.run.serial.time.time_ns", lambda: now)
    before = make()
    for k in range(3):
        before.receive(asked("restart", k + 1))
        last = before.answer()
    now += 10_000_000  # a session cannot begin anew within 10 ms
    first = make().answer()
    assert first.seq > last.seq
    assert first.run > last.run


# ---- turns --------------------------------------------------------------------------------


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


@every_player
def test_one_session_plays_at_a_time_and_a_person_waits_for_one_answer(
    make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns()
    monkeypatch.setattr("rbmviz.run.player.Player.turns", turns)
    order: list[str] = []
    runs = {name: make() for name in ("one", "two", "person's")}
    for name, run in runs.items():
        run.receive(asked("play", 1, want=4))
        run.answer()
        answer_of = run._answer_of
        run._answer_of = lambda *made, name=name, answer_of=answer_of: (
            order.append(name), answer_of(*made)
        )[1]  # fmt: skip
    threads = []

    def is_waiting(n: int) -> bool:
        return len(turns._urgent) + len(turns._others) == n

    with turns.turn(urgent=False):  # a session plays
        for n, name in enumerate(("one", "two"), 1):
            runs[name].receive(Request("tab", want=4))
            threads.append(in_thread(runs[name].answer))
            while not is_waiting(n) and threads[-1].is_alive():
                threads[-1].join(0.001)
        # A press, taken while others wait: no lock is held by what waits for a turn.
        runs["two"].receive(asked("step", 2, 1, want=4))
        assert not runs["two"].playing
        runs["person's"].receive(asked("play", 2, want=4))
        threads.append(in_thread(runs["person's"].answer))
        while not is_waiting(3) and threads[-1].is_alive():
            threads[-1].join(0.001)
        assert order == []
    for thread in threads:
        thread.join()
    assert order[0] == "person's"
    assert sorted(order) == ["one", "person's", "two"]
