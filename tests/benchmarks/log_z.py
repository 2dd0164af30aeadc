"""Print how close and how dear every estimator of log Z is, beside the package rbms, in one run.

    OMP_NUM_THREADS=1 .venv/bin/python -m tests.benchmarks.log_z [model.npz]

Root mean square error over 20 seeds and CPU time of one estimate, one thread, on models whose log Z
is known exactly; default settings, 100 chains and 1,000 temperatures where a method has them. rbms
is installed as tests/benchmarks/requirements.txt says, and left out when it is missing.

The last lines time the published 14,500 temperatures on 784 x 500 units: a random model, or the
one in model.npz with arrays W, b and c, their names alike but for a prefix.
"""

from tests.benchmarks.core_speed import cpu_seconds  # first: it sets the number of threads

# isort: split

import importlib
import math
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

import rbmviz
from rbmviz import RBM
from rbmviz.core.log_z import LogZMethod

N_SEEDS = 20
N_CHAINS, N_BETAS = 100, 1000
PREFIX = "cd25_"  # of the arrays in model.npz, where they have one

METHODS: dict[str, LogZMethod] = {
    "annealed importance sampling": rbmviz.AnnealedImportanceSampling(N_CHAINS, N_BETAS),
    "the same, adaptive betas": rbmviz.AnnealedImportanceSampling(
        N_CHAINS, N_BETAS, schedule="adaptive"
    ),
    "the same, one sweep a beta": rbmviz.AnnealedImportanceSampling(N_CHAINS, N_BETAS, n_sweeps=1),
    "reverse": rbmviz.ReverseAnnealedImportanceSampling(N_CHAINS, N_BETAS),
    "sandwich": rbmviz.Sandwich(N_CHAINS, N_BETAS),
    "bridge sampling": rbmviz.BridgeSampling(),
    "thermodynamic integration": rbmviz.ThermodynamicIntegration(),
    "mean-field bound": rbmviz.MeanFieldLogZ(order=1),
    "TAP": rbmviz.MeanFieldLogZ(order=2),
    "exact": rbmviz.ExactLogZ(),
}
# What annealed importance sampling has to reach: RMSE in nats, and CPU seconds of one estimate
TARGETS = {
    "Gaussian 16 x 16": 0.010,
    "Gaussian 20 x 20": 0.012,
    "bars and stripes 16 x 16": 0.030,
    "digits 64 x 16": 0.025,
}
TARGET_SECONDS, TARGET_SECONDS_LARGE = 0.25, 60.0

Estimate = Callable[[int], float]  # log Z of a seed


def gaussian(n: int) -> tuple[RBM, None]:
    """Weights and biases of standard deviation 0.5."""
    rng = np.random.default_rng(n)
    W = rng.normal(0, 0.5, (n, n))
    return RBM(W, rng.normal(0, 0.5, n), rng.normal(0, 0.5, n)), None


def trained(name: str, learning_rate: float) -> tuple[RBM, np.ndarray]:
    """16 hidden units after 5,000 updates of PCD-1 with 100 chains."""
    v = rbmviz.load_dataset(name).v
    settings = rbmviz.TrainingSettings(
        16, rbmviz.PersistentContrastiveDivergence(100), learning_rate=learning_rate
    )
    return rbmviz.train(rbmviz.start(settings, v), 5000).rbm, v


def models() -> dict[str, tuple[RBM, np.ndarray | None]]:
    """The models of the table."""
    found = (
        gaussian(16),
        gaussian(20),
        trained("bars-and-stripes 4x4", 0.1),
        trained("digits", 0.05),
    )
    return dict(zip(TARGETS, found, strict=True))


def ours(method: LogZMethod, rbm: RBM, v: np.ndarray | None) -> Estimate:
    """The public call."""
    return lambda seed: rbmviz.estimate_log_z(np.random.default_rng(seed), rbm, method, v).log_z


def rbms_estimate() -> Callable[[RBM], Estimate] | None:
    """The AIS of rbms in float64, or None with a line that says how to get it."""
    try:
        ais = importlib.import_module("rbms.partition_function.ais")
        classes = importlib.import_module("rbms.bernoulli_bernoulli.classes")
        torch = importlib.import_module("torch")
    except ImportError as error:
        command = ".venv/bin/python -m pip install -r tests/benchmarks/requirements.txt"
        print(f"rbms is left out ({error}); to install it: {command}")
        return None
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)

    def prepare(rbm: RBM) -> Estimate:
        params = classes.BBRBM(*(torch.tensor(x) for x in (rbm.W, rbm.b, rbm.c)))

        def estimate(seed: int) -> float:
            torch.manual_seed(seed)
            with torch.no_grad():
                return float(ais.compute_partition_function_ais(N_CHAINS, N_BETAS, params))

        return estimate

    return prepare


