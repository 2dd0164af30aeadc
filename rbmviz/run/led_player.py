"""A player whose run is led by a course of settings, and by nothing else: see schedule.py."""

from abc import abstractmethod
from typing import Generic, TypeVar

from rbmviz.run.player import WAY_POINTS, AnswerT, Frame, Player
from rbmviz.run.schedule import Course

S = TypeVar("S")


class LedPlayer(Player[Frame, AnswerT], Generic[Frame, AnswerT, S]):
    """A player that knows which settings held from which step on, so that a link can say it."""

    _course: Course[S]
    _n_taken: int  # entries of the course that hold here or held before

    @property
    def course(self) -> Course[S]:
        """The settings of the run from step to step, those that are planned too."""
        with self._lock:
            return self._course

    # ---- what a run can do, with the lock held -----------------------------------------

    @abstractmethod
    def _take(self, settings: S) -> None:
        """Go on from here with other settings.

        Raises:
            DivergedError: with them the run would diverge here; it has not changed.
        """

    def _look(self) -> None:
        """Take a point of the curves where the run stands."""

    # ---- inside, with the lock held -----------------------------------------------------

    @property
    def _settings(self) -> S:
        """What holds here."""
        return self._course.entries[self._n_taken - 1][1]

    def _begin_course(self, settings: S) -> None:
        self._course, self._n_taken, self._way = Course(((0, settings),)), 1, None

    def _go_on_with(self, settings: S) -> None:
        """Take settings that a person chose; what was planned beyond is forgotten."""
        self._forget_plan()
        if settings == self._settings:
            return
        self._take(settings)
        self._course = self._course.changed(self.step, settings)
        self._n_taken = len(self._course.entries)

    @property
    def _is_planned(self) -> bool:
        return self._n_taken < len(self._course.entries)

    def _plan(self, course: Course[S]) -> None:
        self._course = course

    def _forget_plan(self) -> None:
        self._course = Course(self._course.entries[: self._n_taken])

    def _bring_to(self, step: int, seconds: float) -> None:
        ends = self.clock() + seconds
        apart = max(step // WAY_POINTS, 1)  # the points of the curves
        while True:
            while self._is_planned and self._course.entries[self._n_taken][0] <= self.step:
                self._take(self._course.entries[self._n_taken][1])
                self._n_taken += 1
            left = ends - self.clock()
            if self.step >= step or left <= 0:
                return
            goals = [step, (self.step // apart + 1) * apart]
            if self._is_planned:
                goals.append(self._course.entries[self._n_taken][0])
            self._train(min(goals) - self.step, left)
            if self.step % apart == 0:
                self._look()
