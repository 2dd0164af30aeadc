"""What the methods say when they cannot be right: too few temperatures, and a mode left out.

The model has two far modes, all units on or all off. A narrow wrong answer without a warning is
the failure to exclude.
"""

import math

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import (
    RBM,
    AnnealedImportanceSampling,
    BridgeSampling,
    LogZEstimate,
    MeanFieldLogZ,
    ReverseAnnealedImportanceSampling,
    Sandwich,
    ThermodynamicIntegration,
)
from rbmviz.core.log_z import LogZMethod, bridge
from rbmviz.core.log_z.certain import certain_bounds

N_UNITS, N_HIDDEN = 12, 6
N_SEEDS = 24


def two_modes(weight: float, tilt: float = 0.0) -> tuple[RBM, float]:
    """All on, all off and a desert between; and log Z, by the number of units that are on."""
    W = np.full((N_UNITS, N_HIDDEN), weight)
    b, c = -W.sum(axis=1) / 2 + tilt, -W.sum(axis=0) / 2
    terms, ways = [], 1
    for on in range(N_UNITS + 1):
        terms.append(
            np.log(ways) + on * b[0] + N_HIDDEN * float(np.logaddexp(0, on * weight + c[0]))
        )
        ways = ways * (N_UNITS - on) // (on + 1)
    return RBM(W, b, c), oracle.log_sum_exp(terms)


def few_temperatures(base: str = "data mean") -> list[LogZMethod]:
    return [
        AnnealedImportanceSampling(50, 5, 1, base=base),
        ReverseAnnealedImportanceSampling(50, 5, 1, base=base),
        Sandwich(50, 5, 1, base=base),
        BridgeSampling(10, 4, 60, 30, base=base),
        ThermodynamicIntegration(10, 4, 60, 30, base=base),
    ]


def enough(base: str = "data mean") -> list[LogZMethod]:
    return [
        AnnealedImportanceSampling(50, 400, 1, base=base),
        ReverseAnnealedImportanceSampling(50, 400, 1, base=base),
        Sandwich(50, 400, 1, base=base),
        BridgeSampling(10, 20, 60, 30, base=base),
        ThermodynamicIntegration(10, 20, 60, 30, base=base),
    ]


def estimates(
    method: LogZMethod, rbm: RBM, v: object = None, n_seeds: int = N_SEEDS
) -> list[LogZEstimate]:
    return [
        method.estimate(np.random.default_rng(seed), rbm, v)  # type: ignore[arg-type]
        for seed in range(n_seeds)
    ]


def silent_failures(found: list[LogZEstimate], truth: float) -> float:
    """Share of intervals that miss the truth without a warning."""
    wrong = [one.warning is None and not one.low <= truth <= one.high for one in found]
    return sum(wrong) / len(wrong)


# One in twenty is nominal; five of 24 is what 5 % exceed once in a thousand times.
MOST_SILENT = 5 / N_SEEDS


@pytest.mark.parametrize(("weight", "tilt"), [(2.0, -0.3), (4.0, 0.0)])
@pytest.mark.parametrize("k", range(5))
def test_too_few_temperatures_widen_the_interval_or_warn(
    k: int, weight: float, tilt: float
) -> None:
    rbm, truth = two_modes(weight, tilt)
    few, many = estimates(few_temperatures()[k], rbm), estimates(enough()[k], rbm)
    assert silent_failures(few, truth) <= MOST_SILENT
    widths = [np.median([one.high - one.low for one in found]) for found in (few, many)]
    warned = sum(one.warning is not None for one in few) / N_SEEDS
    assert widths[0] > 1.5 * widths[1] or warned > 0.9


def test_the_model_is_hard_enough_to_break_an_interval_of_the_plain_kind() -> None:
    """The same weights with the delta method alone and no warning: wrong and silent."""
    rbm, truth = two_modes(4.0)
    missed = 0
    for one in estimates(AnnealedImportanceSampling(50, 5, 1), rbm):
        w = np.exp(one.log_weights - one.log_weights.max())
        half = 1.96 * w.std(ddof=1) / w.mean() / np.sqrt(50)
        missed += abs(one.log_z - truth) > half
    assert missed / N_SEEDS > 2 * MOST_SILENT


