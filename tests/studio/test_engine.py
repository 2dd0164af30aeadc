"""The engine: play, pause at the step on the screen, step, restart, new settings, divergence."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

import rbmviz
from rbmviz.run.settings import LabSettings
from rbmviz.studio.engine import Engine
from rbmviz.studio.requests import Command, Request
from rbmviz.studio.small_models import load_small_model, small_model_names
from rbmviz.studio.state_run import Learning, StateRun
from rbmviz.studio.turns import Turns

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5)


@pytest.fixture(autouse=True)
def generous_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the number of frames asked for end an answer, not this machine's speed."""
    monkeypatch.setattr("rbmviz.studio.engine.BUDGET_SECONDS", 20.0)


def all_states_run() -> StateRun:
    return StateRun(load_small_model(small_model_names()[0]), Learning(LabSettings()), speed=3)


def send(engine: Engine, *kinds: tuple[str, int], shown: int = -1, first_id: int = 1) -> Request:
    commands = tuple(
        Command(id=first_id + k, kind=kind, value=value) for k, (kind, value) in enumerate(kinds)
    )
    request = Request(client="tab", shown=shown, want=8, commands=commands)
    engine.receive(request)
    return request


def steps(engine: Engine) -> list[int]:
    return [snapshot.step for snapshot in engine.answer().snapshots]


def weights_at(settings: LabSettings, step: int) -> np.ndarray:
    """The run by the library alone, without the engine."""
    data = rbmviz.load_dataset(settings.dataset)
    return rbmviz.train(rbmviz.start(settings.training_settings(), data.v), step).rbm.W


def test_it_opens_at_step_zero_with_everything_known() -> None:
    answer = Engine(SMALL).answer()
    (snapshot,) = answer.snapshots
    assert (snapshot.step, answer.playing) == (0, False)
    assert snapshot.log_z == pytest.approx(rbmviz.exact_log_z(snapshot.rbm))
    assert snapshot.log_z_estimate is not None
    assert snapshot.exact_negative is not None
    assert snapshot.probable_states is not None


def test_an_answer_is_repeated_until_something_is_wanted() -> None:
    engine = Engine(SMALL)
    first = engine.answer()
    assert engine.answer() is first
    engine.receive(Request(client="tab", want=3))
    assert engine.answer().seq == first.seq + 1


def test_answers_and_runs_of_a_later_engine_are_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    monkeypatch.setattr("rbmviz.studio.serial.time.time_ns", lambda: now)
    before = Engine(SMALL)
    for _ in range(3):
        send(before, ("restart", 0))
        last = before.answer()
    now += 10_000_000  # a session cannot begin anew within 10 ms
    first = Engine(SMALL).answer()
    assert first.seq > last.seq
    assert first.run > last.run


@pytest.mark.parametrize("make", [lambda: Engine(SMALL), all_states_run])
def test_an_answer_on_its_way_is_sent_again_not_made_anew(make: Callable[[], Any]) -> None:
    """A browser that repeats a request to a busy server must not cost a second turn."""
    run = make()
    first = run.answer()
    play = Request("tab", want=4, commands=(Command(1, "play"),), seen=first.seq)
    run.receive(play)
    answer = run.answer()
    for _ in range(3):
        run.receive(play)
        assert run.answer() is answer
    run.receive(replace(play, seen=answer.seq))
    assert run.answer().seq == answer.seq + 1
    pause = Request("tab", want=1, commands=(Command(2, "pause"),), seen=answer.seq)
    run.receive(pause)  # a person need not have seen the newest
    assert not run.answer().playing


def test_waiting_is_not_counted_as_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """While other sessions have the interpreter wall time passes; the frames are made all the same.

    The twin counts wall time.
    """
    monkeypatch.setattr("rbmviz.studio.engine.BUDGET_SECONDS", 0.03)
    hours = count(0, 3600.0)

    def frames() -> int:
        engine = Engine(SMALL, speed=1)
        send(engine, ("play", 0))
        return len(engine.answer().snapshots)

    monkeypatch.setattr("time.perf_counter", lambda: next(hours))
    work = count(0, 0.001)
    monkeypatch.setattr("rbmviz.studio.playing.work_clock", lambda: next(work))
    assert frames() == 8  # three looks at the clock a frame: 24 ms
    monkeypatch.setattr("rbmviz.studio.playing.work_clock", time.perf_counter)
    assert frames() == 1


