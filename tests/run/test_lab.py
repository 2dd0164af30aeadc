"""The lab: play, pause at the step on the screen, step, restart, new settings, divergence."""

import threading
from dataclasses import replace

import numpy as np
import pytest

import rbmviz
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=5)

pytestmark = pytest.mark.usefixtures("generous_budgets")


def send(lab: Lab, *kinds: tuple[str, int], shown: int = -1, first_id: int = 1) -> Request:
    commands = tuple(
        Command(id=first_id + k, kind=kind, value=value) for k, (kind, value) in enumerate(kinds)
    )
    request = Request(client="tab", shown=shown, want=8, commands=commands)
    lab.receive(request)
    return request


def steps(lab: Lab) -> list[int]:
    return [snapshot.step for snapshot in lab.answer().snapshots]


def weights_at(settings: LabSettings, step: int) -> np.ndarray:
    """The run by the library alone, without the lab."""
    data = rbmviz.load_dataset(settings.dataset)
    return rbmviz.train(rbmviz.start(settings.training_settings(), data.v), step).rbm.W


def test_it_opens_at_step_zero_with_everything_known() -> None:
    answer = Lab(SMALL).answer()
    (snapshot,) = answer.snapshots
    assert (snapshot.step, answer.playing) == (0, False)
    assert snapshot.log_z == pytest.approx(rbmviz.exact_log_z(snapshot.rbm))
    assert snapshot.log_z_estimate is not None
    assert snapshot.exact_negative is not None
    assert snapshot.probable_states is not None


def test_playing_follows_the_library_bit_for_bit() -> None:
    lab = Lab(SMALL, speed=7)
    send(lab, ("play", 0))
    answer = lab.answer()
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
    monkeypatch.setattr("rbmviz.run.player.Player.budget", 0.2)
    lab = Lab(SMALL, speed=0)
    send(lab, ("play", 0))
    played = steps(lab)
    assert played == sorted(set(played))
    assert played[-1] > len(played)  # more than one update a frame
    last = lab.answer().snapshots[-1]
    np.testing.assert_array_equal(last.rbm.W, weights_at(SMALL, last.step))


def test_pause_goes_back_to_the_step_on_the_screen() -> None:
    lab = Lab(SMALL, speed=10)
    send(lab, ("play", 0))
    played = steps(lab)
    assert len(played) > 2
    send(lab, ("pause", 0), shown=played[1], first_id=2)
    answer = lab.answer()
    assert not answer.playing
    assert [s.step for s in answer.snapshots] == [played[1]]
    assert lab.curves()["step"][-1] == played[1]
    send(lab, ("step", 1), shown=played[1], first_id=3)
    (snapshot,) = lab.answer().snapshots
    assert snapshot.step == played[1] + 1
    np.testing.assert_array_equal(snapshot.rbm.W, weights_at(SMALL, played[1] + 1))


