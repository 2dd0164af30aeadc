"""What the page Partition function says, checked against the library and closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest

import rbmviz
from rbmviz.core.errors import InputError
from rbmviz.core.log_z import AnnealedImportanceSampling, LogZEstimate
from rbmviz.run.model_case import ModelCase
from rbmviz.run.presets import (
    hidden_valley,
    ising_ring_case,
    ising_torus_case,
    large_random,
    load_preset,
)
from rbmviz.run.table import clamp
from rbmviz.studio.log_z_methods import (
    KINDS,
    MAX_CELLS,
    N_BETAS,
    N_CHAINS,
    SAMPLING,
    LogZSettings,
    PartitionFunctionSettings,
    gibbs_sweeps,
    method_for,
    precision_for,
    predicted_seconds,
)
from rbmviz.studio.log_z_study import MOST_KEPT, LogZStudy, Truth, decimals, told, verdict

SMALL = LogZSettings(n_chains=20, n_betas=30)


def known(case: ModelCase, settings: LogZSettings = SMALL) -> LogZStudy:
    study = LogZStudy(case)
    for kind in study.missing(list(KINDS), settings):
        study.run(kind, settings)
    return study


def estimate(log_z: float, low: float, high: float, warning: str | None = None) -> LogZEstimate:
    exact = low == high
    return LogZEstimate(
        log_z, low, high, 1.0 if exact else 0.95, 50.0, "by hand", np.zeros(100), warning
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_gives_the_librarys_own_numbers_and_keeps_them(kind):
    case = load_preset("Trained half-way")
    study = LogZStudy(case)
    found = study.run(kind, SMALL)
    again = method_for(kind, SMALL, case.rbm).estimate(
        np.random.default_rng([0, *kind.encode()]), case.rbm, case.v_data
    )
    assert (found.log_z, found.low, found.high) == (again.log_z, again.low, again.high)
    assert study.run(kind, SMALL) is found
    assert study.get(kind, SMALL) is found


def test_another_draw_is_another_estimate_of_what_is_random():
    study = known(load_preset("Trained half-way"))
    other = LogZSettings(20, 30, draw=1)
    assert study.get("exact", other) is study.get("exact", SMALL)
    for kind in SAMPLING:
        assert study.get(kind, other) is None
        assert study.run(kind, other).log_z != study.get(kind, SMALL).log_z


def test_the_truth_is_a_closed_form_or_the_sum_over_all_states():
    torus = LogZStudy(ising_torus_case(3, 0.4))
    assert torus.truth.how == "exact, closed form"
    assert torus.truth.log_z == pytest.approx(rbmviz.exact_log_z(torus.case.rbm), abs=1e-9)
    assert "exact" not in torus.missing(list(KINDS), SMALL)
    study = LogZStudy(load_preset("Two distant modes"))
    assert study.truth is None
    study.run("exact", SMALL)
    assert study.truth.log_z == rbmviz.exact_log_z(study.case.rbm)
    assert "sum over all states" in study.truth.how


def test_the_ring_is_known_too():
    case = ising_ring_case(8, 0.5)
    assert case.log_z == pytest.approx(rbmviz.exact_log_z(case.rbm), abs=1e-9)


def test_the_hidden_valley_holds_the_probability_and_no_weight_tells():
    case = hidden_valley()
    by_distance = [  # states that differ from the cross in so many of 36 pixels
        math.log(math.comb(36, k)) + np.logaddexp(0.0, 24.0 * (1.5 - k)) for k in range(37)
    ]
    exact = rbmviz.exact_log_z(case.rbm)
    assert exact == pytest.approx(np.logaddexp.reduce(by_distance), abs=1e-9)
    assert np.logaddexp(by_distance[0], by_distance[1]) > exact - 0.001  # 1 + 36 states
    study = known(case, LogZSettings(n_chains=100, n_betas=100))
    settings = LogZSettings(n_chains=100, n_betas=100)
    ais = study.get("ais", settings)
    assert ais.refuted  # by the sum over the two states of the hidden unit
    assert ais.effective_sample_size > 60
    assert ais.high < exact - 5
    assert "weights alone cannot tell" in verdict("ais", ais, study.truth)
    assert f"certain of log Z: at least {exact:.1f}." in verdict("ais", ais, None)
    assert f"certain of log Z: at least {exact:.1f}." in study.refutation("ais", settings)
    assert study.refutation("sandwich", settings) is None
    both = study.get("sandwich", settings)
    assert both.low < exact < both.high
    assert "do not meet" in both.warning


def test_out_of_reach_is_not_attempted():
    study = LogZStudy(large_random())
    assert study.seconds("exact", SMALL) == math.inf
    assert "exact" not in study.missing(list(KINDS), SMALL)
    assert study.precision == "float32"
    assert precision_for(hidden_valley().rbm) == "float64"


def test_long_work_waits_for_a_question_and_stops_when_told():
    study = LogZStudy(large_random())
    published = LogZSettings(100, 14_500)
    seconds = study.seconds("ais", published)
    assert seconds > 10  # the prediction alone; nothing is run
    assert not study.may_begin(seconds, "all")
    study.asked = "all"
    assert study.may_begin(seconds, "all")
    assert not study.may_begin(seconds, "something else")
    study.stopped = True
    assert not study.may_begin(0.0, "all")


class Stopped(Exception):  # noqa: N818  it is no error
    pass


@pytest.mark.parametrize("kind", [kind for kind in SAMPLING if kind != "bridge"])
def test_a_run_that_is_cancelled_leaves_nothing_behind(kind):
    study = LogZStudy(load_preset("Trained half-way"))
    shares = []

    def watch(share, log_weights):
        shares.append(share)
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        study.run(kind, SMALL, watch)
    assert 0.3 < shares[-1] < 1
    assert study.get(kind, SMALL) is None


def test_old_estimates_are_dropped():
    study = LogZStudy(load_preset("Random small weights"))
    for draw in range(MOST_KEPT + 5):
        study.run("mean field", LogZSettings(draw=draw))
    assert len(study.found) == MOST_KEPT
    assert study.get("mean field", LogZSettings(draw=0)) is None
    assert study.get("mean field", LogZSettings(draw=MOST_KEPT)) is not None


@pytest.mark.parametrize(
    "hostile", [None, -1, 10**9, 0.5, "many", [100], float("nan"), True, {"a": 1}]
)
def test_hostile_settings_become_allowed_ones(hostile):
    rbm = hidden_valley().rbm
    names = ("chains", "temperatures", "schedule", "base", "draw")
    chosen, _messages = clamp(PartitionFunctionSettings, dict.fromkeys(names, hostile))
    found = chosen.of_log_z(rbm)
    assert found.n_chains in N_CHAINS
    assert found.n_betas in N_BETAS
    assert (found.schedule, found.base) == ("linear", "data mean")
    method_for("ais", found, rbm)  # refuses what it cannot take


def test_chains_stay_within_memory():
    rbm = rbmviz.RBM.random(np.random.default_rng(0), 4096, 4096)
    chosen = PartitionFunctionSettings(chains=1000, temperatures=100, base="uniform")
    settings = chosen.of_log_z(rbm)
    assert settings.n_chains * 8192 <= MAX_CELLS
    ladder = method_for("bridge", settings, rbm)
    assert ladder.n_chains * ladder.n_betas * 8192 <= MAX_CELLS


def test_tempering_spends_about_the_steps_of_annealing():
    rbm = load_preset("Trained half-way").rbm
    settings = LogZSettings(100, 300)
    ladder = method_for("bridge", settings, rbm)
    steps = (ladder.n_rounds + ladder.n_burn_in) * ladder.n_chains * ladder.n_betas
    annealing = AnnealedImportanceSampling(100, 300)
    assert gibbs_sweeps(settings, rbm) * 100 == annealing.cost(rbm, annealing.betas, 0).gibbs_steps
    assert steps == pytest.approx(100 * gibbs_sweeps(settings, rbm), rel=0.05)


def test_more_work_is_predicted_to_take_longer():
    rbm = load_preset("Trained half-way").rbm
    for kind in SAMPLING:
        seconds = [predicted_seconds(kind, LogZSettings(100, n), rbm) for n in (30, 100, 300)]
        assert seconds == sorted(seconds)
        assert seconds[0] < seconds[-1]


def test_a_kind_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="choose one of"):
        method_for("<script>", SMALL, hidden_valley().rbm)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (estimate(5.0, 5.0, 5.0), "5.0000 exact"),
        (estimate(5.0, 4.984, 5.016), "5.000 ± 0.016"),
        (estimate(5.0, 3.0, 5.5), "5.0, 3.0 to 5.5"),
        (estimate(5.0, 5.0, np.inf), "≥ 5.000"),
        (estimate(5.0, -np.inf, np.inf), "≈ 5.000"),
    ],
)
def test_numbers_are_told_with_what_they_are_worth(found, text):
    assert told(found) == text


@pytest.mark.parametrize(("half", "n"), [(12.0, 1), (0.9, 2), (0.016, 3), (1e-9, 4), (np.inf, 3)])
def test_decimals_follow_the_interval(half, n):
    assert decimals(half) == n


TRUTH = Truth(5.0, "exact, closed form")
REFUTED = replace(estimate(4.9, 4.88, 4.97, "few"), at_least=5.0, at_most=5.0)


@pytest.mark.parametrize(
    ("found", "truth", "said"),
    [
        (estimate(5.1, 4.9, 5.3), TRUTH, "inside the interval."),
        (estimate(5.1, 4.9, 5.3, "few"), TRUTH, "but the weights warn"),
        (estimate(5.5, 5.1, 5.9), TRUTH, "just outside"),
        (estimate(9.0, 8.9, 9.1), TRUTH, "off by 4.0 nats and does not know it"),
        (estimate(9.0, 8.9, 9.1, "few"), TRUTH, "off by 4.0 nats, and the weights warn"),
        (estimate(9.0, 8.9, 9.1), None, "not known here"),
        (REFUTED, TRUTH, "just outside"),
        (REFUTED, None, "certain of log Z: at least 5.000."),
        (replace(REFUTED, low=1.0, log_z=2.0, high=3.0), TRUTH, "weights alone cannot tell"),
        (replace(REFUTED, low=9.0, log_z=9.5, high=9.7), None, "certain of log Z: at most 5.0."),
        (estimate(9.0, 8.9, 9.1, "few"), None, "do not trust it"),
    ],
)
def test_the_verdict_follows_from_the_numbers(found, truth, said):
    text = verdict("ais", found, truth)
    assert said in text
    assert text.startswith("AIS: log Z = ")


def test_rows_more_probable_than_one_together_unmask_a_silent_failure() -> None:
    """The one row that lies in the valley tells what even weights do not."""
    valley = hidden_valley()
    cross = np.maximum(np.eye(6), np.eye(6)[::-1]).reshape(1, 36)
    study = LogZStudy(replace(valley, v_data=np.vstack([cross, cross])))
    settings = LogZSettings(n_chains=20, n_betas=30, base="uniform")
    found = study.run("ais", settings)
    assert found.high < rbmviz.log_p_tilde(valley.rbm, cross)[0] < rbmviz.exact_log_z(valley.rbm)
    at_least = float(rbmviz.log_p_tilde(valley.rbm, cross)[0] - found.high)
    assert f"too small by at least {at_least:.2g} nats" in str(study.excess("ais", settings))
    assert study.excess("reverse", settings) is None  # not known yet
    study.run("mean field", settings)
    assert study.excess("mean field", settings) is None  # a bound may lie below
    plain = LogZStudy(load_preset("Random small weights"))
    plain.run("ais", settings)
    assert plain.excess("ais", settings) is None


def test_a_closed_form_stands_where_a_sum_over_states_would() -> None:
    study = LogZStudy(ising_torus_case(8, 0.3))
    shown = study.shown("exact", SMALL)
    assert shown is not None
    assert shown.low == shown.log_z == shown.high == rbmviz.ising_torus(8, 0.3).log_z
    assert study.shown("ais", SMALL) is None
    assert LogZStudy(load_preset("Trained half-way")).shown("exact", SMALL) is None


def test_an_approximation_that_is_far_off_is_told_in_words_too() -> None:
    study = LogZStudy(load_preset("Two distant modes"))
    found = study.run("tap", SMALL)
    assert found.warning is not None  # a fixed point knows one of two modes: off by log 2
    assert study.refutation("tap", SMALL) == f"TAP: {found.warning}"
    assert study.refutation("mean field", SMALL) is None
