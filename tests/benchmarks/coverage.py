"""Print how often the 95 % intervals of log Z hold the truth, each method at its default settings.

    OMP_NUM_THREADS=1 .venv/bin/python -m tests.benchmarks.coverage [repeats]

200 independent repeats of the public call, seeds 0 to 199, on four models whose log Z is known:
about half an hour on one core. tests/core/test_log_z_coverage.py asks the same of smaller runs.
"""

from tests.benchmarks.log_z import gaussian, trained  # first: it sets the number of threads

# isort: split

import sys

import numpy as np

import rbmviz
from rbmviz import RBM
from rbmviz.core.log_z import LogZMethod

N_REPEATS = 200
TARGET = 0.93  # of nominal 95 %

METHODS: dict[str, LogZMethod] = {
    "annealed importance sampling": rbmviz.AnnealedImportanceSampling(),
    "reverse": rbmviz.ReverseAnnealedImportanceSampling(),
    "sandwich": rbmviz.Sandwich(),
    "bridge sampling": rbmviz.BridgeSampling(),
    "thermodynamic integration": rbmviz.ThermodynamicIntegration(),
}


def models() -> dict[str, tuple[RBM, np.ndarray | None, float]]:
    """The models, the data they were trained on, and the truth."""
    learnt = {
        "Gaussian 16 x 16": gaussian(16),
        "bars and stripes 16 x 16": trained("bars-and-stripes 4x4", 0.1),
        "digits 64 x 16": trained("digits", 0.05),
    }
    found = {name: (rbm, v, rbmviz.exact_log_z(rbm)) for name, (rbm, v) in learnt.items()}
    torus = rbmviz.ising_torus(8, rbmviz.CRITICAL_COUPLING)
    return found | {"critical Ising torus 64 x 128": (torus.rbm, None, torus.log_z)}


def main() -> None:
    """Print a line for each method on each model."""
    n_repeats = int(sys.argv[1]) if len(sys.argv) > 1 else N_REPEATS
    columns = models()
    print(f"{n_repeats} repeats: truth held | median width in nats | warned | CPU s an estimate")
    for label, method in METHODS.items():
        for name, (rbm, v, truth) in columns.items():
            found = [
                rbmviz.estimate_log_z(np.random.default_rng(seed), rbm, method, v)
                for seed in range(n_repeats)
            ]
            held = sum(one.low <= truth <= one.high for one in found) / n_repeats
            width = float(np.median([one.high - one.low for one in found]))
            warned = sum(one.warning is not None for one in found) / n_repeats
            seconds = float(np.median([one.cost.seconds for one in found if one.cost]))
            print(
                f"  {label:<30}{name:<30} {held:6.1%} ({'met' if held >= TARGET else 'MISSED'}) "
                f"{width:9.4f} {warned:8.0%} {seconds:8.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
