"""What all estimators of log Z have in common: results that say how they were made, cancelling,
settings and data that are refused."""

import math
from dataclasses import replace

import numpy as np
import oracle
import pytest

import rbmviz
from rbmviz import (
    RBM,
    AnnealedImportanceSampling,
    BridgeSampling,
    ExactLogZ,
    InputError,
    LogZEstimate,
    MeanFieldLogZ,
    ReverseAnnealedImportanceSampling,
    Sandwich,
    ThermodynamicIntegration,
    TooManyUnitsError,
    estimate_log_z,
)
from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z import LogZMethod

ANNEALING = (AnnealedImportanceSampling, ReverseAnnealedImportanceSampling, Sandwich)
TEMPERING = (BridgeSampling, ThermodynamicIntegration)
METHODS: list[LogZMethod] = [
    AnnealedImportanceSampling(30, 60),
    ReverseAnnealedImportanceSampling(30, 60),
    Sandwich(30, 60),
    BridgeSampling(5, 6, 20, 10),
    ThermodynamicIntegration(5, 6, 20, 10),
    MeanFieldLogZ(1, 8),
    MeanFieldLogZ(2, 8),
    ExactLogZ(),
]
DATA = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])


def model(scale: float = 0.8) -> RBM:
    rng = np.random.default_rng(1)
    return RBM(rng.normal(0, scale, (4, 3)), rng.normal(0, scale, 4), rng.normal(0, scale, 3))


def estimate(method: LogZMethod, seed: int = 0, rbm: RBM | None = None) -> LogZEstimate:
    return estimate_log_z(np.random.default_rng(seed), rbm or model(), method, DATA)


def name_of(method: LogZMethod) -> str:
    return type(method).__name__ + str(getattr(method, "order", ""))


@pytest.mark.parametrize("method", METHODS, ids=name_of)
def test_every_result_says_what_it_is_and_what_it_cost(method: LogZMethod) -> None:
    found = estimate(method)
    assert found.low <= found.log_z <= found.high
    assert found.method.startswith(str(method))
    assert len(found.interval) > 5
    assert found.cost is not None
    assert found.cost.seconds > 0
    assert 0 < found.confidence <= 1
    assert found.effective_sample_size >= 1
    truth = oracle.log_z(model().W, model().b, model().c)
    assert abs(found.log_z - truth) < 0.5
    if found.bound is None and np.isfinite(found.low):
        assert found.low <= truth <= found.high


def test_the_names_are_those_of_a_legend() -> None:
    assert [str(method) for method in METHODS] == [
        "annealed importance sampling, 30 chains x 60 betas",
        "reverse annealed importance sampling, 30 chains x 60 betas",
        "sandwich of forward and reverse annealing, 30 chains x 60 betas",
        "bridge sampling, 5 ladders x 6 betas",
        "thermodynamic integration, 5 ladders x 6 betas",
        "mean-field bound, 8 starts",
        "TAP free energy, 8 starts",
        "exact enumeration",
    ]


def test_bounds_are_named_where_there_are_any() -> None:
    bounds = [estimate(method).bound for method in METHODS]
    assert bounds == ["lower", "upper", None, None, None, "lower", None, None]


def test_steps_are_counted_as_made() -> None:
    rbm = model()
    annealing = AnnealedImportanceSampling(10, 5, n_sweeps=4)  # betas 1/4, 1/2, 3/4: 1 + 2 + 3
    for method, steps in (
        (annealing, 60),
        (ReverseAnnealedImportanceSampling(10, 5, n_sweeps=4), 60),
        (Sandwich(10, 5, n_sweeps=4), 120),
        (AnnealedImportanceSampling(10, 2), 0),
        (ExactLogZ(), 0),
        (MeanFieldLogZ(), 0),
    ):
        cost = estimate(method, rbm=rbm).cost
        assert cost is not None
        assert cost.gibbs_steps == steps
    cost = estimate(BridgeSampling(5, 6, 20, 10)).cost
    assert cost is not None
    assert cost.gibbs_steps >= 5 * 6 * 30  # and what placed the betas


