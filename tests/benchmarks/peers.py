"""Print updates a second of this and other RBM packages, one thread, CPU time, in one run.

    OMP_NUM_THREADS=1 .venv/bin/python -m tests.benchmarks.peers

The peers are installed as tests/benchmarks/requirements.txt says; those missing are left out.
All make the same updates: batches of 32 of the same 3200 rows, one Gibbs step, 32 chains when they
persist, the plain gradient, no momentum, no decay. They are timed in turn, after a warm-up; a time
is the median of the repeats. On a shared machine the ratios are what counts.

All compute in float64, the only kind rbmviz and qucumber have. scikit-learn and rbms, the latter by
default, can also do float32, which at 784 x 500 makes them about twice as fast.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import importlib  # noqa: E402
from collections.abc import Callable  # noqa: E402
from functools import partial  # noqa: E402
from importlib.metadata import version  # noqa: E402

import numpy as np  # noqa: E402
from sklearn.neural_network import BernoulliRBM  # noqa: E402

import rbmviz  # noqa: E402
from tests.benchmarks.core_speed import cpu_seconds  # noqa: E402

N_ROWS, BATCH_SIZE, N_CHAINS, LEARNING_RATE = 3200, 32, 32, 0.01
UPDATES_AN_EPOCH = N_ROWS // BATCH_SIZE
SIZES = ((16, 16, 8000), (64, 64, 4000), (784, 500, 200))  # n_visible, n_hidden, updates a repeat
REPEATS = 7

CD, PCD = "CD-1", "PCD-1, 32 chains"

Run = Callable[[], object]
Prepare = Callable[[np.ndarray, int, int], Run]  # of the rows, n_hidden and n_updates

INSTALL = ".venv/bin/python -m pip install"
MODULES = {  # what must import, and how to get it
    "rbms": ("rbms.training.pcd", f"{INSTALL} -r tests/benchmarks/requirements.txt"),
    "qucumber": (
        "qucumber.nn_states",
        f"{INSTALL} -r tests/benchmarks/requirements.txt && {INSTALL} --no-deps qucumber==1.3.3",
    ),
}


def prepare_rbmviz(
    method: rbmviz.NegativePhase, v: np.ndarray, n_hidden: int, n_updates: int
) -> Run:
    """The public training call, which shuffles the rows in every epoch."""
    settings = rbmviz.TrainingSettings(
        n_hidden, method, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE
    )
    state = rbmviz.start(settings, v)
    return lambda: rbmviz.train(state, n_updates)


def prepare_scikit_learn(v: np.ndarray, n_hidden: int, n_updates: int) -> Run:
    """BernoulliRBM.fit: its loop does nothing beside the updates, and never shuffles."""
    peer = BernoulliRBM(
        n_hidden,
        learning_rate=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        n_iter=n_updates // UPDATES_AN_EPOCH,
    )
    return lambda: peer.fit(v)


def prepare_rbms(persistent: bool, v: np.ndarray, n_hidden: int, n_updates: int) -> Run:
    """The body of the loop in rbms.training.pcd.train, for "pcd" or "cd".

    Left out: the HDF5 file, which that loop opens and rewrites in every update, checkpoints, log
    and progress bar. Kept: the gradient's normalization, which has no switch. Switched off:
    centering, its default, because no other peer does it.
    """
    import torch
    from rbms.bernoulli_bernoulli.classes import BBRBM
    from rbms.dataset.dataset_class import RBMDataset
    from rbms.training.pcd import fit_batch_pcd

    dtype = torch.float64
    zeros, names = np.zeros(len(v)), np.arange(len(v))
    dataset = RBMDataset(v, zeros, zeros + 1.0, names, "rows", True, device="cpu", dtype=dtype)
    params = BBRBM.init_parameters(n_hidden, dataset, torch.device("cpu"), dtype)
    params.init_grad()
    optimizer = torch.optim.SGD(params.parameters(), lr=LEARNING_RATE, maximize=True)
    first_chains = params.init_chains(num_samples=N_CHAINS)

    def run() -> None:
        chains = first_chains
        with torch.no_grad():
            for _ in range(n_updates):
                rows = torch.randperm(len(dataset))[:BATCH_SIZE]
                batch = (dataset.data[rows], dataset.weights[rows])
                if not persistent:
                    chains = params.init_chains(BATCH_SIZE, weights=batch[1], start_v=batch[0])
                optimizer.zero_grad(set_to_none=False)
                chains, _ = fit_batch_pcd(
                    batch, chains, params, gibbs_steps=1, beta=1.0, centered=False
                )
                optimizer.step()

    return run


def prepare_qucumber(v: np.ndarray, n_hidden: int, n_updates: int) -> Run:
    """PositiveWaveFunction.fit without callbacks or progress bar: shuffle, CD-1, SGD of torch."""
    import torch
    from qucumber.nn_states import PositiveWaveFunction

    peer = PositiveWaveFunction(v.shape[1], n_hidden, gpu=False)
    data = torch.from_numpy(v)  # float64, the only kind it has
    epochs = n_updates // UPDATES_AN_EPOCH
    return lambda: peer.fit(data, epochs=epochs, pos_batch_size=BATCH_SIZE, k=1, lr=LEARNING_RATE)


CONTENDERS: dict[str, dict[str, Prepare]] = {
    CD: {
        "rbmviz": partial(prepare_rbmviz, rbmviz.ContrastiveDivergence()),
        "rbms": partial(prepare_rbms, False),
        "qucumber": prepare_qucumber,
    },
    PCD: {
        "rbmviz": partial(prepare_rbmviz, rbmviz.PersistentContrastiveDivergence(N_CHAINS)),
        "scikit-learn": prepare_scikit_learn,
        "rbms": partial(prepare_rbms, True),
    },
}


def peers_at_hand() -> list[str]:
    """The peers that import; for each other one, print how to install it."""
    found = ["scikit-learn"]
    for name, (module, command) in MODULES.items():
        try:
            importlib.import_module(module)
        except ImportError as error:
            print(f"{name} is left out ({error}); to install it: {command}")
        else:
            found.append(name)
            importlib.import_module("torch").set_num_threads(1)
    return found


def print_versions(peers: list[str]) -> None:
    """One line, of the packages that take part and of what computes beneath them."""
    names = ["numpy", "scipy", *peers]
    if len(peers) > 1:  # the others compute with torch
        names.append("torch")
    print("rbmviz", rbmviz.__version__, *(f"| {name} {version(name)}" for name in names))


def updates_a_second(
    v: np.ndarray, n_hidden: int, n_updates: int, contenders: dict[tuple[str, str], Prepare]
) -> dict[tuple[str, str], float]:
    """Time the contenders in turn, several times; the median of each."""
    for prepare in contenders.values():
        prepare(v, n_hidden, UPDATES_AN_EPOCH)()  # torch compiles on its first calls
    times: dict[tuple[str, str], list[float]] = {key: [] for key in contenders}
    for _ in range(REPEATS):
        for key, prepare in contenders.items():
            times[key].append(cpu_seconds(prepare(v, n_hidden, n_updates), 1))
    return {key: n_updates / float(np.median(seconds)) for key, seconds in times.items()}


def main() -> None:
    """Print the versions, and a Markdown table with a row for each size and method."""
    peers = peers_at_hand()
    print_versions(peers)
    contenders = {
        (method, name): prepare
        for method, row in CONTENDERS.items()
        for name, prepare in row.items()
        if name in ("rbmviz", *peers)
    }
    print()
    print("| updates a second (rbmviz / peer) | rbmviz |", " | ".join(peers), "|")
    print("| --- |" + " ---: |" * (len(peers) + 1))
    rng = np.random.default_rng(0)
    for n_visible, n_hidden, n_updates in SIZES:
        v = (rng.random((N_ROWS, n_visible)) < 0.3).astype(float)
        speeds = updates_a_second(v, n_hidden, n_updates, contenders)
        for method in CONTENDERS:
            own = speeds[method, "rbmviz"]
            cells = [f"{n_visible} x {n_hidden}, {method}", f"{own:,.0f}"]
            for name in peers:
                speed = speeds.get((method, name))
                cells.append("" if speed is None else f"{speed:,.0f} ({own / speed:.2f}x)")
            print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
