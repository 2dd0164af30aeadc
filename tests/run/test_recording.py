"""The recording of a run: the frames that were on the screen, few and even, in a bounded room."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from asking import send
from states_oracle import assert_states_of

import rbmviz
from rbmviz.core.frame import MAX_IMAGES, SCALARS, frame_of, joined, separated
from rbmviz.run import recording as recording_module
from rbmviz.run.difference import Difference
from rbmviz.run.lab import Lab
from rbmviz.run.moment import Moment
from rbmviz.run.recording import (
    LISTING_SECONDS,
    MAX_CHECKPOINTS,
    MAX_FRAME_BYTES,
    MAX_SENT_BYTES,
    MAX_STATE_BYTES,
    Checkpoint,
    Recording,
)
from rbmviz.run.requests import Request
from rbmviz.run.settings import LabSettings, clamp_settings
from rbmviz.run.state_arrays import arrays_of

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5)

pytestmark = pytest.mark.usefixtures("generous_budgets")


def recorded(lab: Lab) -> list[Checkpoint]:
    """All checkpoints, as a stage that asks again and again gets them."""
    held: dict[int, Checkpoint] = {}
    serials: tuple[int, ...] | None = None
    while serials is None or not set(serials) <= set(held):
        lab.receive(Request("tab", -1, 1, (), recorded=max(held, default=0)))
        excerpt = lab.answer().recorded
        assert excerpt is not None
        serials = excerpt.serials
        held |= {each.serial: each for each in excerpt.sent}
    return [held[serial] for serial in serials]


def assert_same_frame(a: dict, b: dict) -> None:
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def test_every_frame_of_a_young_run_is_recorded_as_it_was_shown() -> None:
    lab = Lab(SMALL, speed=7)
    first = lab.answer().snapshots[0]
    send(lab, "play")
    shown = [first, *lab.answer().snapshots]
    send(lab, "pause", shown=shown[-1].step)
    checkpoints = recorded(lab)
    assert [each.step for each in checkpoints] == [snapshot.step for snapshot in shown]
    for checkpoint, snapshot in zip(checkpoints[:-1], shown[:-1], strict=True):
        assert_same_frame(dict(checkpoint.frame), dict(frame_of(snapshot)))
    last = lab.answer().snapshots[-1]  # more is known of the one that stays
    assert_same_frame(dict(checkpoints[-1].frame), dict(frame_of(last)))
    state = rbmviz.train(rbmviz.start(SMALL.training_settings(), SMALL.data.v), 14)
    np.testing.assert_array_equal(
        checkpoints[2].frame["weights"][:-1, :-1], state.rbm.W.astype("f4")
    )


def assert_own_states(checkpoints: list[Checkpoint], settings: LabSettings) -> None:
    """Each holds the most probable states of its step, trained again from the settings."""
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    for each in checkpoints:
        state = rbmviz.train(state, each.step - state.step)
        parameters, frame = (state.rbm.W, state.rbm.b, state.rbm.c), each.frame
        seen = None
        if settings.data.n_visible > 16:  # data and samples alone; of those a frame shows the first
            assert len(rbmviz.train_step(state).last.negative.samples) <= MAX_IMAGES
            seen = np.concatenate([settings.data.v, frame["samples"] / 255])
        assert_states_of(*parameters, frame["states"], frame["states_p"], seen)
        assert frame["scalars"][SCALARS.index("states_complete")] == (seen is None)


# Listed for every frame, for those that are recorded, and compared among rows and samples alone.
KINDS = [
    SMALL,
    LabSettings(seed=3),
    LabSettings("labeled shifter 8", 6, batch_size=12, seed=4),
]


@pytest.mark.parametrize("settings", KINDS, ids=lambda s: s.dataset)
def test_what_was_played_has_the_most_probable_states_of_each_step(settings: LabSettings) -> None:
    lab = Lab(settings, speed=40)
    send(lab, "play", want=6)
    shown = lab.answer().snapshots[-1].step
    send(lab, "pause", shown=shown)
    checkpoints = recorded(lab)
    assert [each.step for each in checkpoints] == list(range(0, 241, 40))
    assert_own_states(checkpoints, settings)


@pytest.mark.parametrize("settings", KINDS, ids=lambda s: s.dataset)
def test_the_way_of_a_link_and_run_b_have_them_too(settings: LabSettings) -> None:
    lab = Lab(settings)
    for step in (50, 100, 150):
        lab.lead_to(step)
        lab.go_on(60.0)
    steps = [each.step for each in recorded(lab)]
    assert {0, 50, 100, 150} <= set(steps)
    assert_own_states(recorded(lab)[:: len(steps) // 5], settings)
    lab.apply(settings, 20, Difference("learning_rate", 0.02))
    lab.catch_up(60.0)
    run_b = lab._second.run.copy()
    assert run_b.step == 150
    some = run_b.recording.checkpoints[::4]
    assert len(some) > 1
    assert_own_states(some, replace(settings, learning_rate=0.02))


def test_pause_forgets_what_was_not_seen_and_ends_where_it_stands() -> None:
    lab = Lab(SMALL, speed=7)
    send(lab, "play")
    played = [s.step for s in lab.answer().snapshots]
    send(lab, "pause", shown=played[2])
    assert [each.step for each in recorded(lab)] == [0, *played[:3]]
    send(lab, "step", 1)
    assert recorded(lab)[-1].step == played[2] + 1
    send(lab, "restart")
    assert [each.step for each in recorded(lab)] == [0]


def test_a_long_run_stays_even_and_each_checkpoint_names_its_settings() -> None:
    lab = Lab(SMALL, speed=3)
    send(lab, "play")
    for _ in range(6):
        lab.receive(Request("tab", -1, 24, ()))
        lab.answer()
    lab.apply(replace(SMALL, estimator="pcd", n_chains=6), 3)
    for _ in range(6):
        lab.receive(Request("tab", -1, 24, ()))
        last = lab.answer().snapshots[-1].step
    changed = lab._run.schedule.entries[-1][0]
    send(lab, "pause", shown=last)
    checkpoints = recorded(lab)
    assert 60 < len(checkpoints) <= MAX_CHECKPOINTS
    steps = [each.step for each in checkpoints]
    gaps = [b - a for a, b in pairwise(steps)]
    assert max(gaps) <= 4 * last / len(steps)
    for each in checkpoints:
        if each.step == changed:
            continue  # it was on the screen before the change
        estimator, n_samples = ("pcd", 6) if each.step > changed else ("cd", 4)
        assert (each.settings.estimator, each.n_samples) == (estimator, n_samples)


def test_only_what_is_new_is_sent_and_never_while_playing() -> None:
    lab = Lab(SMALL)
    for _ in range(5):
        send(lab, "step", 10)
    newest = max(each.serial for each in recorded(lab))
    send(lab, "step", 10)
    lab.receive(Request("tab", -1, 1, (), recorded=newest))
    excerpt = lab.answer().recorded
    assert [each.step for each in excerpt.sent] == [60]
    assert excerpt.steps == (0, 10, 20, 30, 40, 50, 60)
    assert lab.answer().recorded is excerpt  # the same answer again
    send(lab, "play")
    assert lab.answer().recorded is None


def moments(settings: LabSettings, count: int, exact: bool) -> list[Moment]:
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    found = []
    for _ in range(count):
        moment = Moment.at(state)
        found.append(moment.with_exact().with_states(settings.data.v[:20]) if exact else moment)
        state = moment.following
    return found


def repeated(settings: LabSettings, count: int, *, exact: bool) -> Recording:
    """A recording of so many moments, at steps 0, 9, 18 ... of few that were really made."""
    made = moments(settings, 4, exact)
    recording = Recording()
    for k in range(count):
        moment = made[k % len(made)]
        state = replace(moment.state, step=9 * k)
        again = replace(moment, state=state, snapshot=replace(moment.snapshot, step=9 * k))
        recording.note(again, settings, settings.data.v[:20], 1, newest=True)
    return recording


def test_the_bytes_that_the_documentation_states() -> None:
    recording = repeated(LabSettings("digits", 16), MAX_CHECKPOINTS, exact=True)
    assert len(recording.checkpoints) == MAX_CHECKPOINTS
    assert recording._frames.n_bytes / MAX_CHECKPOINTS == pytest.approx(22_000, rel=0.02)
    assert recording._frames.n_bytes == pytest.approx(4.4e6, rel=0.02)


def test_the_largest_model_stays_within_the_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    highest = {"n_chains": 500, "n_temperatures": 30, "n_hidden": 64, "estimator": "tempering"}
    settings, _ = clamp_settings({**highest, "batch_size": 500, "dataset": "digits"})
    recording = repeated(settings, 3 * MAX_CHECKPOINTS, exact=False)
    held: dict[int, int] = {}
    for checkpoint in recording.checkpoints:
        for array in checkpoint.frame.values():
            assert array.base is None or array.base.nbytes <= array.nbytes  # no view of more
            held[id(array)] = array.nbytes
    assert sum(held.values()) <= MAX_FRAME_BYTES
    states = [each.thing.state for each in recording._places.kept]
    assert len(states) >= 4
    assert sum(a.nbytes for s in states for a in arrays_of(s).values()) <= MAX_STATE_BYTES
    assert recording.n_bytes <= MAX_FRAME_BYTES + MAX_STATE_BYTES
    assert 50 < len(recording.checkpoints) <= 155
    sent = recording.excerpt(0).sent
    assert len(sent) < len(recording.checkpoints)
    n_bytes = sum(array.nbytes for each in sent for array in each.frame.values())
    assert n_bytes < MAX_SENT_BYTES + 100_000
    monkeypatch.setattr(recording_module, "MAX_SENT_BYTES", 1)
    assert len(recording.excerpt(0).sent) == 1  # always some


def test_frames_are_joined_and_separated_without_loss() -> None:
    known = moments(SMALL, 2, exact=True)
    other = replace(SMALL, estimator="pcd", n_chains=9, batch_size=3)
    frames = [frame_of(m.snapshot) for m in [*known, *moments(other, 2, exact=False)]]
    blocks = joined(frames)
    assert blocks["rows"].tolist() == [[4, 4], [4, 4], [3, 9], [3, 9]]
    for found, expected in zip(separated(blocks), frames, strict=True):
        assert_same_frame(dict(found), dict(expected))
    assert "rows" not in joined(frames[:2])
    assert "exact" not in joined(frames[2:])


def test_a_long_recording_lists_its_states_bit_by_bit_when_somebody_looks_back() -> None:
    """Nothing is listed while the run plays, a message's worth at a time when it is asked for."""
    lab = Lab(LabSettings(n_hidden=12), speed=1)
    send(lab, "play")
    for _ in range(8):
        lab.receive(Request(client="tab", want=24))
        lab.answer()
    recording = lab.copy_of_run().recording
    unlisted = [each for each in recording.checkpoints if each.seconds > 0]
    assert len(unlisted) > 20
    seen, messages = 0, 0
    while sent := recording.excerpt(seen).sent:
        work = sum(each.seconds for each in sent)
        assert work <= LISTING_SECONDS or len(sent) == 1
        assert all("states" in each.frame for each in sent)
        seen, messages = sent[-1].serial, messages + 1
    assert messages > 1
    assert all(each.seconds == 0 for each in recording.checkpoints)
