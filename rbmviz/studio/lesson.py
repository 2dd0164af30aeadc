"""A lesson: steps with text, a preset, a prediction and a check, and the claims that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rbmviz.language import _
from rbmviz.studio.quantities import MINUS, Quantity

Values = Mapping[str, Any]  # what a page is set to; the names are those of lesson_places.py


@dataclass(frozen=True)
class Bound:
    """A value has to lie below or above a number."""

    limit: float
    below: bool

    def holds(self, value: float) -> bool:
        """Say whether it does; nan never does."""
        return value < self.limit if self.below else value > self.limit

    def told(self, quantity: Quantity) -> str:
        """Write it: "below 0.02 nats"."""
        limit = 100 * self.limit if quantity.unit == "%" else self.limit
        said = f"{limit:,g} {_(quantity.unit)}".strip().replace("-", MINUS)
        return (_("below {limit}") if self.below else _("above {limit}")).format(limit=said)


@dataclass(frozen=True)
class Answer:
    """An answer to choose, and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Prediction:
    """A question that is asked before the answer is shown."""

    question: str
    answers: tuple[Answer, ...]
    shown_by: str  # the claim that makes the right answer right
    reveal: Values | None = None  # what the page is set to then

    @property
    def right(self) -> int:
        """The number of the right answer."""
        return next(n for n, answer in enumerate(self.answers) if answer.right)


@dataclass(frozen=True)
class Check:
    """Something to bring the model to: a quantity of it within a bound."""

    task: str
    quantity: Quantity
    bound: Bound
    reached: Values  # a way to get there from the step's preset
    hint: str = ""
    weight: tuple[int, int] = (0, 0)  # of that way, where a weight has to be named


@dataclass(frozen=True)
class Step:
    """One screen of a lesson."""

    title: str
    page: str
    text: str
    preset: Values | None = None  # None: what is there stays
    prediction: Prediction | None = None
    check: Check | None = None
    watch: tuple[Quantity, ...] = ()  # whose values the bar shows


@dataclass(frozen=True)
class Sight:
    """A page that is set to something: where a claim reads its quantity."""

    page: str
    values: Values = field(hash=False)


@dataclass(frozen=True)
class Claim:
    """A statement about numbers that a test can run: the phenomenon that a lesson shows.

    The quantity at `of`, less the one at `minus` if there is one, lies within the bound.
    """

    name: str
    quantity: Quantity
    bound: Bound
    of: Sight
    minus: Sight | None = None
    weight: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Lesson:
    """A lesson as its file says it; made by lesson_format.read_lesson."""

    name: str
    title: str
    summary: str
    minutes: int
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]
    order: int = 0  # in the list of lessons
    origin: str = ""  # how an address names it, where its name alone does not bring it
