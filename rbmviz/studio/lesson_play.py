"""A lesson as somebody plays it: which step, what was answered, what was reached."""

import json
from dataclasses import dataclass, field, replace

from rbmviz.studio.lesson import Lesson, Step
from rbmviz.studio.lesson_format import MAX_STEPS

MAX_MARKS = 2000  # characters; js/reader.js reads no longer ones
NOBODY = -1  # as an answer: the right one was shown to a hall, of which nobody was asked to choose


@dataclass(frozen=True)
class Marks:
    """What a browser keeps of a reader in a lesson."""

    answers: dict[int, int] = field(default_factory=dict)  # as in Play
    reached: frozenset[int] = frozenset()

    def written(self) -> str:
        """Write them as text for read_marks."""
        told = {"answers": self.answers, "reached": sorted(self.reached)}
        return json.dumps(told, separators=(",", ":"))


def read_marks(text: object) -> Marks | None:
    """Read what Marks.written wrote; None for anything else. Never raises."""
    if not isinstance(text, str) or len(text) > MAX_MARKS:
        return None
    try:
        told = json.loads(text)
        answers = {int(number): answer for number, answer in told["answers"].items()}
        reached = frozenset(told["reached"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    numbers = [*answers, *answers.values(), *reached]
    if any(type(each) is not int for each in numbers) or len(numbers) > 3 * MAX_STEPS:
        return None
    return Marks(answers, reached)


@dataclass(frozen=True)
class Play:
    """One reader in one lesson. Immutable: each act returns a new one."""

    lesson: Lesson
    number: int = 0  # of the step, from 0
    answers: dict[int, int] = field(default_factory=dict)  # step: the answer that was revealed
    reached: frozenset[int] = frozenset()  # steps whose check has held

    @property
    def step(self) -> Step:
        """The step on the screen."""
        return self.lesson.steps[self.number]

    @property
    def is_last(self) -> bool:
        """True at the last step."""
        return self.number == len(self.lesson.steps) - 1

    @property
    def answer(self) -> int | None:
        """The answer that was given at this step and revealed."""
        return self.answers.get(self.number)

    @property
    def waits(self) -> str:
        """What is still to do at this step: "prediction", "check" or ""."""
        if self.step.prediction and self.answer is None:
            return "prediction"
        return "check" if self.step.check and self.number not in self.reached else ""

    @property
    def is_done(self) -> bool:
        """True when every prediction was made and every check was reached."""
        return all(
            not replace(self, number=number).waits for number in range(len(self.lesson.steps))
        )

    @classmethod
    def begun_at(cls, lesson: Lesson, number: int) -> "Play":
        """Begin at a step, counted from 0; those before it count as answered and reached."""
        play = cls(lesson).at(number)
        before = list(enumerate(lesson.steps[: play.number]))
        answers = {n: NOBODY for n, step in before if step.prediction}
        return replace(
            play, answers=answers, reached=frozenset(n for n, step in before if step.check)
        )

    def at(self, number: int) -> "Play":
        """Go to a step, counted from 0; the ends hold."""
        return replace(self, number=min(max(number, 0), len(self.lesson.steps) - 1))

    def revealed(self, answer: int) -> "Play":
        """Give an answer, once; another one later is too late."""
        if self.answer is not None or answer not in self._answers_of(self.number):
            return self
        return replace(self, answers={**self.answers, self.number: answer})

    def marked(self, marks: Marks, *, anew: bool = False) -> "Play":
        """Add what a browser kept, as far as it fits the lesson.

        anew: of steps that count as done no more than who answered. The answer of the step on the
        screen is told where it was shown alone: the page stands as it did before or after.
        """
        given = {n: answer for n, answer in marks.answers.items() if answer in self._answers_of(n)}
        shown = {n for n in given if self.answers.get(n) == NOBODY}
        new = set() if anew else given.keys() - self.answers.keys() - {self.number}
        answers = {**self.answers, **{n: given[n] for n in shown | new}}
        checked = {n for n, step in enumerate(self.lesson.steps) if step.check}
        reached = self.reached if anew else self.reached | (checked & marks.reached)
        return replace(self, answers=answers, reached=reached)

    def passed(self) -> "Play":
        """Note that the check of this step has held."""
        return replace(self, reached=self.reached | {self.number})

    def _answers_of(self, number: int) -> range:
        """Give what can be an answer at a step; NOBODY is one."""
        steps = self.lesson.steps
        prediction = steps[number].prediction if 0 <= number < len(steps) else None
        return range(NOBODY, len(prediction.answers)) if prediction else range(0)
