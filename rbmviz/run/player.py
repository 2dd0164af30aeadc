"""Play a run for a page: what the browser asks for in, frames out, a little at a time.

A player has no thread of its own: each answer trains for at most its budget. What plays waits for
its turn among all sessions of the process, since two that train at once only hinder each other.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rbmviz.core.errors import DivergedError
from rbmviz.language import _
from rbmviz.run.pace import MAX_UPDATES, Pace, work_clock
from rbmviz.run.requests import Command, Request
from rbmviz.run.schedule import Course
from rbmviz.run.serial import first_number
from rbmviz.run.turns import PLAYERS, Turns

BUDGET_SECONDS = 0.03  # CPU, of training and describing in one answer while playing
STEP_SECONDS = 2.0  # of a step command
LEAST_SECONDS = 0.02  # of work on a way, so that every call comes a little further
WAY_POINTS = 50  # of the curves of a run that was on a way
SPEEDS = (1, 2, 5, 10, 20, 50, 100, 0)  # updates a frame; 0: as many as the budget allows

Frame = TypeVar("Frame")
AnswerT = TypeVar("AnswerT", bound="Answer")


@dataclass(frozen=True)
class Notice:
    """A sentence for the person at the screen."""

    kind: str  # "info" or "warning"
    text: str


@dataclass(frozen=True, eq=False)
class Answer:
    """What a page has to know to play the frames that come with it."""

    seq: int  # grows with every answer, over restarts too: the stage shows the newest
    ack: int  # the last command of `client` that was carried out
    client: str
    run: int  # changes when frames sent before are outdated
    playing: bool
    notice: Notice | None

    @property
    def header(self) -> dict[str, Any]:
        """The same as the stage's messages have it."""
        return {
            "seq": self.seq,
            "ack": self.ack,
            "client": self.client,
            "run": str(self.run),
            "playing": self.playing,
            "notice": vars(self.notice) if self.notice else None,
        }


