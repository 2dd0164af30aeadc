"""Named quantities against plain loops over all states, from E(v, h) alone."""

import math

import machine_oracle
import numpy as np
import oracle
import pytest

from rbmviz.core.boltzmann import BoltzmannMachine, Structure, machine_mean_field
from rbmviz.core.datasets import load_dataset
from rbmviz.core.log_z import AnnealedImportanceSampling, estimate_log_z
from rbmviz.core.rbm import RBM
from rbmviz.core.training import start, train, train_step
from rbmviz.run.presets import large_random, load_preset
from rbmviz.run.settings import LabSettings
from rbmviz.studio.quantities import QUANTITIES, Subject

RNG = np.random.default_rng(5)
RBM_42 = RBM(RNG.normal(0, 1.5, (4, 2)), RNG.normal(0, 1, 4), RNG.normal(0, 1, 2))
ROWS = np.array([[1, 0, 1, 0], [1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 1]], dtype=float)
PARTS = (RBM_42.W, RBM_42.b, RBM_42.c)
K = 2
SUBJECT = Subject(RBM_42, ROWS, n_steps=K, weight=(2, 1))


def read(name: str, subject: Subject = SUBJECT) -> float:
    return QUANTITIES[name].read(subject)


def flat(phase: oracle.Phase) -> list[float]:
    vh, v, h = phase
    return [*(x for row in vh for x in row), *v, *h]


def difference(one: oracle.Phase, other: oracle.Phase) -> list[float]:
    return [a - b for a, b in zip(flat(one), flat(other), strict=True)]


def length(x: list[float]) -> float:
    return math.sqrt(math.fsum(a * a for a in x))


UPHILL = difference(oracle.positive_phase(*PARTS, ROWS), oracle.negative_phase(*PARTS))
CD = difference(oracle.positive_phase(*PARTS, ROWS), oracle.contrastive_divergence(*PARTS, ROWS, K))


def test_the_model_and_its_data():
    likelihood = oracle.mean_log_likelihood(*PARTS, ROWS)
    assert read("exact gradient norm") == pytest.approx(length(UPHILL), rel=1e-9)
    assert read("mean log-likelihood") == pytest.approx(likelihood, rel=1e-12)
    entropy = -(0.5 * math.log(0.5) + 0.5 * math.log(0.25))
    assert read("gap to the best") == pytest.approx(-entropy - likelihood, rel=1e-9)
    assert read("log Z") == pytest.approx(oracle.log_z(*PARTS), rel=1e-12)
    total = math.fsum(oracle.log_p_tilde(*PARTS, v) for v in ROWS) / 4
    assert read("mean log p~") == pytest.approx(total, rel=1e-12)
    p = dict(zip(map(tuple, oracle.states(4)), oracle.probabilities(*PARTS), strict=True))
    seen = {tuple(map(int, v)) for v in ROWS}
    assert read("probability of the data") == pytest.approx(sum(p[v] for v in seen), rel=1e-9)
    assert read("largest weight") == np.abs(RBM_42.W).max()


def test_reconstruction():
    wrong = 0.0
    for v in ROWS:
        mean_h = oracle.mean_h_given_v(*PARTS, v)
        for i in range(4):
            x = RBM_42.b[i] + math.fsum(RBM_42.W[i, j] * mean_h[j] for j in range(2))
            wrong += abs(v[i] - 1 / (1 + math.exp(-x))) / 16
    assert read("reconstruction error") == pytest.approx(wrong, rel=1e-9)


def test_the_chains():
    cosine = math.fsum(a * b for a, b in zip(CD, UPHILL, strict=True))
    cosine /= length(CD) * length(UPHILL)
    assert read("CD angle") == pytest.approx(math.degrees(math.acos(cosine)), rel=1e-6)
    signs = [a * b < 0 for a, b in zip(CD[:8], UPHILL[:8], strict=True)]
    assert read("wrong signs") == pytest.approx(sum(signs) / 8)
    assert read("number of wrong signs") == sum(signs)
    here = CD[2 * 2 + 1] * math.copysign(1, UPHILL[2 * 2 + 1])
    assert read("agreement at a weight") == pytest.approx(here, rel=1e-9)
    q = {}
    for row in ROWS:
        for weight, v, _ in oracle.gibbs_paths(*PARTS, row, K):
            q[tuple(v)] = q.get(tuple(v), 0.0) + weight / 4
    p = zip(oracle.states(4), oracle.probabilities(*PARTS), strict=True)
    missed = math.fsum(max(mass - q.get(tuple(v), 0.0), 0.0) for v, mass in p)
    assert read("missed probability") == pytest.approx(missed, rel=1e-9)


def test_a_missed_mode_is_the_one_without_data():
    case = load_preset("Two distant modes")
    off = sum(  # all states with fewer units on than off, and half of the ties
        p * (1.0 if n < 6 else 0.5 if n == 6 else 0.0)
        for n, p in zip(
            [bin(i).count("1") for i in range(2**12)],
            Subject(case.rbm, case.v_data).operator.visible_probabilities_after(
                np.vstack([np.zeros((1, 12)), np.ones((1, 12))]), 400
            ),
            strict=True,
        )
    )
    value = read("probability of a missed mode", Subject(case.rbm, case.v_data))
    assert value == pytest.approx(off, abs=0.02)
    mirrored = Subject(case.rbm, 1.0 - case.v_data)
    assert read("probability of a missed mode", mirrored) == pytest.approx(1 - value, abs=1e-9)