def note_when_answered(
    run: Any, note: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Note in the very turn that an answer is made."""
    make = run._newest_answer
    monkeypatch.setattr(run, "_newest_answer", lambda: (note(), make())[1])


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("make", [lambda: Engine(SMALL), all_states_run])
def test_one_session_plays_at_a_time_and_a_person_waits_for_one_answer(
    make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns()
    for module in ("engine", "state_run"):
        monkeypatch.setattr(f"rbmviz.studio.{module}.PLAYERS", turns)
    order: list[str] = []
    runs = {name: make() for name in ("one", "two", "person's")}
    for name, run in runs.items():
        run.receive(Request("tab", want=4, commands=(Command(1, "play"),)))
        run.answer()
        note_when_answered(run, lambda name=name: order.append(name), monkeypatch)
    threads = []

    def is_waiting(n: int) -> bool:
        return len(turns._urgent) + len(turns._others) == n

    with turns.turn(urgent=False):  # a session plays
        for n, name in enumerate(("one", "two"), 1):
            runs[name].receive(Request("tab", want=4))
            threads.append(in_thread(runs[name].answer))
            while not is_waiting(n) and threads[-1].is_alive():
                threads[-1].join(0.001)
        # A press, taken while others wait: no lock is held by what waits for a turn.
        runs["two"].receive(Request("tab", want=4, commands=(Command(2, "step", 1),)))
        assert not runs["two"].playing
        runs["person's"].receive(Request("tab", want=4, commands=(Command(2, "play"),)))
        threads.append(in_thread(runs["person's"].answer))
        while not is_waiting(3) and threads[-1].is_alive():
            threads[-1].join(0.001)
        assert order == []
    for thread in threads:
        thread.join()
    assert order[0] == "person's"
    assert sorted(order) == ["one", "person's", "two"]


def test_playing_follows_the_library_bit_for_bit() -> None:
    engine = Engine(SMALL, speed=7)
    send(engine, ("play", 0))
    answer = engine.answer()
    assert answer.playing
    assert [s.step for s in answer.snapshots] == [
        7 * k for k in range(1, len(answer.snapshots) + 1)
    ]
    for snapshot in answer.snapshots:
        np.testing.assert_array_equal(snapshot.rbm.W, weights_at(SMALL, snapshot.step))
        assert snapshot.mean_log_likelihood is not None  # 3 units: exact in every frame


def test_at_full_speed_the_budget_sets_the_number_of_updates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rbmviz.studio.engine.BUDGET_SECONDS", 0.2)
    engine = Engine(SMALL, speed=0)
    send(engine, ("play", 0))
    played = steps(engine)
    assert played == sorted(set(played))
    assert played[-1] > len(played)  # more than one update a frame
    last = engine.answer().snapshots[-1]
    np.testing.assert_array_equal(last.rbm.W, weights_at(SMALL, last.step))


def test_pause_goes_back_to_the_step_on_the_screen() -> None:
    engine = Engine(SMALL, speed=10)
    send(engine, ("play", 0))
    played = steps(engine)
    assert len(played) > 2
    send(engine, ("pause", 0), shown=played[1], first_id=2)
    answer = engine.answer()
    assert not answer.playing
    assert [s.step for s in answer.snapshots] == [played[1]]
    assert engine.record_columns()["step"][-1] == played[1]
    send(engine, ("step", 1), shown=played[1], first_id=3)
    (snapshot,) = engine.answer().snapshots
    assert snapshot.step == played[1] + 1
    np.testing.assert_array_equal(snapshot.rbm.W, weights_at(SMALL, played[1] + 1))


def test_quick_steps_all_count_although_the_screen_lags_behind() -> None:
    engine = Engine(SMALL)
    for k in range(1, 21):
        send(engine, ("step", 1), shown=(k - 1) // 3, first_id=k)
        engine.answer()
    assert engine.answer().snapshots[-1].step == 20


def test_a_pause_after_a_change_keeps_the_new_settings() -> None:
    """The frame on the screen may be older than the change."""
    engine = Engine(SMALL, speed=5)
    send(engine, ("play", 0))
    played = steps(engine)
    changed = replace(SMALL, learning_rate=0.7, estimator="pcd", n_chains=9)
    engine.apply(changed, speed=5)
    engine.answer()
    send(engine, ("pause", 0), shown=played[0], first_id=2)
    assert steps(engine) == [played[0]]
    assert engine.state.settings == changed.training_settings()
    assert len(engine.answer().snapshots[0].negative.samples) == 9


def test_a_command_is_carried_out_once_however_often_it_is_sent() -> None:
    engine = Engine(SMALL)
    request = send(engine, ("step", 10))
    engine.receive(request)
    engine.receive(request)
    answer = engine.answer()
    assert answer.snapshots[0].step == 10
    assert answer.ack == 1
    # Another tab counts from 1 again.
    engine.receive(replace(request, client="other"))
    assert engine.answer().snapshots[0].step == 20


def test_restart_replays_the_same_run_and_new_seed_does_not() -> None:
    engine = Engine(SMALL)
    send(engine, ("step", 50))
    before = engine.answer().snapshots[0]
    run = engine.answer().run
    send(engine, ("restart", 0), ("step", 50), first_id=2)
    again = engine.answer()
    np.testing.assert_array_equal(again.snapshots[0].rbm.W, before.rbm.W)
    assert again.snapshots[0].log_z_estimate.log_z == before.log_z_estimate.log_z
    assert again.run != run
    seeds = set()
    for first_id in range(10, 15):
        send(engine, ("new_seed", 0), first_id=first_id)
        seeds.add(engine.settings.seed)
    assert len(seeds) > 1
    assert engine.answer().snapshots[0].step == 0


def test_a_learning_setting_keeps_the_parameters_and_data_do_not() -> None:
    engine = Engine(SMALL)
    send(engine, ("step", 30))
    before = engine.answer()
    engine.apply(replace(SMALL, learning_rate=0.5, estimator="pcd", n_chains=11), speed=20)
    after = engine.answer()
    assert after.snapshots[0].step == 30
    np.testing.assert_array_equal(after.snapshots[0].rbm.W, before.snapshots[0].rbm.W)
    assert len(after.snapshots[0].negative.samples) == 11
    assert after.run != before.run  # frames on their way are outdated
    engine.apply(replace(SMALL, n_hidden=4), speed=20)
    answer = engine.answer()
    assert answer.snapshots[0].step == 0
    assert "hidden units 3 → 4" in answer.notice.text


def test_settings_that_do_not_fit_leave_the_run_untouched() -> None:
    engine = Engine(SMALL)
    send(engine, ("step", 5))
    before = engine.answer()
    for wrong in (replace(SMALL, dataset="no such data"), replace(SMALL, learning_rate=-1.0)):
        with pytest.raises(ValueError, match=r"no such data|learning_rate is -1"):
            engine.apply(wrong, speed=20)
    assert engine.settings == SMALL
    send(engine, ("step", 1), first_id=2)
    assert engine.answer().snapshots[0].step == before.snapshots[0].step + 1


def test_a_diverging_run_stops_itself_and_can_be_restarted() -> None:
    wild = replace(SMALL, learning_rate=10.0, weight_decay=1.0, initial_scale=1.0)
    engine = Engine(wild, speed=100)
    send(engine, ("play", 0))
    answer = engine.answer()
    assert not answer.playing
    assert answer.notice.kind == "warning"
    assert "diverged" in answer.notice.text
    assert np.isfinite(answer.snapshots[-1].rbm.W).all()
    engine.apply(replace(wild, learning_rate=0.1, weight_decay=0.0), speed=100)
    send(engine, ("restart", 0), ("play", 0), first_id=2)
    answer = engine.answer()
    assert answer.playing
    assert answer.snapshots[-1].step > 0


def test_learning_settings_that_diverge_are_refused_with_the_reason() -> None:
    engine = Engine(replace(SMALL, learning_rate=10.0, initial_scale=5.0))
    before = engine.answer().snapshots[0]
    fine = engine.settings
    state = engine.state
    huge = replace(state, rbm=rbmviz.RBM(state.rbm.W * 500, state.rbm.b, state.rbm.c))
    engine._stand_at(huge)  # a run on the way to the limit
    engine.apply(replace(fine, weight_decay=1.0), speed=1)
    answer = engine.answer()
    assert answer.notice.kind == "warning"
    assert engine.settings == fine == answer.settings
    assert answer.snapshots[0].step == before.step


def test_playing_a_heavy_model_keeps_to_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many updates as fit, not as many as were asked for."""
    monkeypatch.setattr("rbmviz.studio.engine.BUDGET_SECONDS", 0.03)
    heavy = LabSettings("digits", 64, "pcd", n_steps=50, n_chains=500)
    engine = Engine(heavy, speed=100)
    send(engine, ("play", 0))
    for _ in range(12):  # it learns what an update costs
        engine.receive(Request(client="tab", want=1))
        engine.answer()
    before = engine.answer().snapshots[-1].step
    engine.receive(Request(client="tab", want=1))
    assert engine.answer().snapshots[-1].step - before < 10


def test_a_step_command_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be done within the budget is said, not hung on."""
    monkeypatch.setattr("rbmviz.studio.engine.STEP_BUDGET_SECONDS", 0.1)
    heavy = LabSettings(dataset="digits", n_hidden=64, estimator="cd", n_steps=50, batch_size=500)
    engine = Engine(heavy)
    send(engine, ("step", 1000))
    answer = engine.answer()
    assert 0 < answer.snapshots[0].step < 1000
    assert f"Made {answer.snapshots[0].step} of 1000" in answer.notice.text


@pytest.mark.parametrize(
    ("dataset", "n_hidden", "offer"),
    [
        ("bars-and-stripes 4x4", 12, "frame"),
        ("bars-and-stripes 4x4", 40, "answer"),
        ("bars-and-stripes 5x5", 20, "request"),
        ("digits", 40, "never"),
    ],
)
def test_the_exact_phase_is_offered_by_its_cost(dataset: str, n_hidden: int, offer: str) -> None:
    engine = Engine(LabSettings(dataset=dataset, n_hidden=n_hidden), speed=1)
    assert engine.exact.every == offer
    still = engine.answer().snapshots[0]
    assert (still.log_z is not None) == (offer in ("frame", "answer"))
    send(engine, ("play", 0))
    known = [s.log_z is not None for s in engine.answer().snapshots]
    assert any(known) == (offer in ("frame", "answer"))
    assert all(known) == (offer == "frame")


def test_a_short_enumeration_on_request_comes_with_the_answer() -> None:
    engine = Engine(LabSettings(dataset="bars-and-stripes 5x5", n_hidden=17))
    assert engine.answer().snapshots[0].log_z is None
    send(engine, ("play", 0))
    playing = engine.answer().snapshots
    send(
        engine, ("exact", 0), shown=playing[0].step, first_id=2
    )  # it pauses, and sums what is shown
    assert not engine.playing
    assert not engine.long_exact_is_due
    (snapshot,) = engine.answer().snapshots
    assert snapshot.log_z == pytest.approx(rbmviz.exact_log_z(snapshot.rbm), abs=1e-9)
    assert snapshot.probable_states is not None
    assert not snapshot.probable_states.complete


def test_a_long_enumeration_can_be_cancelled_and_repeated() -> None:
    engine = Engine(LabSettings(dataset="bars-and-stripes 5x5", n_hidden=23))
    engine.answer()
    send(engine, ("exact", 0))
    assert engine.long_exact_is_due

    def cancel(share: float) -> None:
        if share > 0.05:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        engine.compute_exact(cancel)
    assert not engine.long_exact_is_due
    assert engine.answer().snapshots[0].log_z is None
    shares: list[float] = []
    engine.compute_exact(shares.append)
    assert len(shares) > 50
    snapshot = engine.answer().snapshots[0]
    assert snapshot.log_z == pytest.approx(rbmviz.exact_log_z(snapshot.rbm), abs=1e-9)
    assert engine.record_columns()["log_z"][-1] == snapshot.log_z


def test_kept_frames_stay_bounded() -> None:
    engine = Engine(SMALL, speed=1)
    send(engine, ("play", 0))
    for _ in range(60):
        engine.receive(Request(client="tab", want=24))
        engine.answer()
    assert engine.answer().snapshots[-1].step > 300
    assert len(engine._track.recent) <= 40
    assert len(engine.record_columns()["step"]) <= 300


def test_a_run_that_starts_while_playing_has_its_first_point() -> None:
    engine = Engine(SMALL, speed=5)
    send(engine, ("play", 0))
    for settings in (replace(SMALL, n_hidden=4), LabSettings(dataset="digits", n_hidden=30)):
        engine.apply(settings, 5)
        assert steps(engine)[0] > 0
        record = engine.record_columns()
        assert record["step"][0] == 0
        known = (record["log_z"][0], record["log_z_estimate"][0])
        assert any(value is not None for value in known)


def test_the_record_is_copied_while_no_other_thread_adds_to_it() -> None:
    engine = Engine(SMALL)
    copied: list[object] = []
    reader = threading.Thread(target=lambda: copied.append(engine.record_columns()))
    with engine._lock:
        reader.start()
        reader.join(0.05)
        assert copied == []
    reader.join()
    assert len(copied) == 1


def test_means_of_a_mean_field_are_not_listed_as_states() -> None:
    engine = Engine(LabSettings(dataset="digits", n_hidden=5, estimator="tap"))
    states = engine.answer().snapshots[0].probable_states
    assert not states.complete
    assert set(np.unique(states.v)) == {0.0, 1.0}
