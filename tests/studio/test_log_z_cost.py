"""Error against cost and the price of exactness: the arithmetic, not the clock."""

import math

import numpy as np
import pytest

from rbmviz.run.presets import hidden_valley, ising_torus_case, large_random, load_preset
from rbmviz.studio import log_z_cost
from rbmviz.studio.log_z_cost import (
    MEASURED_UNITS,
    N_REPEATS,
    continued,
    duration,
    measure_error_against_cost,
    measured_exactness,
    rungs,
)
from rbmviz.studio.log_z_methods import ANNEALING, KINDS, LogZSettings
from rbmviz.studio.log_z_study import LogZStudy, Truth


def test_every_method_has_sizes_and_large_models_few():
    small = rungs(LogZStudy(load_preset("Trained half-way")))
    assert {rung.kind for rung in small} == set(KINDS) - {"exact"}
    large = rungs(LogZStudy(large_random()))
    for kind in ANNEALING:
        sizes = [sum(rung.kind == kind for rung in some) for some in (large, small)]
        assert 1 <= sizes[0] < sizes[1]


def test_the_errors_are_those_of_the_estimates(monkeypatch):
    monkeypatch.setattr(log_z_cost, "_BETAS", (10, 30))
    monkeypatch.setattr(log_z_cost, "_ROUNDS", (10,))
    study = LogZStudy(ising_torus_case(3, 0.2))
    shares = []
    points = measure_error_against_cost(study, study.truth, shares.append)
    assert [(p.kind, p.size) for p in points] == [(r.kind, r.size) for r in rungs(study)]
    rng, errors = np.random.default_rng([1, 77]), []
    for _ in range(N_REPEATS):  # AIS at 30 betas
        found = rungs(study)[1].method.estimate(rng, study.case.rbm)
        errors.append(found.log_z - study.truth.log_z)
    assert points[1].error == pytest.approx(math.sqrt(np.mean(np.square(errors))))
    assert all(point.seconds >= 0 for point in points)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_a_bound_does_not_come_closer_by_work(monkeypatch):
    monkeypatch.setattr(log_z_cost, "_BETAS", (10,))
    monkeypatch.setattr(log_z_cost, "_ROUNDS", (10,))
    study = LogZStudy(hidden_valley())
    exact = study.run("exact", LogZSettings()).log_z
    points = {p.kind: p for p in measure_error_against_cost(study, Truth(exact, "exact"))}
    assert points["mean field"].error > 5


def test_measured_times_are_positive_and_kept():
    measured = measured_exactness()
    assert [n for n, _ in measured] == list(MEASURED_UNITS)
    assert all(seconds > 0 for _, seconds in measured)
    assert measured_exactness() is measured


def test_the_law_doubles_with_each_unit():
    measured = ((10, 1e-3), (18, 0.01))
    assert continued(measured, 18) == pytest.approx(-2.0)
    assert continued(measured, 36) == pytest.approx(-2 + 18 * math.log10(2) + math.log10(2))
    assert continued(measured, 4096) == pytest.approx(
        -2 + 4078 * math.log10(2) + math.log10(4096 / 18)
    )


@pytest.mark.parametrize(
    ("log10_seconds", "text"),
    [
        (-5.0, "under a millisecond"),
        (-2.0, "10 ms"),
        (1.0, "10 s"),
        (math.log10(600), "10 min"),
        (math.log10(36_000), "10 h"),
        (math.log10(864_000), "10 days"),
        (math.log10(3.2e7), "1 year"),
        (math.log10(3.156e7 * 24_123), "24,000 years"),
        (math.log10(3.156e7) + 137, "10¹³⁷ years"),
    ],
)
def test_durations_are_told_in_their_unit(log10_seconds, text):
    assert duration(log10_seconds) == text