class Player(ABC, Generic[Frame, AnswerT]):
    """Play, pause, step and restart one run. Safe to call from two threads of a session.

    What is abstract here is called with the lock held.
    """

    budget = BUDGET_SECONDS
    step_seconds = STEP_SECONDS
    turns: Turns = PLAYERS
    clock: Callable[[], float] = staticmethod(work_clock)

    def __init__(self, speed: int) -> None:
        self._lock = threading.Lock()
        self._client, self._ack = "", 0
        self._seq = self._run_number = first_number()
        self._answer: AnswerT | None = None
        self._wanted = 1
        self._acted = False  # a person did something that no answer shows yet
        self._goal: int | None = None  # where playing stops by itself
        self._pace = Pace()
        self._way: int | None = None  # the step that a link or a lesson leads to
        self.playing = False
        self.notice: Notice | None = None
        self.speed = speed

    # ---- what a run can do --------------------------------------------------------------

    @property
    @abstractmethod
    def step(self) -> int:
        """Where the run stands."""

    @abstractmethod
    def _train(self, n_updates: int, seconds: float = float("inf")) -> None:
        """Make updates, or as many as the time allows.

        Raises:
            DivergedError: the run has not moved.
        """

    @abstractmethod
    def _frame(self, *, first: bool, last: bool) -> Frame:
        """Describe where the run stands while it plays; first, last: of an answer."""

    @abstractmethod
    def _still(self) -> Frame:
        """Describe where the run stands and stays."""

    @abstractmethod
    def _go_back_to(self, step: int) -> None:
        """Stand at a frame that was sent not long ago, if it is known."""

    @abstractmethod
    def _restart(self) -> None:
        """Begin again at step 0."""

    @abstractmethod
    def _answer_of(self, head: Answer, frames: Sequence[Frame]) -> AnswerT:
        """Put an answer together."""

    def _carry_out_own(self, command: Command, shown: int) -> None:
        """Carry out a command that not every player has."""

    def _note(self, request: Request) -> None:
        """Note what else a request asks for."""

    def _n_frames(self, wanted: int) -> int:
        """Say how many frames an answer may have where so many are wanted."""
        return wanted

    def _most_updates(self, _n_frames: int) -> int:
        """Say how many updates a frame may make, so that what goes beside the run keeps up."""
        return MAX_UPDATES

    def _lead(self) -> None:
        """Bring along what goes beside the run."""

    @property
    @abstractmethod
    def _is_planned(self) -> bool:
        """Say whether settings beyond those that hold here are planned."""

    @abstractmethod
    def _plan(self, course: Course[Any]) -> None:
        """Be led by a course that begins as the run does."""

    @abstractmethod
    def _forget_plan(self) -> None:
        """Stay with the settings that hold where the run stands."""

    @abstractmethod
    def _bring_to(self, step: int, seconds: float) -> None:
        """Train by what is planned to a step, or as far as the time allows.

        Raises:
            DivergedError: the run stands at a step before.
        """

    # ---- what a page asks ---------------------------------------------------------------

    def receive(self, request: Request) -> None:
        """Carry out the commands that are new, and note how many frames are wanted."""
        with self._lock:
            if request.client != self._client:
                self._client, self._ack = request.client, 0
            for command in sorted(request.commands, key=lambda c: c.id):
                if command.id > self._ack:
                    self._ack, self._acted = command.id, True
                    self._carry_out(command, request.shown)
            self._note(request)
            if self._acted or not self.playing or request.has_seen(self._seq):
                self._wanted = max(self._wanted, request.want, 1)

    def act(self, kind: str, value: int = 0) -> None:
        """Carry out a command of a widget of the page."""
        with self._lock:
            self._acted = True
            self._carry_out(Command(0, kind, value), self.step)
            self._want()

    def answer(self) -> AnswerT:
        """Give the frames that are due, or the last answer again when nothing is.

        What plays waits for its turn without the lock.
        """
        while True:
            with self._lock:
                if not (self.playing and self._is_due):
                    return self._newest_answer()
                urgent = self._acted
            with self.turns.turn_with(self._lock, urgent=urgent) as has_lock:
                if has_lock:
                    return self._newest_answer()

    # ---- on the way to a step -----------------------------------------------------------

    def lead_to(self, step: int, course: Course[Any] | None = None) -> None:
        """Be on the way to a step, by a course of settings that begins as the run does."""
        with self._lock:
            if course is not None:
                self._plan(course)
            self._way = step

    @property
    def way(self) -> tuple[int, int] | None:
        """Where the run stands, and the step that it is on the way to; None when it is nowhere."""
        with self._lock:
            is_there = self._way is None or (self.step >= self._way and not self._is_planned)
            if is_there or self.playing:
                self._leave_way()
            return None if self._way is None else (self.step, self._way)

    def go_on(self, seconds: float) -> None:
        """Train for a while toward the step that the run is on the way to."""
        with self._lock:
            if self._way is None:
                return
            try:
                self._bring_to(self._way, max(seconds, LEAST_SECONDS))
            except DivergedError as error:
                self._stop_diverged(error)
                self._leave_way()
            self._want()

    def stay(self, notice: Notice | None = None) -> None:
        """Go no further on a way."""
        with self._lock:
            self._leave_way()
            self.notice = notice
            self._want()

    # ---- inside, with the lock held -----------------------------------------------------

    def _leave_way(self) -> None:
        self._way = None
        if self._is_planned:
            self._forget_plan()

    @property
    def _is_due(self) -> bool:
        return self._wanted > 0 or self._answer is None

    def _want(self) -> None:
        """Make a new answer due."""
        self._wanted = max(self._wanted, 1)

    def _outdate(self) -> None:
        """Make the frames void that were sent before."""
        self._run_number += 1
        self._want()

    def _newest_answer(self) -> AnswerT:
        if self._is_due or self._answer is None:
            frames = self._play(self._n_frames(self._wanted)) if self.playing else []
            frames = frames or [self._still()]
            self._wanted, self._acted = 0, False
            self._seq += 1
            self._lead()
            head = Answer(
                self._seq, self._ack, self._client, self._run_number, self.playing, self.notice
            )
            self._answer = self._answer_of(head, frames)
        return self._answer

    def _carry_out(self, command: Command, shown: int) -> None:
        self._leave_way()
        self.notice = None
        if command.kind == "play":
            self.playing = True
            self._goal = self.step + command.value if command.value else None
        elif command.kind == "pause":
            self._halt(shown)
        elif command.kind == "step":
            self._halt(shown)
            self._advance(max(command.value, 1))
        elif command.kind == "restart":
            self._restart()
        else:
            self._carry_out_own(command, shown)

    def _halt(self, shown: int) -> None:
        """Stop playing at the step on the screen: frames beyond it were sent but not yet seen.

        When nothing played, the screen is at most behind, by steps that were asked for: those stay.
        """
        if self.playing:
            self.playing = False
            self._go_back_to(shown)

    def _stop_diverged(self, error: DivergedError) -> None:
        self.playing = False
        self.notice = Notice(
            "warning", _("The run diverged and was stopped. {error}").format(error=error)
        )

    def _advance(self, n_updates: int, seconds: float | None = None) -> None:
        """Make a stated number of updates from here, within a bounded time.

        seconds: None, those of a step command, which says so when it makes fewer.
        """
        before = self.step
        try:
            self._train(n_updates, self.step_seconds if seconds is None else seconds)
        except DivergedError as error:
            self._stop_diverged(error)
            return
        made = self.step - before
        if made < n_updates and seconds is None:
            said = _("Made {made} of {n_updates} updates in {seconds:g} s.").format(
                made=made, n_updates=n_updates, seconds=self.step_seconds
            )
            self.notice = Notice("info", said)

    def _play(self, n_frames: int) -> list[Frame]:
        """Train within the budget and describe up to n_frames moments on the way."""
        clock, begun = self.clock, self.clock()
        most = self._most_updates(n_frames)
        frames: list[Frame] = []
        while self.playing and len(frames) < n_frames:
            elapsed = clock() - begun
            if frames and elapsed > self.budget:
                break
            n_left = n_frames - len(frames)
            n_updates = self._pace.updates_of_a_frame(self.speed, self.budget, elapsed, n_left)
            n_updates = min(n_updates, most)
            if self._goal is not None:
                n_updates = min(n_updates, self._goal - self.step)
            trained = clock()
            try:
                self._train(n_updates)
            except DivergedError as error:
                self._stop_diverged(error)
                break
            described = clock()
            self.playing = self.step != self._goal
            last = n_left == 1 or described - begun > self.budget or not self.playing
            frames.append(self._frame(first=not frames, last=last))
            self._pace.learn(
                n_updates=n_updates, updates=described - trained, frame=clock() - described
            )
        return frames
