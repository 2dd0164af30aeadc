"""What a lesson has done by a step is what it does when it is played up to there."""

import numpy as np
import pytest

from rbmviz.run.lab import Lab
from rbmviz.studio.lesson import Prediction, Step
from rbmviz.studio.lesson_format import built_in_lessons
from rbmviz.studio.lesson_path import LabPath, path_to
from rbmviz.studio.lesson_proof import Board

LESSONS = {lesson.name: lesson for lesson in built_in_lessons()}
STEPS = [(name, n) for name, lesson in LESSONS.items() for n in range(len(lesson.steps))]


def played(steps: tuple[Step, ...]) -> Board:
    """Play some steps to their end, and the next one to its beginning, as a reader does."""
    board = Board()
    for n, step in enumerate(steps, start=1):
        if step.preset is not None:
            board.set(step.page, step.preset)
        if n == len(steps):
            break
        if step.prediction and step.prediction.reveal:
            board.change(step.page, step.prediction.reveal)
        if step.check:
            board.change(step.page, step.check.reached)
    return board


@pytest.mark.parametrize(("name", "number"), STEPS)
def test_the_path_to_a_step_leads_where_the_lesson_leads(name: str, number: int) -> None:
    lesson = LESSONS[name]
    board = played(lesson.steps[: number + 1])
    path, pages = None, {}
    for page, values, begins in path_to(lesson, number):
        if page == "lab":
            path = LabPath.begun(values) if begins else (path or LabPath()).changed(values)
        else:
            pages[page] = dict(values) if begins else {**pages.get(page, {}), **values}
    assert pages == board.values
    if path is None:
        return
    lab = Lab(path.schedule.entries[0][1])
    lab.lead_to(path.step, path.schedule)
    while lab.way:
        lab.go_on(5.0)
    assert lab.settings == board.settings
    assert lab.state.step == board.state.step
    np.testing.assert_array_equal(lab.state.rbm.W, board.state.rbm.W)


def test_a_change_of_the_data_begins_the_run_anew() -> None:
    path = LabPath.begun({"n_hidden": 4, "train_to": 50}).changed({"n_hidden": 5, "train_to": 7})
    assert (len(path.schedule.entries), path.step) == (1, 7)
    assert path.schedule.settings.n_hidden == 5


def test_a_path_never_goes_back() -> None:
    path = LabPath.begun({"train_to": 50}).changed({"learning_rate": 0.3, "train_to": 20})
    assert (path.step, [step for step, _ in path.schedule.entries]) == (50, [0, 50])


def test_the_steps_of_lessons_go_all_ways() -> None:
    """The test above would prove little of lessons without reveals and checks before a step."""
    steps = [step for lesson in LESSONS.values() for step in lesson.steps[:-1]]
    of = {kind: sum(bool(getattr(step, kind)) for step in steps) for kind in ("preset", "check")}
    reveals = [s for s in steps if isinstance(s.prediction, Prediction) and s.prediction.reveal]
    assert min(*of.values(), len(reveals)) >= 2