def test_quick_steps_all_count_although_the_screen_lags_behind() -> None:
    lab = Lab(SMALL)
    for k in range(1, 21):
        send(lab, ("step", 1), shown=(k - 1) // 3, first_id=k)
        lab.answer()
    assert lab.answer().snapshots[-1].step == 20


def test_a_pause_after_a_change_keeps_the_new_settings() -> None:
    """The frame on the screen may be older than the change."""
    lab = Lab(SMALL, speed=5)
    send(lab, ("play", 0))
    played = steps(lab)
    changed = replace(SMALL, learning_rate=0.7, estimator="pcd", n_chains=9)
    lab.apply(changed, speed=5)
    lab.answer()
    send(lab, ("pause", 0), shown=played[0], first_id=2)
    assert steps(lab) == [played[0]]
    assert lab.state.settings == changed.training_settings()
    assert len(lab.answer().snapshots[0].negative.samples) == 9


def test_restart_replays_the_same_run_and_new_seed_does_not() -> None:
    lab = Lab(SMALL)
    send(lab, ("step", 50))
    before = lab.answer().snapshots[0]
    run = lab.answer().run
    send(lab, ("restart", 0), ("step", 50), first_id=2)
    again = lab.answer()
    np.testing.assert_array_equal(again.snapshots[0].rbm.W, before.rbm.W)
    assert again.snapshots[0].log_z_estimate.log_z == before.log_z_estimate.log_z
    assert again.run != run
    seeds = set()
    for first_id in range(10, 15):
        send(lab, ("new_seed", 0), first_id=first_id)
        seeds.add(lab.settings.seed)
    assert len(seeds) > 1
    assert lab.answer().snapshots[0].step == 0


def test_a_learning_setting_keeps_the_parameters_and_data_do_not() -> None:
    lab = Lab(SMALL)
    send(lab, ("step", 30))
    before = lab.answer()
    lab.apply(replace(SMALL, learning_rate=0.5, estimator="pcd", n_chains=11), speed=20)
    after = lab.answer()
    assert after.snapshots[0].step == 30
    np.testing.assert_array_equal(after.snapshots[0].rbm.W, before.snapshots[0].rbm.W)
    assert len(after.snapshots[0].negative.samples) == 11
    assert after.run != before.run  # frames on their way are outdated
    lab.apply(replace(SMALL, n_hidden=4), speed=20)
    answer = lab.answer()
    assert answer.snapshots[0].step == 0
    assert "hidden units 3 → 4" in answer.notice.text


def test_settings_that_do_not_fit_leave_the_run_untouched() -> None:
    lab = Lab(SMALL)
    send(lab, ("step", 5))
    before = lab.answer()
    for wrong in (replace(SMALL, dataset="no such data"), replace(SMALL, learning_rate=-1.0)):
        with pytest.raises(ValueError, match=r"no such data|learning_rate is -1"):
            lab.apply(wrong, speed=20)
    assert lab.settings == SMALL
    send(lab, ("step", 1), first_id=2)
    assert lab.answer().snapshots[0].step == before.snapshots[0].step + 1


def test_a_diverging_run_stops_itself_and_can_be_restarted() -> None:
    wild = replace(SMALL, learning_rate=10.0, weight_decay=1.0, initial_scale=1.0)
    lab = Lab(wild, speed=100)
    send(lab, ("play", 0))
    answer = lab.answer()
    assert not answer.playing
    assert answer.notice.kind == "warning"
    assert "diverged" in answer.notice.text
    assert np.isfinite(answer.snapshots[-1].rbm.W).all()
    lab.apply(replace(wild, learning_rate=0.1, weight_decay=0.0), speed=100)
    send(lab, ("restart", 0), ("play", 0), first_id=2)
    answer = lab.answer()
    assert answer.playing
    assert answer.snapshots[-1].step > 0


def test_learning_settings_that_diverge_are_refused_with_the_reason() -> None:
    lab = Lab(replace(SMALL, learning_rate=10.0, initial_scale=5.0))
    before = lab.answer().snapshots[0]
    fine = lab.settings
    state = lab.state
    huge = replace(state, rbm=rbmviz.RBM(state.rbm.W * 500, state.rbm.b, state.rbm.c))
    lab._run._stand_at(huge)  # a run on the way to the limit
    lab.apply(replace(fine, weight_decay=1.0), speed=1)
    answer = lab.answer()
    assert answer.notice.kind == "warning"
    assert lab.settings == fine == answer.settings
    assert answer.snapshots[0].step == before.step


def test_playing_a_heavy_model_keeps_to_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many updates as fit, not as many as were asked for."""
    monkeypatch.setattr("rbmviz.run.player.Player.budget", 0.03)
    heavy = LabSettings("digits", 64, "pcd", n_steps=50, n_chains=500)
    lab = Lab(heavy, speed=100)
    send(lab, ("play", 0))
    for _ in range(12):  # it learns what an update costs
        lab.receive(Request(client="tab", want=1))
        lab.answer()
    before = lab.answer().snapshots[-1].step
    lab.receive(Request(client="tab", want=1))
    assert lab.answer().snapshots[-1].step - before < 10


def test_a_step_command_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be done within the budget is said, not hung on."""
    monkeypatch.setattr("rbmviz.run.player.Player.step_seconds", 0.1)
    heavy = LabSettings(dataset="digits", n_hidden=64, estimator="cd", n_steps=50, batch_size=500)
    lab = Lab(heavy)
    send(lab, ("step", 1000))
    answer = lab.answer()
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
    lab = Lab(LabSettings(dataset=dataset, n_hidden=n_hidden), speed=1)
    assert lab.exact.every == offer
    still = lab.answer().snapshots[0]
    assert (still.log_z is not None) == (offer in ("frame", "answer"))
    send(lab, ("play", 0))
    known = [s.log_z is not None for s in lab.answer().snapshots]
    assert any(known) == (offer in ("frame", "answer"))
    assert all(known) == (offer == "frame")


def test_a_short_enumeration_on_request_comes_with_the_answer() -> None:
    lab = Lab(LabSettings(dataset="bars-and-stripes 5x5", n_hidden=17))
    assert lab.answer().snapshots[0].log_z is None
    send(lab, ("play", 0))
    playing = lab.answer().snapshots
    send(lab, ("exact", 0), shown=playing[0].step, first_id=2)  # it pauses, and sums what is shown
    assert not lab.playing
    assert not lab.long_exact_is_due
    (snapshot,) = lab.answer().snapshots
    assert snapshot.log_z == pytest.approx(rbmviz.exact_log_z(snapshot.rbm), abs=1e-9)
    assert snapshot.probable_states is not None
    assert not snapshot.probable_states.complete


def test_a_long_enumeration_can_be_cancelled_and_repeated() -> None:
    lab = Lab(LabSettings(dataset="bars-and-stripes 5x5", n_hidden=23))
    lab.answer()
    send(lab, ("exact", 0))
    assert lab.long_exact_is_due

    def cancel(share: float) -> None:
        if share > 0.05:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        lab.compute_exact(cancel)
    assert not lab.long_exact_is_due
    assert lab.answer().snapshots[0].log_z is None
    shares: list[float] = []
    lab.compute_exact(shares.append)
    assert len(shares) > 50
    snapshot = lab.answer().snapshots[0]
    assert snapshot.log_z == pytest.approx(rbmviz.exact_log_z(snapshot.rbm), abs=1e-9)
    assert lab.curves()["log_z"][-1] == snapshot.log_z


def test_kept_frames_stay_bounded() -> None:
    lab = Lab(SMALL, speed=1)
    send(lab, ("play", 0))
    for _ in range(60):
        lab.receive(Request(client="tab", want=24))
        lab.answer()
    assert lab.answer().snapshots[-1].step > 300
    assert len(lab._run._past) <= 40
    assert len(lab.curves()["step"]) <= 300


def test_a_run_that_starts_while_playing_has_its_first_point() -> None:
    lab = Lab(SMALL, speed=5)
    send(lab, ("play", 0))
    for settings in (replace(SMALL, n_hidden=4), LabSettings(dataset="digits", n_hidden=30)):
        lab.apply(settings, 5)
        assert steps(lab)[0] > 0
        record = lab.curves()
        assert record["step"][0] == 0
        known = (record["log_z"][0], record["log_z_estimate"][0])
        assert any(value is not None for value in known)


def test_the_record_is_copied_while_no_other_thread_adds_to_it() -> None:
    lab = Lab(SMALL)
    copied: list[object] = []
    reader = threading.Thread(target=lambda: copied.append(lab.curves()))
    with lab._lock:
        reader.start()
        reader.join(0.05)
        assert copied == []
    reader.join()
    assert len(copied) == 1


def test_means_of_a_mean_field_are_not_listed_as_states() -> None:
    lab = Lab(LabSettings(dataset="digits", n_hidden=5, estimator="tap"))
    states = lab.answer().snapshots[0].probable_states
    assert not states.complete
    assert set(np.unique(states.v)) == {0.0, 1.0}
