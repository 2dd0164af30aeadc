"""Print the cost of judging samplers: the exact operator, repeats, and many seeds at once.

    OMP_NUM_THREADS=1 .venv/bin/python -m tests.benchmarks.samplers

CPU time, one thread; peers are measured in the same run, in turn.
"""

from tests.benchmarks.core_speed import cpu_seconds  # first: it sets the number of threads

# isort: split

from dataclasses import replace

import numpy as np

import rbmviz
from rbmviz import RBM, TrainingSettings
from rbmviz.core.negative_phase import NegativePhase

METHODS: dict[str, NegativePhase] = {
    "CD-1": rbmviz.ContrastiveDivergence(),
    "PCD-1, 32 chains": rbmviz.PersistentContrastiveDivergence(n_chains=32),
    "FPCD-1, 32 chains": rbmviz.FastPersistentContrastiveDivergence(n_chains=32),
    "PT-1, 8 ladders of 5": rbmviz.ParallelTempering(n_chains=8, n_temperatures=5),
    "TAP, 32 starts": rbmviz.MeanField(n_chains=32),
}


def operator() -> None:
    """The operator, CD-k for all k to 20 and the spectrum, and how far the stationary is off."""
    print("exact operator      CD-1..20 and spectrum   mixing time   noise of CD-k   |p T - p|")
    rng = np.random.default_rng(0)
    for n_visible, n_hidden in ((12, 8), (16, 8), (8, 16), (10, 10)):
        rbm = RBM(
            rng.normal(0, 0.5, (n_visible, n_hidden)),
            rng.normal(0, 0.5, n_visible),
            rng.normal(0, 0.5, n_hidden),
        )
        v = (rng.random((32, n_visible)) < 0.5).astype(float)

        def everything(rbm: RBM = rbm, v: np.ndarray = v) -> rbmviz.GibbsOperator:
            found = rbmviz.gibbs_operator(rbm)
            found.expected_contrastive_divergence(v, 20)
            _ = found.eigenvalues
            return found

        whole = cpu_seconds(everything, 5)
        found = everything()
        mixing = cpu_seconds(found.mixing_time, 1)
        noise = cpu_seconds(lambda: found.contrastive_divergence_deviation(v, 20), 1)  # noqa: B023
        off = np.abs(found.stationary @ found.transition - found.stationary).max()
        print(
            f"  {n_visible} x {n_hidden:<14} {whole:14.3f} s {mixing:17.3f} s {noise:13.3f} s"
            f"   {off:8.1e}"
        )


def repeats() -> None:
    """Two hundred repeats at once against one after another."""
    print("200 estimates of a 16 x 8 model   at once   one by one   ratio")
    rng = np.random.default_rng(0)
    rbm = RBM.random(rng, 16, 8, scale=0.5)
    v = (rng.random((32, 16)) < 0.5).astype(float)
    exact, _ = rbmviz.exact_negative_phase(rbm)
    for name, method in METHODS.items():

        def at_once(method: NegativePhase = method) -> None:
            rbmviz.measure_bias_and_noise(
                rng, rbm, method, v, n_repeats=200, n_warm_up=20, exact=exact
            )

        def singly(method: NegativePhase = method) -> None:
            for _ in range(200):
                chains = method.init(rng, rbm, v)
                for _ in range(21):
                    chains, estimate = method.step(rng, chains, rbm, v)
                _ = estimate.statistics

        together, alone = cpu_seconds(at_once, 3), cpu_seconds(singly, 1)
        print(f"  {name:<28} {together:10.3f} s {alone:10.3f} s {alone / together:7.1f}x")


def many_seeds() -> None:
    """Updates a second of 30 runs together against 30 runs one after another."""
    print("30 seeds of 16 x 8, batch 32       together   one by one   ratio")
    rng = np.random.default_rng(0)
    for rows, v in (
        ("320 rows", (rng.random((320, 16)) < 0.4).astype(float)),
        ("32 rows", rbmviz.load_dataset("bars-and-stripes 4x4").v),
    ):
        for name, method in METHODS.items():
            settings = TrainingSettings(8, method, batch_size=32)
            states = [rbmviz.start(replace(settings, seed=seed), v) for seed in range(30)]
            together, singly = [], []
            for _ in range(5):
                together.append(cpu_seconds(lambda: rbmviz.train_many(states, 500), 1))  # noqa: B023
                singly.append(
                    cpu_seconds(lambda: [rbmviz.train(state, 500) for state in states], 1)  # noqa: B023
                )
            a, b = (30 * 500 / float(np.median(t)) for t in (together, singly))
            print(f"  {name:<20} {rows:>9} {a:12.0f} {b:12.0f} {a / b:8.2f}x")


if __name__ == "__main__":
    operator()
    repeats()
    many_seeds()