def test_mixing_time():
    T = np.array(oracle.gibbs_transition(*PARTS))
    p = np.array(oracle.probabilities(*PARTS))
    steps, power = 1, T
    while np.abs(power - p).sum(axis=1).max() / 2 > 0.25:
        power, steps = power @ T, steps + 1
    # the operator works on the hidden side, which may need a step more or less
    assert abs(read("mixing time") - steps) <= 1


def test_a_run():
    settings = LabSettings("bars-and-stripes 2x2", n_hidden=3, estimator="pcd", seed=3)
    state = train(start(settings.training_settings(), load_dataset(settings.dataset).v), 30)
    subject = Subject(state.rbm, state.v_data, state=state, best=-1.0)
    likelihood = oracle.mean_log_likelihood(state.rbm.W, state.rbm.b, state.rbm.c, state.v_data)
    assert read("fall since its best", subject) == pytest.approx(-1.0 - likelihood, rel=1e-9)
    assert read("updates", subject) == 30
    estimate = train_step(state).last.negative.statistics
    exact = oracle.negative_phase(state.rbm.W, state.rbm.b, state.rbm.c)
    error = length([a - b for a, b in zip(estimate.flat(), flat(exact), strict=True)])
    assert read("error of the negative phase", subject) == pytest.approx(error, rel=1e-9)


def test_counts_and_costs():
    assert read("states of the shorter layer") == 4
    assert read("terms of the positive phase") == 2
    assert read("terms if hidden units were coupled") == 4
    twice = Subject(RBM.random(RNG, 9, 4), ROWS)
    once = Subject(RBM.random(RNG, 9, 3), ROWS)
    ratio = read("enumeration cost", twice) / read("enumeration cost", once)
    assert ratio == pytest.approx(2.0)


def test_a_machine_with_joined_hidden_units():
    structure = Structure.general(3, 3)
    machine = BoltzmannMachine.random(np.random.default_rng(2), structure, 0.8)
    rows = np.array([[1.0, 0, 1], [0, 0, 1]])
    subject = Subject(RBM_42, rows, machine=machine)
    assert read("terms with v clamped", subject) == 4  # of three joined units two are summed
    assert read("terms with all free", subject) == 2**5  # and of all six, five
    gap = 0.0
    for v in rows:
        log_p = [-machine_oracle.energy(machine, v, h) for h in oracle.states(3)]
        total = math.log(math.fsum(map(math.exp, log_p)))
        mu = machine_mean_field(machine, v[None, :]).mu[0]
        q = [
            math.prod(m if on else 1 - m for m, on in zip(mu, h, strict=True))
            for h in oracle.states(3)
        ]
        gap += math.fsum(w * (math.log(w) - (e - total)) for w, e in zip(q, log_p, strict=True)) / 2
    assert read("gap of the bound", subject) == pytest.approx(gap, abs=1e-5)
    assert gap > 0.001
    with pytest.raises(ValueError, match="Which phase"):
        read("gap of the bound")


def test_annealing():
    found = estimate_log_z(np.random.default_rng(0), RBM_42, AnnealedImportanceSampling(20, 10))
    subject = Subject(RBM_42, ROWS, estimate=lambda: found)
    exact = oracle.log_z(*PARTS)
    assert read("AIS error", subject) == pytest.approx(abs(found.log_z - exact), rel=1e-6)
    assert read("AIS interval width", subject) == found.high - found.low
    inside = found.low <= exact <= found.high
    assert (read("AIS error in half-widths", subject) <= 1) == inside


def test_what_cannot_be_known_says_why():
    without_data = Subject(RBM_42, np.empty((0, 4)))
    with pytest.raises(ValueError, match="without data"):
        read("mean log-likelihood", without_data)
    assert read("log Z", without_data) == pytest.approx(oracle.log_z(*PARTS))
    large = Subject(large_random().rbm, np.zeros((1, 784)))
    for name in ("exact gradient norm", "CD angle", "log Z"):
        with pytest.raises(ValueError, match="Choose a smaller model"):
            read(name, large)
    with pytest.raises(ValueError, match=r"method \*AIS"):
        read("AIS error")
    with pytest.raises(ValueError, match="Only a run"):
        read("updates")
    with pytest.raises(ValueError, match=r"W\[4, 0\] is not in this model"):
        read("agreement at a weight", Subject(RBM_42, ROWS, weight=(4, 0)))


def test_every_quantity_says_what_it_is():
    for quantity in QUANTITIES.values():
        assert len(quantity.meaning) > 20
        assert quantity.meaning.endswith((".", ")"))
    assert QUANTITIES["wrong signs"].told(0.25) == "25 %"
    assert QUANTITIES["mean log-likelihood"].told(-2.5) == "−2.500 nats"
