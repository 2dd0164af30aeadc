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
    [Marks(), Marks({1: 2}), Marks({1: NOBODY, 2: 0}, frozenset({3, 4}))],
)
def test_marks_are_read_as_they_were_written(marks: Marks) -> None:
    assert read_marks(marks.written()) == marks


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "7", "[" * 100_000, '{"answers":[],"reached":[]}',
     '{"answers":{"1":"2"},"reached":[]}',
     '{"answers":{"x":2},"reached":[]}', '{"answers":{},"reached":[1.5]}',
     '{"answers":{},"reached":[[1]]}', '{"answers":{},"reached":[null]}',
     '{"answers":{"1":true},"reached":[]}', '{"answers":{},"reached":3}',
     json.dumps({"answers": {}, "reached": list(range(99))}),
     json.dumps({"answers": {"1" * 5000: 1}, "reached": []})],
)  # fmt: skip
def test_anything_else_is_no_mark(text: str) -> None:
    assert read_marks(text) is None


def answered(number: int, answer: int) -> Play:
    return Play(LESSON).at(number).revealed(answer)


def test_a_very_long_text_is_not_even_read(monkeypatch) -> None:
    monkeypatch.setattr("rbmviz.studio.lesson_play.json.loads", lambda text: 1 / 0)
    assert read_marks(Marks().written() + " " * 2000) is None
    assert read_marks(7) is None


def test_marks_bring_back_answers_and_what_was_reached() -> None:
    play = answered(ASKED[0], 1).at(CHECKED[0]).passed()
    kept = Marks(play.answers, play.reached)
    again = Play(LESSON).at(CHECKED[0]).marked(kept)
    assert (again.number, again.answers, again.reached) == (CHECKED[0], play.answers, play.reached)


def test_the_answer_of_the_step_on_the_screen_comes_back_where_it_was_shown_alone() -> None:
    kept = Marks({ASKED[0]: 1})
    assert Play(LESSON).at(ASKED[0]).marked(kept).answer is None
    assert answered(ASKED[0], NOBODY).marked(kept).answer == 1
    assert Play(LESSON).at(ASKED[0] + 1).marked(kept).answers == {ASKED[0]: 1}


def test_marks_that_do_not_fit_the_lesson_are_left_out() -> None:
    wrong = {0: 0, ASKED[0]: 99, -3: 1, 99: 0, **dict.fromkeys(CHECKED, 0)}
    assert 0 not in ASKED
    play = Play(LESSON).marked(Marks(wrong, frozenset({-1, 0, 99, 10**9})))
    assert play == Play(LESSON)


def test_what_is_answered_already_stays() -> None:
    play = answered(ASKED[0], 0).at(ASKED[1])
    assert play.marked(Marks({ASKED[0]: 1})).answers == {ASKED[0]: 0}


@pytest.mark.parametrize("number", range(len(LESSON.steps)))
def test_a_lesson_begun_at_a_step_counts_those_before_as_done(number: int) -> None:
    play = Play.begun_at(LESSON, number)
    assert play.number == number
    assert all(not play.at(n).waits for n in range(number))
    rest = [n for n in range(number, len(LESSON.steps)) if n in ASKED or n in CHECKED]
    assert [n for n in range(len(LESSON.steps)) if play.at(n).waits] == rest
    assert play.is_done == (not rest)


def test_begun_anew_the_marks_tell_of_the_steps_before_alone() -> None:
    kept = Marks({ASKED[0]: 1, ASKED[1]: 0}, frozenset(CHECKED))
    play = Play.begun_at(LESSON, ASKED[1]).marked(kept, anew=True)
    assert (play.answers, play.reached) == ({ASKED[0]: 1}, frozenset())
    assert Play.begun_at(LESSON, 99).number == len(LESSON.steps) - 1