def test_the_integral_without_its_discretisation_would_be_silent() -> None:
    rbm, truth = two_modes(8.0)
    found = estimates(ThermodynamicIntegration(10, 4, 60, 30), rbm)
    missed = 0
    for one in found:
        error = one.log_weights.std(ddof=1) / np.sqrt(10)
        missed += abs(one.log_z - truth) > 2.262 * error
    assert missed / N_SEEDS > 2 * MOST_SILENT
    assert silent_failures(found, truth) <= MOST_SILENT


# Data in one mode only: the base model of their mean does not know the other


ONE_MODE = np.ones((100, N_UNITS))


@pytest.mark.parametrize("k", [1, 2])  # these begin at samples of the model itself
@pytest.mark.parametrize("many", [False, True])
def test_annealing_from_the_model_sees_the_mode_that_data_leave_out(k: int, many: bool) -> None:
    rbm, truth = two_modes(2.0)
    found = estimates((enough if many else few_temperatures)()[k], rbm, ONE_MODE)
    assert silent_failures(found, truth) <= MOST_SILENT
    assert np.median([one.high - one.low for one in found]) > 1.0


def test_chains_from_the_data_know_only_the_mode_of_the_data_and_the_search_tells() -> None:
    """No weight tells of a mode that no chain has seen: what they find is log Z of the other."""
    rbm, truth = two_modes(2.0)
    for one in estimates(enough()[0], rbm, ONE_MODE, n_seeds=5):
        assert one.log_z == pytest.approx(truth - np.log(2.0), abs=0.15)
        assert one.high < truth
        assert one.effective_sample_size > 45  # of 50
        assert one.refuted
        assert one.warning is not None
        assert f"gives log Z = {truth:.3f}, but the interval ends at {one.high:.3f}" in one.warning


@pytest.mark.parametrize("k", [3, 4])
def test_ladders_begun_hot_at_the_data_and_cold_in_both_modes_disagree(k: int) -> None:
    rbm, truth = two_modes(2.0)
    found = estimates(enough()[k], rbm, ONE_MODE, n_seeds=5)
    assert all(one.low <= truth <= one.high for one in found)  # as wide as they are far apart
    warned = [one for one in found if one.warning is not None]
    assert len(warned) >= 2
    assert all("begun hot and ladders begun cold differ" in str(one.warning) for one in warned)
    assert all(one.effective_sample_size < 3 for one in warned)  # of 10 ladders


