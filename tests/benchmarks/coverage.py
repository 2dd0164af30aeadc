"""Print how often the 95 % intervals of log Z hold the truth, and how often they fail silently.

    OMP_NUM_THREADS=1 .venv/bin/python -m tests.benchmarks.coverage [--repeats 200] [--only text]
        [--models models.npz] [--rows rows.npz]

Independent repeats of the public call, seeds 0, 1, 2 ..., each method at its default settings and
the tempering ones at those of the page, on models whose log Z is known: about an hour on one core
for 200 repeats. The last three models have two phases or modes, and data of one of them at most.
tests/core/test_log_z_coverage.py and test_log_z_failures.py ask the same of smaller runs.

An estimate is silently wrong when the truth lies outside of [low, high] and warning is None; one
in twenty is what 95 % allow. --only takes what has this text in the name of its model. --models
adds the RBMs of a file with arrays {name}_W, {name}_b, {name}_c and, where nobody can sum over the
states, {name}_log_z; each with and without the array v of --rows.
"""

from tests.benchmarks.log_z import gaussian, trained  # first: it sets the number of threads

# isort: split

import argparse

import numpy as np

import rbmviz
from rbmviz import RBM
from rbmviz.core.log_z import LogZMethod
from rbmviz.run.presets import load_preset
from rbmviz.studio.log_z_methods import LogZSettings, method_for

TARGET = 0.93  # of nominal 95 %

Case = tuple[RBM, np.ndarray | None, float]  # the model, data that help a method, the truth


def methods(rbm: RBM) -> dict[str, LogZMethod]:
    """The library's defaults, and what the page makes of its own where that differs."""
    page = LogZSettings()
    return {
        "annealed importance sampling": rbmviz.AnnealedImportanceSampling(),
        "reverse": rbmviz.ReverseAnnealedImportanceSampling(),
        "sandwich": rbmviz.Sandwich(),
        "bridge sampling": rbmviz.BridgeSampling(),
        "bridge sampling, page": method_for("bridge", page, rbm),
        "thermodynamic integration": rbmviz.ThermodynamicIntegration(),
        "the same, page": method_for("integration", page, rbm),
    }


def two_phases() -> RBM:
    """A smooth model whose phases exchange weight at once along the path: 60 x 8 equal weights."""
    return RBM(np.full((60, 8), 0.5), np.zeros(60), np.full(8, -0.5 * 60 * 0.75))


def cases() -> dict[str, Case]:
    """The models, the data they were trained on, and the truth."""
    gauss, (bars, bars_v) = gaussian(16)[0], trained("bars-and-stripes 4x4", 0.1)
    digits, digits_v = trained("digits", 0.05)
    torus = rbmviz.ising_torus(8, rbmviz.CRITICAL_COUPLING)
    far = load_preset("Two distant modes")
    known: dict[str, tuple[RBM, np.ndarray | None]] = {
        "Gaussian 16 x 16": (gauss, None),
        "bars and stripes 16 x 16": (bars, bars_v),
        "digits 64 x 16": (digits, digits_v),
        "two distant modes 12 x 4, data of one": (far.rbm, far.v_data),
        "two distant modes 12 x 4, no data": (far.rbm, None),
        "two phases 60 x 8": (two_phases(), None),
    }
    found = {name: (rbm, v, rbmviz.exact_log_z(rbm)) for name, (rbm, v) in known.items()}
    return found | {"critical Ising torus 64 x 128": (torus.rbm, None, torus.log_z)}


def cases_of(path: str, rows: str | None) -> dict[str, Case]:
    """The models of a file."""
    with np.load(path) as file:
        arrays = dict(file)
    v = None if rows is None else np.load(rows)["v"].astype(float)
    found: dict[str, Case] = {}
    for name in (key[:-2] for key in arrays if key.endswith("_W")):
        rbm = RBM(*(arrays[f"{name}_{part}"] for part in "Wbc"))
        known = arrays.get(f"{name}_log_z")
        truth = rbmviz.exact_log_z(rbm) if known is None else float(known)
        found[f"{name}, no data"] = (rbm, None, truth)
        if v is not None:
            found[f"{name}, with data"] = (rbm, v, truth)
    return found


def main() -> None:
    """Print a line for each method on each model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("--models")
    parser.add_argument("--rows")
    asked = parser.parse_args()
    n = asked.repeats
    columns = cases_of(asked.models, asked.rows) if asked.models else cases()
    print(f"{n} repeats: held | silently wrong | warned | median width in nats | CPU s an estimate")
    for name, (rbm, v, truth) in columns.items():
        if asked.only not in name:
            continue
        print(f"{name}: log Z = {truth:.3f}")
        for label, method in methods(rbm).items():
            found = [
                rbmviz.estimate_log_z(np.random.default_rng(seed), rbm, method, v)
                for seed in range(n)
            ]
            held = [one.low <= truth <= one.high for one in found]
            warned = [one.warning is not None for one in found]
            silent = sum(not h and not w for h, w in zip(held, warned, strict=True))
            width = float(np.median([one.high - one.low for one in found]))
            seconds = float(np.median([one.cost.seconds for one in found if one.cost]))
            verdict = "met" if (n - silent) / n >= TARGET else "MISSED"
            print(
                f"  {label:<30} {sum(held):4d} {silent:4d} {sum(warned):4d} {width:9.4f} "
                f"{seconds:7.2f}  {verdict}",
                flush=True,
            )


if __name__ == "__main__":
    main()
