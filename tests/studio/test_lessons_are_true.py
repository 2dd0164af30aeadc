"""Every lesson still shows what it says: its claims are run, its checks are reached."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rbmviz.run.lab import Lab
from rbmviz.studio.lesson import Bound
from rbmviz.studio.lesson_format import built_in_lessons, read_lesson
from rbmviz.studio.lesson_proof import Board, prove
from rbmviz.studio.quantities import QUANTITIES

LESSONS = {lesson.name: lesson for lesson in built_in_lessons()}
DOCS = (Path(__file__).parents[2] / "docs/lessons.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LESSONS)
def test_the_lesson_shows_its_phenomenon_and_can_be_played(name):
    lesson = LESSONS[name]
    assert lesson.claims
    assert prove(lesson) == []


def test_the_example_of_the_documentation_is_true():
    example = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)[1]
    assert prove(read_lesson("example", example)) == []


def test_a_lesson_that_says_the_opposite_is_caught():
    lesson = LESSONS["no-negative-phase"]
    claims = tuple(
        replace(claim, bound=Bound(claim.bound.limit, not claim.bound.below))
        for claim in lesson.claims
    )
    check = lesson.steps[-1].check
    too_early = replace(lesson.steps[-1], check=replace(check, reached={"train_to": 401}))
    at_once = replace(lesson.steps[-1], check=replace(check, bound=Bound(-1e9, False)))
    for steps, n_failed in (
        (lesson.steps, len(claims)),
        ((*lesson.steps[:-1], too_early), len(claims) + 1),
        ((*lesson.steps[:-1], at_once), len(claims) + 1),
    ):
        assert len(prove(replace(lesson, claims=claims, steps=steps))) == n_failed


def test_the_run_walks_where_the_board_walks():
    first = {"dataset": "bars-and-stripes 2x2", "n_hidden": 3, "estimator": "pcd", "train_to": 70}
    board = Board()
    board.set("lab", first)
    lab = Lab(board.settings)
    lab.begin(board.settings)
    lab.lead_to(70)
    lab.go_on(60.0)
    board.change("lab", {"learning_rate": 0.3, "train_to": 200})
    lab.apply(board.settings, lab.speed)
    lab.lead_to(200)
    lab.go_on(60.0)
    assert lab.way is None
    assert lab.state.step == board.state.step == 200
    np.testing.assert_array_equal(lab.state.rbm.W, board.state.rbm.W)
    points = lab.curves()
    assert len(points["step"]) > 50  # the ledger learned of the way
    lab.begin(board.settings)
    assert lab.state.step == 0
    lab.lead_to(0)
    assert lab.way is None
    assert lab.answer().snapshots[-1].step == 0


def test_the_best_so_far_is_the_highest_on_the_way():
    board = Board()
    board.set("lab", {"dataset": "bars-and-stripes 3x3", "estimator": "pcd", "learning_rate": 0.5,
                      "seed": 2, "train_to": 500})  # fmt: skip
    before = board.read("lab", QUANTITIES["mean log-likelihood"])
    board.change("lab", {"train_to": 1500})
    after = board.read("lab", QUANTITIES["mean log-likelihood"])
    assert board.read("lab", QUANTITIES["fall since its best"]) >= before - after > 0
