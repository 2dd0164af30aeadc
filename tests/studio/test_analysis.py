"""What the page Negative phase says, checked against the library and against plain sums."""

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz.core.bias_and_noise import BiasAndNoise
from rbmviz.core.errors import InputError
from rbmviz.core.phase import PhaseStatistics
from rbmviz.run.estimators import OFFERED
from rbmviz.run.presets import load_preset, preset_names
from rbmviz.studio.analysis import TABLE, Analysis, Contestant, verdict


def known(name: str, **options: int) -> Analysis:
    analysis = Analysis(load_preset(name), **options)
    analysis.find_exact()
    analysis.find_operator()
    return analysis


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_a_model_with_data_that_fits_it(name):
    case = load_preset(name)
    assert case.v_data.shape[1] == case.v_batch.shape[1] == case.rbm.n_visible
    assert case.image_shape[0] * case.image_shape[1] == case.rbm.n_visible
    assert load_preset(name) is case  # built once
    assert case.description.endswith(".")


def test_two_distant_modes_are_as_probable_as_told_and_chains_miss_one():
    case = load_preset("Two distant modes")
    p = np.array(oracle.probabilities(case.rbm.W, case.rbm.b, case.rbm.c))
    on = np.array([state.bit_count() for state in range(len(p))])
    assert p[on > 6].sum() == pytest.approx(p[on < 6].sum())
    assert p[on > 6].sum() > 0.49
    model, data, chains = known("Two distant modes").state_probabilities(Contestant("cd"))
    assert model == pytest.approx(p)
    assert data[on < 6].sum() == 0
    assert chains[on < 6].sum() < 0.01


def test_the_presets_tell_the_story_of_mixing():
    eigenvalue = {n: known(n).operator.second_eigenvalue for n in preset_names()}
    order = ["Random small weights", "Trained half-way", "Trained to the end", "Two distant modes"]
    assert [eigenvalue[n] for n in order] == sorted(eigenvalue[n] for n in order)


@pytest.mark.parametrize("kind", OFFERED)
def test_every_estimator_is_judged_against_the_exact_phase(kind):
    analysis = known("Trained half-way", n_repeats=50, n_warm_up=10)
    who = Contestant(kind)
    found = analysis.judge(who)
    assert analysis.judge(who) is found  # kept
    assert found.bias.flat() == pytest.approx(found.mean.flat() - analysis.exact.flat(), abs=1e-12)
    assert (found.n_repeats is None) == (kind in ("cd", "exact"))
    assert analysis.judge_one(who).angle_of_one is not None
    assert analysis.seconds(who) > 0
    estimate = analysis.one_estimate(who, seed=3)
    assert estimate.statistics.vh.shape == analysis.case.rbm.W.shape
    again = analysis.one_estimate(who, seed=3).statistics.flat()
    assert np.array_equal(estimate.statistics.flat(), again)


def test_without_the_operator_cd_is_judged_by_repeats():
    analysis = Analysis(load_preset("Trained half-way"), n_repeats=400)
    analysis.find_exact()
    repeated = analysis.judge(Contestant("cd", 2))
    exact = known("Trained half-way").judge(Contestant("cd", 2))
    assert repeated.n_repeats == 400
    error = np.linalg.norm(repeated.bias.flat() - exact.bias.flat())
    assert error < 3 * repeated.bias_floor
    assert not analysis.knows(Contestant("cd", 3))


def test_the_curves_are_those_of_the_single_k():
    analysis = known("Trained to the end")
    bias, noise = analysis.curves()
    found = rbmviz.exact_bias_and_noise(analysis.operator, analysis.case.v_batch, 7)
    assert (bias[6], noise[6]) == pytest.approx((found.bias_norm, found.noise_norm))
    assert bias[0] > bias[9] > bias[49]


def test_too_many_states_or_means_of_units_are_no_states():
    rng = np.random.default_rng(0)
    case = load_preset("Random small weights")
    large = Analysis(
        type(case)("", "", rbmviz.RBM.random(rng, 13, 2), np.eye(13), np.eye(13), (1, 13))
    )
    assert large.state_probabilities(Contestant("cd")) is None
    analysis = known("Random small weights", n_repeats=50, n_warm_up=0)
    assert analysis.state_probabilities(Contestant("tap"))[2] is None


def test_a_kind_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="choose one of"):
        _ = Contestant("<script>").method


def test_names_are_distinct():
    assert len({who.name for who in TABLE}) == len(TABLE)


def judged(bias: float, noise: float, n_repeats: int | None) -> BiasAndNoise:
    def phase(x: float) -> PhaseStatistics:
        return PhaseStatistics(np.array([[x]]), np.zeros(1), np.zeros(1))

    return BiasAndNoise(n_repeats, phase(0.5), phase(bias), phase(noise), 0.0, 0.0)


@pytest.mark.parametrize(
    ("bias", "noise", "n_repeats", "said"),
    [
        (0.0, 0.0, None, "exact: no bias"),
        (0.01, 0.1, 100, "only noisy"),
        (0.001, 0.1, None, "only noisy"),
        (0.01, 0.1, None, "noisy rather than wrong"),
        (0.1, 0.1, None, "both wrong and noisy"),
        (0.3, 0.1, None, "wrong rather than noisy"),
        (0.3, 0.1, 100, "wrong rather than noisy"),
    ],
)
def test_the_verdict_follows_from_the_numbers(bias, noise, n_repeats, said):
    assert said in verdict(judged(bias, noise, n_repeats), "CD-1")
