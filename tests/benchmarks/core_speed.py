"""Print the speed of the core against peers measured in the same run, one thread, CPU time.

    OMP_NUM_THREADS=1 .venv/bin/python -m tests.benchmarks.core_speed

Times are the best of a few repeats; on a shared machine the ratios are what counts.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import resource  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

import numpy as np  # noqa: E402
from sklearn.neural_network import BernoulliRBM  # noqa: E402

import rbmviz  # noqa: E402
from rbmviz import RBM, TrainingSettings  # noqa: E402


def cpu_seconds(run: Callable[[], object], repeats: int) -> float:
    """The smallest CPU time of some repeats."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return min(times)


def plain_log_z(rbm: RBM) -> float:
    """Log-sum-exp over all visible states at once, in float64 numpy: the peer."""
    v = ((np.arange(2**rbm.n_visible)[:, None] >> np.arange(rbm.n_visible)) & 1).astype(float)
    return float(np.logaddexp.reduce(v @ rbm.b + np.logaddexp(0, v @ rbm.W + rbm.c).sum(axis=1)))


def plain_phase(rbm: RBM) -> tuple[np.ndarray, float]:
    """The same for E[v h^T], with a sigmoid for every state and unit."""
    v = ((np.arange(2**rbm.n_visible)[:, None] >> np.arange(rbm.n_visible)) & 1).astype(float)
    x = v @ rbm.W + rbm.c
    log_p = v @ rbm.b + np.logaddexp(0, x).sum(axis=1)
    log_z = np.logaddexp.reduce(log_p)
    p = np.exp(log_p - log_z)
    return (p[:, None] * v).T @ np.exp(-np.logaddexp(0, -x)), float(log_z)


def enumeration() -> None:
    """Exact log Z and phase against plain numpy."""
    rng = np.random.default_rng(0)
    print("exact enumeration        log Z      phase    peer log Z  peer phase   ratios      error")
    for n in (12, 16, 20, 24):
        rbm = RBM(rng.normal(0, 0.5, (n, n)), rng.normal(0, 0.5, n), rng.normal(0, 0.5, n))
        log_z = cpu_seconds(lambda: rbmviz.exact_log_z(rbm), 5)  # noqa: B023
        phase = cpu_seconds(lambda: rbmviz.exact_negative_phase(rbm), 5)  # noqa: B023
        line = f"  {n} x {n}            {1e3 * log_z:8.2f} ms {1e3 * phase:8.2f} ms"
        if n <= 20:
            peer_log_z = cpu_seconds(lambda: plain_log_z(rbm), 2)  # noqa: B023
            peer_phase = cpu_seconds(lambda: plain_phase(rbm), 2)  # noqa: B023
            error = abs(plain_log_z(rbm) - rbmviz.exact_log_z(rbm))
            line += f"  {1e3 * peer_log_z:8.1f} ms {1e3 * peer_phase:8.1f} ms"
            line += f"  {peer_log_z / log_z:4.0f}x {peer_phase / phase:4.0f}x  {error:.1e}"
        print(line)
    print(f"  peak memory so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB "
          "(with the peers)")  # fmt: skip


def training() -> None:
    """Updates a second at batch 32 against scikit-learn, in turn."""
    rng = np.random.default_rng(0)
    print("updates a second, batch 32   scikit-learn    CD-1   PCD-1 (32 chains)   ratios")
    for n_visible, n_hidden, n_updates in ((16, 16, 8000), (64, 64, 4000), (784, 500, 200)):
        v = (rng.random((3200, n_visible)) < 0.3).astype(float)
        epochs = n_updates // 100
        peer_times, cd_times, pcd_times = [], [], []
        for _ in range(5):
            peer = BernoulliRBM(n_hidden, learning_rate=0.01, batch_size=32, n_iter=epochs)
            peer_times.append(cpu_seconds(lambda: peer.fit(v), 1))  # noqa: B023
            for times, method in (
                (cd_times, rbmviz.ContrastiveDivergence()),
                (pcd_times, rbmviz.PersistentContrastiveDivergence(n_chains=32)),
            ):
                settings = TrainingSettings(n_hidden, method, learning_rate=0.01, batch_size=32)
                state = rbmviz.start(settings, v)
                times.append(cpu_seconds(lambda: rbmviz.train(state, n_updates), 1))  # noqa: B023
        a, b, c = (n_updates / float(np.median(t)) for t in (peer_times, cd_times, pcd_times))
        print(
            f"  {n_visible} x {n_hidden:<20}  {a:10.0f} {b:10.0f} {c:10.0f}"
            f"   {b / a:15.2f}x {c / a:.2f}x"
        )


def annealed_importance_sampling() -> None:
    """Error and CPU time of 100 chains x 1000 temperatures over 20 seeds."""
    print("AIS, 100 chains x 1000 temperatures     RMSE    coverage    CPU s")
    v = rbmviz.load_dataset("bars-and-stripes 4x4").v
    trained = TrainingSettings(16, rbmviz.PersistentContrastiveDivergence(), batch_size=32, seed=1)
    method = rbmviz.AnnealedImportanceSampling(n_chains=100, n_betas=1000)
    for n_updates in (1000, 5000, 20000):
        rbm = rbmviz.train(rbmviz.start(trained, v), n_updates).rbm
        truth = rbmviz.exact_log_z(rbm)
        found = [
            rbmviz.estimate_log_z(np.random.default_rng(seed), rbm, method, v) for seed in range(20)
        ]
        seconds = cpu_seconds(
            lambda: rbmviz.estimate_log_z(np.random.default_rng(0), rbm, method, v),  # noqa: B023
            3,
        )
        rmse = np.sqrt(np.mean([(e.log_z - truth) ** 2 for e in found]))
        covered = np.mean([e.low <= truth <= e.high for e in found])
        print(
            f"  bars-and-stripes 4x4, {n_updates:5d} updates"
            f" {rmse:10.4f} {covered:10.2f} {seconds:10.3f}"
        )


if __name__ == "__main__":
    enumeration()
    training()
    annealed_importance_sampling()
