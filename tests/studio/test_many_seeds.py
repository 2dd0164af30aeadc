"""Many seeds: each curve is the library's run of that seed, however the work is cut."""

import gc
import threading
from dataclasses import asdict, replace

import numpy as np
import pytest

import rbmviz
from rbmviz.core.training import TrainingState
from rbmviz.run.estimators import OFFERED
from rbmviz.run.settings import LabSettings, clamp_settings
from rbmviz.studio.many_seeds import MAX_UNITS, SEEDS, UPDATES, ManySeeds, SeedsPlan, why_not

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=4, seed=7, n_chains=5)


def plan(*settings: LabSettings, n_seeds: int = 4, n_updates: int = 120) -> SeedsPlan:
    return SeedsPlan(settings, tuple("AB"[: len(settings)]), n_seeds, n_updates)


def states_of(settings: LabSettings) -> list[TrainingState]:
    """The states that anything still holds of runs with these settings, of any seed."""
    gc.collect()
    alive = [thing for thing in gc.get_objects() if isinstance(thing, TrainingState)]
    wanted = settings.training_settings()
    return [state for state in alive if replace(state.settings, seed=wanted.seed) == wanted]


def finished(work: ManySeeds, seconds: float = 60.0) -> ManySeeds:
    while not work.done:
        work.advance(seconds)
    return work


def library_curve(settings: LabSettings, steps: list[int]) -> list[float]:
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    curve = []
    for step in steps:
        state = rbmviz.train(state, step - state.step)
        curve.append(rbmviz.mean_log_likelihood(state.rbm, state.v_data))
    return curve


@pytest.mark.parametrize("estimator", OFFERED)
def test_every_curve_is_the_library_s(estimator: str) -> None:
    settings = replace(SMALL, estimator=estimator)
    work = finished(ManySeeds(plan(settings)))
    assert work.ended == ""
    assert (work.steps[0], work.steps[-1], len(work.steps)) == (0, 120, 41)
    (curves,) = work.curves
    assert curves.shape == (4, 41)
    for k in (0, 3):
        expected = library_curve(replace(settings, seed=7 + k), work.steps)
        np.testing.assert_allclose(curves[k], expected, atol=1e-6)


def test_two_sets_grow_together_in_small_pieces() -> None:
    work = ManySeeds(plan(SMALL, replace(SMALL, n_steps=4)))
    shares = []
    while not work.done:
        work.advance(0.0001)
        shares.append(work.share)
        assert [c.shape for c in work.curves] == [(4, len(work.steps))] * 2
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.1
    assert shares[-1] == 1
    assert len(shares) > 20
    whole = finished(ManySeeds(work.plan))
    np.testing.assert_allclose(work.curves, whole.curves, atol=1e-6)
    assert not np.allclose(work.curves[0], work.curves[1])


def test_stacks_that_would_be_large_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = finished(ManySeeds(plan(SMALL)))
    monkeypatch.setattr("rbmviz.studio.many_seeds._MAX_STACK", 4 * 7 * 2)  # two seeds
    cut = finished(ManySeeds(plan(SMALL)))
    np.testing.assert_allclose(cut.curves, whole.curves, atol=1e-6)


def test_it_ends_early_with_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    work = ManySeeds(plan(SMALL))
    while len(work.steps) < 3:
        work.advance(0.0001)
    assert states_of(settings=SMALL)
    work.stop("Cancelled.")
    assert work.done
    assert states_of(settings=SMALL) == []
    known = work.curves[0].copy()
    work.advance(1.0)
    np.testing.assert_array_equal(work.curves[0], known)
    monkeypatch.setattr("rbmviz.studio.many_seeds.MAX_SECONDS", 0.0)
    late = ManySeeds(plan(SMALL))
    late.advance(0.0001)
    assert late.done
    assert "Stopped after" in late.ended
    assert states_of(settings=SMALL) == []


def test_no_state_is_held_when_the_work_is_done_and_none_holds_its_last_update() -> None:
    work = ManySeeds(plan(SMALL))
    while len(work.steps) < 3:
        work.advance(0.0001)
    held = states_of(settings=SMALL)
    assert len(held) >= 4
    assert all(state.last is None for state in held if state.step == work.plan.checkpoints[1])
    del held
    finished(work)
    assert states_of(settings=SMALL) == []


def test_stop_waits_for_the_piece_in_work() -> None:
    work = ManySeeds(plan(SMALL))
    other = threading.Thread(target=work.stop, args=("Cancelled.",))
    with work._lock:
        other.start()
        other.join(0.05)
        assert not work.done
    other.join()
    assert work.done


def test_seeds_go_on_beyond_the_highest_of_the_lab() -> None:
    settings = replace(SMALL, seed=999_999)
    work = finished(ManySeeds(plan(settings, n_seeds=2, n_updates=100)))
    expected = library_curve(replace(SMALL, seed=1_000_000), work.steps)
    np.testing.assert_allclose(work.curves[0][1], expected, atol=1e-6)


def test_more_than_fits_in_memory_is_refused() -> None:
    ladders = LabSettings("bars-and-stripes 2x2", 64, "tempering", n_chains=500, n_temperatures=30)
    with pytest.raises(ValueError, match="fewer seeds or chains"):
        plan(ladders, n_seeds=50)
    affordable, _ = clamp_settings(asdict(ladders))
    plan(affordable, replace(affordable, momentum=0.5), n_seeds=50)


def test_a_diverging_set_says_so() -> None:
    wild = replace(SMALL, learning_rate=10.0, weight_decay=1.0, initial_scale=1.0)
    work = finished(ManySeeds(plan(SMALL, wild, n_updates=500)))
    assert "B: a run diverged" in work.ended
    assert len(work.steps) < 41
    assert all(np.isfinite(curve).all() for curve in work.curves)


@pytest.mark.parametrize(
    ("n_seeds", "n_updates"),
    [(SEEDS[0] - 1, 200), (SEEDS[1] + 1, 200), (5, UPDATES[0] - 1), (5, UPDATES[1] + 1)],
)
def test_too_much_is_refused(n_seeds: int, n_updates: int) -> None:
    with pytest.raises(ValueError, match="choose"):
        plan(SMALL, n_seeds=n_seeds, n_updates=n_updates)


def test_a_model_too_large_to_enumerate_is_refused() -> None:
    large = LabSettings("digits", MAX_UNITS + 1)
    assert "fewer hidden units" in why_not(large)
    with pytest.raises(ValueError, match="fewer hidden units"):
        plan(large)
    assert why_not(replace(large, n_hidden=MAX_UNITS)) == ""