@pytest.mark.parametrize("method", METHODS, ids=name_of)
def test_the_same_generator_gives_the_same_estimate(method: LogZMethod) -> None:
    first, again = estimate(method, 1), estimate(method, 1)
    assert first.log_z == again.log_z
    np.testing.assert_array_equal(first.log_weights, again.log_weights)
    if isinstance(method, (*ANNEALING, *TEMPERING)):
        assert (first.log_weights != estimate(method, 2).log_weights).all()


class CancelledError(Exception):
    pass


@pytest.mark.parametrize("method", METHODS, ids=name_of)
def test_a_watcher_hears_of_the_progress_and_may_cancel(method: LogZMethod) -> None:
    heard: list[float] = []

    def watch(done: float, log_weights: FloatArray) -> None:
        heard.append(done)
        assert isinstance(log_weights, np.ndarray)

    rng = np.random.default_rng(0)
    watched = estimate_log_z(rng, model(), method, DATA, watch)
    assert watched.log_z == estimate(method).log_z  # watching changes nothing
    assert heard
    assert heard == sorted(heard)
    assert heard[0] >= 0.0
    assert heard[-1] <= 1.0

    def cancel(done: float, log_weights: FloatArray) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        estimate_log_z(np.random.default_rng(0), model(), method, DATA, cancel)


@pytest.mark.parametrize(
    "method",
    [AnnealedImportanceSampling(200, 400, 2), *(kind(20, 20, 50, 30) for kind in TEMPERING)],
    ids=name_of,
)
def test_the_path_ends_at_the_estimate_and_its_slope_adds_up_to_it(method: LogZMethod) -> None:
    rbm = model()
    found = estimate(method, rbm=rbm)
    along = found.along
    assert along is not None
    assert along.betas[0] == 0.0
    assert along.betas[-1] == 1.0
    assert (np.diff(along.betas) > 0).all()
    half = (found.high - found.low) / 2
    assert along.log_z[-1] == pytest.approx(found.log_z, abs=0.2 * half + 1e-9)
    base = np.log(3 / 2), np.log(2 / 3), np.log(4.0), np.log(3 / 2)
    for beta, log_z in zip(along.betas[::10], along.log_z[::10], strict=True):
        exact = oracle.log_z(*oracle.on_path(rbm.W, rbm.b, rbm.c, base, float(beta)))
        assert log_z == pytest.approx(exact, abs=2.5 * half + 1e-9)
    gain = float(np.trapezoid(along.slope, along.betas))
    assert gain == pytest.approx(along.log_z[-1] - along.log_z[0], abs=3 * half + 0.01)
    assert abs(gain) > 10 * half  # there is something to add up


def test_a_sandwich_takes_the_path_of_its_forward_side() -> None:
    found = estimate(Sandwich(30, 60))
    forward = estimate(AnnealedImportanceSampling(30, 60))
    assert found.along is not None
    assert forward.along is not None
    np.testing.assert_array_equal(found.along.log_z, forward.along.log_z)


# Exact enumeration among the others


@pytest.mark.parametrize("swap", [False, True])
def test_the_exact_method_is_the_plain_sum(swap: bool) -> None:
    rbm = model().swapped if swap else model()
    found = ExactLogZ().estimate(np.random.default_rng(0), rbm)
    assert found.log_z == pytest.approx(oracle.log_z(rbm.W, rbm.b, rbm.c), abs=1e-12)
    assert found.low == found.log_z == found.high
    assert found.warning is None


def test_the_exact_method_refuses_what_cannot_be_listed() -> None:
    rbm = RBM(np.zeros((30, 28)), np.zeros(30), np.zeros(28))
    with pytest.raises(TooManyUnitsError, match="28 units have"):
        ExactLogZ().estimate(np.random.default_rng(0), rbm)


# What is refused