def test_ladders_that_all_begin_hot_would_be_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: without cold ladders nothing disagrees, and only the certain bound tells."""
    right = bridge.run_tempered
    monkeypatch.setattr(bridge, "run_tempered", lambda *args: right(*args[:-1]))
    rbm, truth = two_modes(2.0)
    for one in estimates(enough()[3], rbm, ONE_MODE, n_seeds=3):
        assert one.high < truth
        assert "cold" not in str(one.warning)
        assert one.refuted


@pytest.mark.parametrize("k", [0, 2, 3, 4])
def test_a_base_of_the_biases_alone_is_not_silent_either(k: int) -> None:
    rbm, truth = two_modes(2.0)
    assert silent_failures(estimates(enough("visible biases")[k], rbm, n_seeds=3), truth) == 0.0


@pytest.mark.parametrize("k", range(5))
def test_two_phases_that_exchange_weight_at_once_are_never_silent(k: int) -> None:
    """Along the path the deep phase comes in at once: hot ladders do not nucleate it."""
    W = np.full((40, 6), 0.6)
    rbm = RBM(W, np.zeros(40), np.full(6, -0.6 * 40 * 0.75))
    by_number_on = [
        np.log(math.comb(6, k)) - 18.0 * k + 40 * float(np.logaddexp(0, 0.6 * k)) for k in range(7)
    ]
    truth = oracle.log_sum_exp(by_number_on)
    found = estimates(enough()[k], rbm, n_seeds=3)
    assert silent_failures(found, truth) == 0.0
    if k >= 3:
        assert all(one.low <= truth <= one.high for one in found)


@pytest.mark.parametrize(
    "method", [*few_temperatures(), MeanFieldLogZ(1), MeanFieldLogZ(2)], ids=str
)
def test_every_method_is_held_against_what_is_certain(method: LogZMethod) -> None:
    """By itself: who asks the method need not ask estimate_log_z."""
    rbm, truth = two_modes(2.0)
    found = method.estimate(np.random.default_rng(0), rbm)
    assert found.at_least == pytest.approx(truth, abs=1e-9)
    assert found.at_most == pytest.approx(truth, abs=1e-9)


def test_a_method_of_ones_own_is_held_against_what_is_certain_too() -> None:
    rbm, truth = two_modes(2.0)

    class OneMode:
        def estimate(self, *args: object) -> LogZEstimate:
            low = truth - np.log(2.0)
            return LogZEstimate(low, low, low, 0.95, 1.0, "own", np.zeros(1), warning="Beware.")

    found = rbmviz.estimate_log_z(np.random.default_rng(0), rbm, OneMode())  # type: ignore[arg-type]
    assert found.refuted
    assert str(found.warning).startswith("Beware. The sum over all states gives")


@pytest.mark.parametrize(
    "method", [ReverseAnnealedImportanceSampling(20, 50), Sandwich(20, 50)], ids=["reverse", "both"]
)
@pytest.mark.parametrize("turned", [False, True])
def test_what_exact_samples_tell_of_log_z_is_held_against_the_interval(
    method: LogZMethod, turned: bool
) -> None:
    """To draw them all states are summed: no estimate is then silently off on either side."""
    rng = np.random.default_rng(7)
    rbm = rbmviz.RBM(*(rng.normal(0.0, 1.5, shape) for shape in ((60, 14), 60, 14)))
    rbm = rbmviz.RBM(rbm.W.T, rbm.c, rbm.b) if turned else rbm
    truth = rbmviz.exact_log_z(rbm)
    assert not math.isfinite(certain_bounds(rbm, None, 20 * 50 * 74).high)  # too dear by itself
    for seed in range(5):
        found = method.estimate(np.random.default_rng(seed), rbm)
        assert found.at_least <= truth <= found.at_most < found.at_least + 1e-6
        assert (found.low <= truth <= found.high) or found.warning is not None


@pytest.mark.parametrize("k", range(5))
def test_the_uniform_base_model_knows_every_mode(k: int) -> None:
    rbm, truth = two_modes(2.0)
    found = estimates(enough("uniform")[k], rbm, ONE_MODE)
    assert silent_failures(found, truth) <= MOST_SILENT
    assert abs(np.mean([one.log_z for one in found]) - truth) < 0.1


@pytest.mark.parametrize("order", [1, 2])
def test_mean_field_has_one_mode_and_an_interval_that_says_so(order: int) -> None:
    rbm, truth = two_modes(2.0)
    found = MeanFieldLogZ(order).estimate(np.random.default_rng(0), rbm, ONE_MODE)
    assert found.log_z == pytest.approx(truth - np.log(2.0), abs=0.02)
    assert found.high == np.inf
    if order == 1:
        assert found.log_z - 1e-9 < found.low < found.log_z
        assert found.warning is None  # a bound may lie below
    else:
        assert found.low == -np.inf
        assert found.warning is not None  # an approximation that is off by log 2
        assert "but the value is 0.03" in found.warning


def test_too_few_betas_widen_the_interval_of_a_trained_model_and_warn() -> None:
    settings = rbmviz.TrainingSettings(16, rbmviz.ContrastiveDivergence(), learning_rate=0.1)
    v = rbmviz.load_dataset("bars-and-stripes 4x4").v
    rbm = rbmviz.train(rbmviz.start(settings, v), 5000).rbm
    found = [
        AnnealedImportanceSampling(100, n_betas).estimate(np.random.default_rng(1), rbm)
        for n_betas in (5, 30, 300)
    ]
    widths = [one.high - one.low for one in found]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]
    assert found[0].effective_sample_size < 100 / 3 < found[2].effective_sample_size
    assert found[0].warning is not None
    assert "below 33%" in found[0].warning
    assert "more betas" in found[0].warning
    assert found[2].warning is None


def test_seldom_accepted_swaps_are_named() -> None:
    rbm, _ = two_modes(30.0)
    found = BridgeSampling(4, 3, 20, 10, base="uniform").estimate(np.random.default_rng(0), rbm)
    assert found.warning is not None
    assert "of the swaps are accepted, below 10%; use more betas" in found.warning
    fine = BridgeSampling(4, 20, 20, 10).estimate(np.random.default_rng(0), two_modes(0.3)[0])
    assert "swaps" not in str(fine.warning)