def measure(estimate: Estimate, truth: float) -> tuple[float, float]:
    """Root mean square error over the seeds, and the median CPU seconds of one estimate."""
    estimate(N_SEEDS)  # a warm-up
    errors, seconds = [], []
    for seed in range(N_SEEDS):
        begun = time.process_time()
        errors.append(estimate(seed) - truth)
        seconds.append(time.process_time() - begun)
    return math.sqrt(float(np.mean(np.square(errors)))), float(np.median(seconds))


def table() -> None:
    """Print a Markdown table: a row for each method, a column for each model."""
    prepare_rbms = rbms_estimate()
    packages = f"rbmviz {rbmviz.__version__} | numpy {version('numpy')}"
    print(packages + (f" | rbms {version('rbms')}" if prepare_rbms else ""))
    columns = models()
    truths = {name: rbmviz.exact_log_z(rbm) for name, (rbm, _) in columns.items()}
    print()
    print("| RMSE in nats, CPU s of one estimate |", " | ".join(columns), "|")
    print("| --- |" + " ---: |" * len(columns))
    for label, method in METHODS.items():
        row = {
            name: measure(ours(method, rbm, v), truths[name]) for name, (rbm, v) in columns.items()
        }
        print_row(label, row)
        if label == "annealed importance sampling":
            verdicts = row
    if prepare_rbms:
        row = {name: measure(prepare_rbms(rbm), truths[name]) for name, (rbm, _) in columns.items()}
        print_row("rbms, annealed importance sampling", row)
    print()
    for name, (error, seconds) in verdicts.items():
        met = error <= TARGETS[name] and seconds <= TARGET_SECONDS
        print(
            f"{name}: {'met' if met else 'MISSED'}, RMSE {error:.4f} ± "
            f"{error / math.sqrt(2 * N_SEEDS):.4f} (target {TARGETS[name]:.3f}), "
            f"{seconds:.3f} CPU s (target {TARGET_SECONDS})"
        )


def print_row(label: str, row: dict[str, tuple[float, float]]) -> None:
    """Print a line of the table."""
    cells = (f"{error:.4f}, {seconds:.3f} s" for error, seconds in row.values())
    print(f"| {label} |", " | ".join(cells), "|", flush=True)


def large_model(path: str | None) -> RBM:
    """The model of 784 x 500 units in the file, or a random one."""
    if path is None:
        rng = np.random.default_rng(0)
        return RBM(rng.normal(0, 0.05, (784, 500)), rng.normal(-1, 1, 784), rng.normal(-1, 1, 500))
    with np.load(path) as arrays:
        prefix = "" if "W" in arrays else PREFIX
        return RBM(*(arrays[prefix + name] for name in ("W", "b", "c")))


def large(path: str | None) -> None:
    """Time 100 chains through the published temperatures."""
    rbm = large_model(path)
    print()
    for precision in ("float32", "float64"):
        method = rbmviz.AnnealedImportanceSampling(
            N_CHAINS, 14_500, n_sweeps=1, schedule="salakhutdinov-murray", precision=precision
        )
        found: list[rbmviz.LogZEstimate] = []

        def run(method: LogZMethod = method, found: list = found) -> None:
            rng = np.random.default_rng(0)
            found.append(rbmviz.estimate_log_z(rng, rbm, method))

        seconds = cpu_seconds(run, 1)
        met = "met" if seconds <= TARGET_SECONDS_LARGE else "MISSED"
        print(
            f"{rbm.n_visible} x {rbm.n_hidden}, {method}, {precision}: {seconds:.1f} CPU s ({met}, "
            f"target {TARGET_SECONDS_LARGE:.0f}), log Z {found[0].log_z:.3f} in "
            f"[{found[0].low:.3f}, {found[0].high:.3f}], "
            f"{found[0].effective_sample_size:.0f} effective chains",
            flush=True,
        )


def main() -> None:
    """Print the table, then the large model."""
    table()
    large(sys.argv[1] if len(sys.argv) > 1 else None)


if __name__ == "__main__":
    main()
