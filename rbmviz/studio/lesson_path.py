"""What a lesson has done to the pages by the time that a step begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from rbmviz.run.schedule import Schedule
from rbmviz.run.settings import LabSettings
from rbmviz.studio.lesson import Lesson, Values
from rbmviz.studio.lesson_places import lab_settings

_FIRST = Schedule(((0, LabSettings()),))  # of a lab that nobody has used


@dataclass(frozen=True)
class LabPath:
    """What the lab's run is to be: settings from step to step, and the step to train to."""

    schedule: Schedule = _FIRST
    step: int = 0

    @classmethod
    def begun(cls, values: Values) -> Self:
        """Begin a new run."""
        return cls(Schedule(((0, lab_settings(values)[0]),)), values.get("train_to", 0))

    def changed(self, values: Values) -> Self:
        """Change settings where it stands, and train on."""
        before = self.schedule.settings
        settings = lab_settings(values, before)[0]
        if settings.starts_anew_from(before):
            return type(self)(Schedule(((0, settings),)), values.get("train_to", 0))
        schedule = self.schedule.changed(self.step, settings)
        return type(self)(schedule, max(self.step, values.get("train_to", 0)))


def path_to(lesson: Lesson, number: int) -> Iterator[tuple[str, Values, bool]]:
    """Tell what was set up to a step, from 0: the page, its values, and True for a preset.

    The steps before were answered and their checks reached by the way that the lesson tells.
    """
    for n, step in enumerate(lesson.steps[: number + 1]):
        if step.preset is not None:
            yield step.page, step.preset, True
        if n == number:
            return
        if step.prediction and step.prediction.reveal:
            yield step.page, step.prediction.reveal, False
        if step.check:
            yield step.page, step.check.reached, False
