"""What a browser keeps of a reader: written, read again, and never trusted."""

import json

import pytest

from rbmviz.studio.lesson_format import built_in_lessons
from rbmviz.studio.lesson_play import NOBODY, Marks, Play, read_marks

LESSON = next(each for each in built_in_lessons() if each.name == "distant-mode")
ASKED = [n for n, step in enumerate(LESSON.steps) if step.prediction]
CHECKED = [n for n, step in enumerate(LESSON.steps) if step.check]


@pytest.mark.parametrize(
    "marks",
    [Marks(), Marks({1: 2}, frozenset(), True), Marks({1: NOBODY, 2: 0}, frozenset({3, 4}))],
)
def test_marks_are_read_as_they_were_written(marks: Marks) -> None:
    assert read_marks(marks.written()) == marks


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "7", "[" * 100_000, '{"answers":[],"reached":[],"done":true}',
     '{"answers":{"1":"2"},"reached":[],"done":true}',
     '{"answers":{"x":2},"reached":[],"done":true}',
     '{"answers":{"1":2},"reached":{},"done":"yes"}', '{"answers":{},"reached":[1.5],"done":true}',
     '{"answers":{},"reached":[[1]],"done":true}', '{"answers":{},"reached":[null],"done":true}',
     '{"answers":{"1":true},"reached":[],"done":true}', '{"answers":{},"reached":3,"done":true}',
     json.dumps({"answers": {}, "reached": list(range(99)), "done": True}),
     json.dumps({"answers": {"1" * 5000: 1}, "reached": [], "done": True})],
)  # fmt: skip
def test_anything_else_is_no_mark(text: str) -> None:
    assert read_marks(text) is None


def test_marks_bring_back_answers_and_what_was_reached() -> None:
    play = Play(LESSON).at(ASKED[0]).revealed(1).at(CHECKED[0]).passed()
    kept = Marks(play.answers, play.reached)
    again = Play(LESSON).at(2).marked(kept)
    assert (again.number, again.answers, again.reached) == (2, play.answers, play.reached)


def test_marks_that_do_not_fit_the_lesson_are_left_out() -> None:
    wrong = {0: 0, ASKED[0]: 99, -3: 1, 99: 0, **dict.fromkeys(CHECKED, 0)}
    assert 0 not in ASKED
    play = Play(LESSON).marked(Marks(wrong, frozenset({-1, 0, 99, 10**9})))
    assert play == Play(LESSON)


def test_what_is_answered_already_stays() -> None:
    play = Play(LESSON).at(ASKED[0]).revealed(0)
    assert play.marked(Marks({ASKED[0]: 1})).answers == {ASKED[0]: 0}