@pytest.mark.parametrize("kind", ANNEALING)
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_chains": 1}, "n_chains is 1; it must be at least 2"),
        ({"n_chains": -5}, "n_chains is -5; it must be at least 2"),
        ({"n_betas": 1}, "n_betas is 1; it must be at least 2"),
        ({"n_betas": 10.0}, "n_betas is 10.0; pass a whole number"),
        ({"n_sweeps": 0}, "n_sweeps is 0; it must be at least 1"),
        ({"confidence": 0.0}, "confidence is 0; choose a value between 0 and 1"),
        ({"confidence": 1.0}, r"confidence is 1.0; choose a finite value in \[0, 1\)"),
        ({"confidence": 95}, "confidence is 95; choose"),
        ({"confidence": float("nan")}, "confidence is nan; choose"),
        ({"base": "zeros"}, "base is 'zeros'; choose one of 'data mean', 'visible biases'"),
        ({"schedule": "cosine"}, "schedule is 'cosine'; choose one of 'linear', 'sigmoid'"),
        ({"precision": "float16"}, "precision is 'float16'; choose one of 'float64', 'float32'"),
    ],
)
def test_impossible_settings_of_annealing_are_refused(kind, settings, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        kind(**settings)


@pytest.mark.parametrize("kind", TEMPERING)
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_chains": 2}, "n_chains is 2; it must be at least 3"),
        ({"n_betas": 2}, "n_betas is 2; it must be at least 3"),
        ({"n_rounds": 1}, "n_rounds is 1; it must be at least 2"),
        ({"n_burn_in": -1}, "n_burn_in is -1; it must be at least 0"),
        ({"confidence": 0.0}, "confidence is 0.0; choose"),
        ({"confidence": 1.0}, "confidence is 1.0; choose"),
        ({"base": "mean"}, "base is 'mean'; choose one of"),
    ],
)
def test_impossible_settings_of_tempering_are_refused(kind, settings, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        kind(**settings)


def test_a_negative_burn_in_of_reverse_annealing_is_refused() -> None:
    with pytest.raises(InputError, match="n_burn_in is -1; it must be at least 0"):
        ReverseAnnealedImportanceSampling(n_burn_in=-1)


@pytest.mark.parametrize("base", ["data mean", "uniform", "visible biases"])
@pytest.mark.parametrize(
    ("v_data", "message"),
    [
        ([[0, 1, 1]], "v_data has 3 columns; the model has 4 such units"),
        ([[0, 1, 1, 2]], r"v_data\[0, 3\] is 2; units must be in \[0, 1\]"),
        ([[0, 1, 1, float("nan")]], r"v_data\[0, 3\] is nan; every value must be finite"),
        (np.zeros((0, 4)), "v_data is empty"),
    ],
)
def test_data_that_do_not_fit_are_refused(v_data: object, message: str, base: str) -> None:
    for method in METHODS[:5]:
        other = replace(method, base=base)  # type: ignore[type-var]
        with pytest.raises(InputError, match=message):
            estimate_log_z(np.random.default_rng(0), model(), other, v_data)  # type: ignore[arg-type]


def test_arguments_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(InputError, match=r"rng is 0; pass a generator"):
        estimate_log_z(0, model(), AnnealedImportanceSampling())  # type: ignore[arg-type]
    for method in ("ais", AnnealedImportanceSampling, None):
        with pytest.raises(InputError, match=r"pass an object: AnnealedImportanceSampling\(\)"):
            estimate_log_z(np.random.default_rng(0), model(), method)  # type: ignore[arg-type]


def test_the_betas_of_a_fixed_schedule_can_be_read_and_an_adaptive_one_says_why_not() -> None:
    betas = AnnealedImportanceSampling(n_betas=5, schedule="sigmoid").betas
    assert len(betas) == 5
    with pytest.raises(InputError) as refused:
        _ = AnnealedImportanceSampling(schedule="adaptive").betas
    assert "choose one of 'linear'." not in str(refused.value)  # 'adaptive' is a schedule too


@pytest.mark.parametrize("method", METHODS[:7], ids=name_of)
def test_nothing_overflows_at_weights_of_two_hundred(method: LogZMethod) -> None:
    rbm = model(200.0)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        found = estimate(method, rbm=rbm)
    assert math.isfinite(found.log_z)
    off = abs(found.log_z - oracle.log_z(rbm.W, rbm.b, rbm.c))
    assert off < 400 or (found.low == -math.inf and found.high == math.inf)  # TAP promises nothing
    assert not math.isnan(found.low)
    assert not math.isnan(found.high)


def test_the_public_names_are_those_of_the_package() -> None:
    for method in METHODS:
        assert getattr(rbmviz, type(method).__name__) is type(method)
