"""The run behind the page about all states: the same updates as the library, and what is said."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

import rbmviz
from rbmviz.core.errors import DivergedError
from rbmviz.run.estimators import OFFERED
from rbmviz.run.model_case import ModelCase
from rbmviz.run.presets import load_preset
from rbmviz.run.requests import MAX_FRAMES, Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.run.small_models import load_small_model, small_model_names
from rbmviz.studio.state_run import MAX_STATES_SENT, Learning, StateRun, can_be_seen
from rbmviz.studio.state_words import TOP_STATES, share, top_states, verdict

FIRST = small_model_names()[0]


def asked(number: int, kind: str, value: int = 0, shown: int = -1, want: int = 1) -> Request:
    return Request("tab", shown, want, (Command(number, kind, value),))


def run_of(name: str = FIRST, **settings: object) -> StateRun:
    return StateRun(load_small_model(name), Learning(LabSettings(**settings)), speed=3)


@pytest.mark.parametrize("name", small_model_names())
def test_a_small_model_can_be_seen_and_starts_untrained(name):
    case = load_small_model(name)
    assert can_be_seen(case)
    assert load_small_model(name) is case
    assert np.abs(case.rbm.W).max() < 3
    assert not case.rbm.b.any()
    frame = StateRun(case, Learning(LabSettings()), 1).answer().frames[-1]
    assert (frame.step, frame.p_data.size) == (0, 2**case.rbm.n_visible)


@pytest.mark.parametrize("estimator", OFFERED)
def test_steps_are_the_librarys_own_from_the_model_chosen(estimator):
    case = load_small_model("XOR, untrained")
    learning = Learning(LabSettings(estimator=estimator, learning_rate=0.3, n_chains=20))
    run = StateRun(case, learning, 1)
    run.receive(asked(1, "step", 10))
    (frame,) = run.answer().frames
    state = learning.start(case)
    assert state.rbm is case.rbm
    expected = rbmviz.train(state, 10)
    assert frame.step == 10
    assert np.array_equal(run.state.rbm.W, expected.rbm.W)
    following = rbmviz.train_step(expected)
    described = rbmviz.take_states_snapshot(expected, following)
    assert np.array_equal(frame.log_p_tilde, described.log_p_tilde)
    assert np.array_equal(frame.change, described.change)
    run.receive(asked(2, "restart"))
    assert run.answer().frames[0].step == 0
    assert run.state.rbm is case.rbm


def test_persistent_chains_start_at_the_models_own_parameters():
    case = load_preset("Two distant modes")
    settings = LabSettings(estimator="pcd", n_chains=40)
    h = Learning(settings).start(case).chains.h
    # From data that are nearly all on, this model's hidden units are nearly sure to be on.
    assert h.mean() > 0.95


def test_playing_sends_bounded_frames_and_pause_goes_back_to_the_one_shown():
    run = run_of()
    run.receive(asked(1, "play", want=MAX_FRAMES))
    answer = run.answer()
    assert answer.playing
    steps = [frame.step for frame in answer.frames]
    assert steps == sorted(set(steps))
    assert steps[0] == 3
    assert len(steps) * 512 <= MAX_STATES_SENT
    assert run.answer() is answer  # nothing was asked
    run.receive(asked(2, "pause", shown=3))
    paused = run.answer()
    assert not paused.playing
    assert [frame.step for frame in paused.frames] == [3]
    run.receive(asked(3, "step", 1))
    again = run.answer().frames[0]
    straight = run_of()
    straight.receive(asked(1, "step", 4))
    assert np.array_equal(again.log_p_tilde, straight.answer().frames[0].log_p_tilde)


def test_other_learning_goes_on_and_another_model_starts_anew():
    run = run_of()
    run.receive(asked(1, "step", 5))
    before = run.answer()
    quicker = Learning(LabSettings(estimator="pcd", learning_rate=0.5), all_rows=False)
    run.apply(before.case, quicker, 3)
    after = run.answer()
    assert (after.frames[0].step, after.run) == (5, before.run + 1)
    assert after.learning == quicker
    assert np.array_equal(after.frames[0].log_p_tilde, before.frames[0].log_p_tilde)
    run.apply(load_small_model("Parity 4, untrained"), quicker, 3)
    assert run.answer().frames[0].p_data.size == 16
    assert run.answer().frames[0].step == 0


def test_a_model_with_batches_of_its_own_can_learn_by_them():
    whole = load_small_model(FIRST)
    case = replace(whole, v_batch=whole.v_data[:4])
    assert Learning(LabSettings(), all_rows=False).start(case).settings.batch_size == 4
    assert Learning(LabSettings(), all_rows=True).start(case).settings.batch_size == 16


@pytest.mark.parametrize("all_rows", [True, False])
def test_a_course_leads_another_run_to_the_same_state_bit_for_bit(all_rows):
    """Played, paused at an earlier frame, changed: what is left of it all is the course."""
    case = load_preset("Trained half-way")
    values = [{}, {"estimator": "pcd", "n_chains": 7}, {"estimator": "pcd", "n_steps": 3}, {}]
    ways = [Learning(LabSettings(**each), all_rows) for each in values]
    run = StateRun(case, ways[0], 3)
    rng, number = np.random.default_rng(int(all_rows)), count(1)
    for _ in range(12):
        run.receive(asked(next(number), "play", want=6))
        frames = run.answer().frames
        run.receive(asked(next(number), "pause", shown=int(rng.choice(frames).step)))
        run.answer()
        run.apply(case, ways[rng.integers(len(ways))], 3)
        run.receive(asked(next(number), "step", int(rng.integers(1, 30))))
        run.answer()
    assert len(run.course.entries) > 3
    again = StateRun(case, run.course.entries[0][1], 1)
    again.lead_to(run.step, run.course)
    while again.way:
        again.go_on(0.02)
    one, other = run.state, again.state
    assert one.step == other.step
    assert all(np.array_equal(getattr(one.rbm, n), getattr(other.rbm, n)) for n in "Wbc")
    assert (one.chain_rng, one.order_rng) == (other.chain_rng, other.order_rng)
    assert again.learning == run.learning


def test_a_pause_before_a_change_of_this_moment_takes_the_change_where_it_pauses():
    """The frame shown is older than the changes: the first of them has never been, there."""
    case = load_preset("Trained half-way")
    run = StateRun(case, Learning(LabSettings()), 3)
    run.receive(asked(1, "play", want=8))
    frames = run.answer().frames
    for estimator in ("pcd", "tempering", "pcd"):
        run.apply(case, Learning(LabSettings(estimator=estimator, n_chains=6)), 3)
    run.receive(asked(2, "pause", shown=frames[2].step))
    last = Learning(LabSettings(estimator="pcd", n_chains=6))
    assert run.course.entries == ((0, Learning(LabSettings())), (frames[2].step, last))
    # Back to a frame of the very step where they changed: only the last of them counts
    run.receive(asked(3, "play", want=8))
    step = run.answer().frames[-1].step
    for estimator in ("cd", "tempering", "pcd", "tempering"):
        run.apply(case, Learning(LabSettings(estimator=estimator, n_chains=6)), 3)
    run.receive(asked(4, "pause", shown=step))
    again = StateRun(case, run.course.entries[0][1], 1)
    again.lead_to(run.step, run.course)
    while again.way:
        again.go_on(0.02)
    assert (again.state.chain_rng, again.step) == (run.state.chain_rng, run.step)


def test_before_the_first_update_other_learning_is_a_new_start():
    case = load_small_model(FIRST)
    learning = Learning(LabSettings(estimator="pcd", n_chains=9))
    run = run_of()
    run.receive(asked(1, "play"))
    run.apply(case, learning, 3)
    assert run.playing
    assert run.course.entries == ((0, learning),)
    fresh = StateRun(case, learning, 3)
    assert np.array_equal(run.state.chains.h, fresh.state.chains.h)


def test_a_run_that_diverges_stops_at_its_last_good_state_and_says_so():
    run = run_of(learning_rate=3000.0, momentum=0.9)
    run.receive(asked(1, "step", 1000))
    answer = run.answer()
    assert answer.notice is not None
    assert answer.notice.kind == "warning"
    assert "Lower the learning rate" in answer.notice.text
    assert np.isfinite(answer.frames[0].log_p).all()
    run.receive(asked(2, "restart"))
    assert run.answer().notice is None


def test_learning_that_diverges_at_once_is_refused_and_the_run_stays():
    run = run_of()
    run.receive(asked(1, "step", 5))
    before = run.answer()
    run.apply(before.case, Learning(LabSettings(learning_rate=1e6)), 3)
    after = run.answer()
    assert "diverged" in after.notice.text
    assert (after.learning, after.frames[0].step) == (before.learning, 5)
    with pytest.raises(DivergedError):
        StateRun(before.case, Learning(LabSettings(learning_rate=1e6)), 3)


@pytest.mark.parametrize("scale", [0.0, 50.0])
def test_extreme_models_run(scale):
    base = load_small_model(FIRST)
    rbm = rbmviz.RBM.random(np.random.default_rng(0), 9, 8, scale)
    case = ModelCase("extreme", "", rbm, base.v_data, base.v_batch, (3, 3))
    run = StateRun(case, Learning(LabSettings()), 1)
    assert "hold" in verdict(run.answer().frames[0])
    run.receive(asked(1, "step", 10))
    assert np.isfinite(run.answer().frames[0].log_p).all()


def test_too_many_units_or_no_data_cannot_be_seen():
    rng = np.random.default_rng(0)
    large = ModelCase("", "", rbmviz.RBM.random(rng, 13, 2), np.eye(13), np.eye(13), (1, 13))
    assert not can_be_seen(large)
    none = np.empty((0, 4))
    assert not can_be_seen(ModelCase("", "", rbmviz.RBM.random(rng, 4, 2), none, none, (2, 2)))


def test_the_verdict_is_a_sum_over_states():
    run = run_of("Shifting bar 9, untrained", learning_rate=0.2)
    run.receive(asked(1, "step", 1000))
    frame = run.answer().frames[0]
    p = rbmviz.exact_probabilities(run.state.rbm)
    inside = sum(p[1 << k] for k in range(9))
    assert p[0] > 0.25  # all off is one flip from every row of the data
    assert verdict(frame) == (
        f"The data's 9 states of 512 hold {inside:.1%} of the model's probability. "
        f"1 spurious mode holds {p[0]:.1%}."
    )
    assert "No spurious modes" in verdict(run_of().answer().frames[0])


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.0, "0.0%"), (1e-9, "less than 0.1%"), (0.5, "50.0%"), (0.99999, "more than 99.9%"),
     (1.0, "100.0%"), (1.0 + 1e-15, "100.0%")],
)  # fmt: skip
def test_a_share_is_nothing_or_all_only_when_it_is(p, said):
    assert share(p) == said


def test_the_table_lists_the_most_probable_states():
    run = run_of("Shifting bar 9, untrained")
    run.receive(asked(1, "step", 1000))
    frame = run.answer().frames[0]
    columns = top_states(frame)
    assert {len(column) for column in columns.values()} == {TOP_STATES}
    p = columns["p model (exact)"]
    assert list(p) == sorted(frame.p_model, reverse=True)[:TOP_STATES]
    assert columns["state"][0] == "000000000"
    assert columns["mode"][0] == "spurious"
