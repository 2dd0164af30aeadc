"""The format of a lesson file: TOML that a teacher writes; docs/lessons.md describes it.

A file is data. Nothing in it is run, filled in or evaluated; whatever is not known is refused with
the line it stands in.
"""

import math
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from rbmviz.language import _
from rbmviz.studio.lesson import Answer, Bound, Check, Claim, Lesson, Prediction, Sight, Step
from rbmviz.studio.lesson_places import (
    LAB,
    MAX_TRAIN_TO,
    MAX_UNIT,
    PAGES,
    can_tell,
    lab_settings,
    read_values,
)
from rbmviz.studio.lesson_reader import MAX_BYTES, Document, Problem, Table, suggestion
from rbmviz.studio.quantities import QUANTITIES, Quantity

MAX_STEPS, MAX_ANSWERS, MAX_CLAIMS, MAX_RUNS = 20, 5, 12, 12
MAX_WATCHED = 3
TITLE, LINE, PARAGRAPH = 60, 200, 600  # characters
_HUGE = 1e12


class LessonError(ValueError):
    """A lesson file with problems; `problems` has them with their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def check_lesson(path_or_text: Path | str | bytes) -> list[Problem]:
    """List what is wrong with a lesson, in the order of its lines; an empty list is a good lesson.

    Args:
        path_or_text: a Path is read; a str or bytes is the lesson itself.

    >>> [str(problem) for problem in check_lesson('titel = "Phases"')][0]
    "line 1: Unknown key 'titel'. Did you mean 'title'?"
    """
    return _read("", _content(path_or_text))[1]


def read_lesson(name: str, path_or_text: Path | str | bytes, origin: str = "") -> Lesson:
    """Read a lesson; origin: see Lesson.

    Raises:
        LessonError: the file has problems.
    """
    lesson, problems = _read(name, _content(path_or_text))
    if problems:
        raise LessonError(problems)
    return replace(lesson, origin=origin)


@cache
def built_in_lessons() -> tuple[Lesson, ...]:
    """Read the lessons that come with rbmviz, in the order of their list."""
    folder = files("rbmviz").joinpath("lessons")
    found = [
        read_lesson(file.name.removesuffix(".toml"), file.read_bytes())
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda lesson: lesson.order))


def _content(path_or_text: Path | str | bytes) -> bytes | str:
    if not isinstance(path_or_text, Path):
        return path_or_text
    with path_or_text.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _read(name: str, content: bytes | str) -> tuple[Lesson, list[Problem]]:
    document = Document(content)
    whole = Table(document, document.values)
    nothing = Lesson(name, "", "", 1, (), ())
    if document.problems:
        return nothing, document.problems
    sights = _runs(whole)
    claims = [_claim(table, sights) for table in whole.tables("claims", MAX_CLAIMS)]
    for n, claim in enumerate(claims):
        if claim.name in [one.name for one in claims[:n]]:
            said = _("A claim named {name!r} stands above. Choose another name.").format(
                name=claim.name
            )
            document.complain(("claims", n, "name"), said)
    lesson = Lesson(
        name=name,
        title=whole.text("title", TITLE),
        summary=whole.text("summary", LINE),
        minutes=whole.whole("minutes", 1, 90),
        order=whole.whole("order", 0, 999, default=999),
        steps=tuple(
            _step(table, {claim.name for claim in claims})
            for table in whole.tables("steps", MAX_STEPS)
        ),
        claims=tuple(claims),
    )
    whole.close()
    return lesson, sorted(dict.fromkeys(document.problems), key=lambda problem: problem.line)


def _step(table: Table, claim_names: set[str]) -> Step:
    page = table.choice("page", PAGES) or ""
    preset = table.table("set")
    prediction, check = table.table("prediction"), table.table("check")
    step = Step(
        title=table.text("title", TITLE),
        page=page,
        text=table.text("text", PARAGRAPH),
        preset=_values(preset, page) if preset else None,
        prediction=_prediction(prediction, page, claim_names) if prediction else None,
        check=_check(check, page) if check else None,
        watch=tuple(_watched(table, page)),
    )
    table.close()
    return step


def _watched(table: Table, page: str) -> list[Quantity]:
    found = []
    for name in table.names("watch", QUANTITIES, MAX_WATCHED):
        quantity = QUANTITIES[name]
        if quantity.needs == "weight" or (page and not can_tell(page, quantity)):
            table.complain(
                "watch",
                _("{name!r} cannot be watched on the page {page!r}.").format(name=name, page=page),
            )
        found.append(quantity)
    return found


def _values(table: Table, page: str) -> dict[str, object]:
    values = dict(read_values(table, page))
    table.close()
    if page == LAB:
        for message in lab_settings(values)[1]:
            table.complain("", f"These settings do not go together: {message}")
    return values


def _prediction(table: Table, page: str, claim_names: set[str]) -> Prediction:
    answers = []
    for one in table.tables("answers", MAX_ANSWERS):
        answers.append(Answer(one.text("text", LINE), one.text("why", LINE), one.flag("right")))
        one.close()
    n_right = sum(answer.right for answer in answers)
    if answers and (len(answers) < 2 or n_right != 1):
        table.complain(
            "answers",
            _(
                "{n} answers, {n_right} of them with right = true. Write two or more, and right = "
                "true in exactly one."
            ).format(n=len(answers), n_right=n_right),
        )
    shown_by = table.text("shown_by", TITLE)
    if shown_by and shown_by not in claim_names:
        table.complain(
            "shown_by", f"No claim is named {shown_by!r}.{suggestion(shown_by, claim_names)}"
        )
    reveal = table.table("reveal")
    found = Prediction(
        question=table.text("question", LINE),
        answers=tuple(answers),
        shown_by=shown_by,
        reveal=_values(reveal, page) if reveal else None,
    )
    table.close()
    return found


def _check(table: Table, page: str) -> Check | None:
    quantity, bound = _quantity(table), _bound(table)
    if quantity and page and not can_tell(page, quantity):
        table.complain(
            "quantity",
            _(
                "{name!r} cannot be read on the page {page!r}: it needs a {needs}. Choose another "
                "quantity, or another page."
            ).format(name=quantity.name, page=page, needs=quantity.needs),
        )
    way = table.table("reached")
    if way is None:
        table.complain("", _("reached is missing. Add a table that says how the check can be met."))
    reached = _values(way, page) if way else {}
    weight = _weight(table, quantity)
    task, hint = table.text("task", LINE), table.text("hint", LINE, required=False)
    table.close()
    return Check(task, quantity, bound, reached, hint, weight) if quantity and bound else None


def _quantity(table: Table) -> Quantity | None:
    return QUANTITIES.get(table.choice("quantity", QUANTITIES) or "")


def _bound(table: Table) -> Bound | None:
    has_below, has_above = table.has("below"), table.has("above")
    if has_below == has_above:
        table.complain("", _("Write one of below = a number and above = a number."))
        return None
    key = "below" if has_below else "above"
    value = table.number(key, -_HUGE, _HUGE)
    return Bound(value, has_below) if math.isfinite(value) else None


def _weight(table: Table, quantity: Quantity | None) -> tuple[int, int]:
    if quantity is None or quantity.needs != "weight":
        return 0, 0
    return table.whole("i", 0, MAX_UNIT), table.whole("j", 0, MAX_UNIT)


def _runs(whole: Table) -> dict[str, Sight]:
    """Read [runs.NAME]: the settings that claims look at."""
    found: dict[str, Sight] = {}
    runs = whole.table("runs")
    if runs is None:
        return found
    for name in list(runs.values)[: MAX_RUNS + 1]:
        table = runs.table(str(name))
        if table is None:
            continue
        page = table.choice("page", PAGES) if table.has("page") else LAB
        found[name] = Sight(page or LAB, _values(table, page or LAB))
    if len(runs.values) > MAX_RUNS:
        whole.complain(
            "runs",
            _("More than {most} runs. Leave some out: a test makes them all.").format(
                most=MAX_RUNS
            ),
        )
    return found


def _claim(table: Table, sights: dict[str, Sight]) -> Claim:
    name = table.text("name", TITLE)
    quantity, bound = _quantity(table), _bound(table)
    of = _sight(table, "run", "at", sights, quantity)
    minus = None
    if table.has("minus_run") or table.has("minus_at"):
        key = "minus_run" if table.has("minus_run") else "run"
        minus = _sight(table, key, "minus_at", sights, quantity)
    weight = _weight(table, quantity)
    table.close()
    return Claim(
        name, quantity or next(iter(QUANTITIES.values())), bound or Bound(0.0, True), of, minus,
        weight,
    )  # fmt: skip


def _sight(
    table: Table, run_key: str, at_key: str, sights: dict[str, Sight], quantity: Quantity | None
) -> Sight:
    if not sights:
        table.complain(
            "", _("There are no runs. Write one above the claims: [runs.a] with settings.")
        )
    sight = sights.get(table.choice(run_key, sights) or "", Sight(LAB, {}))
    values = dict(sight.values)
    if table.has(at_key):
        values["train_to"] = table.whole(at_key, 0, MAX_TRAIN_TO)
        if sight.page != LAB:
            table.complain(
                at_key,
                _("{at_key} counts updates of the lab. Leave it out here.").format(at_key=at_key),
            )
    if quantity and not can_tell(sight.page, quantity):
        table.complain(
            "quantity",
            _("{name!r} cannot be read on the page {page!r}.").format(
                name=quantity.name, page=sight.page
            ),
        )
    return Sight(sight.page, values)
