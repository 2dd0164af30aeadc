"""Small Boltzmann machines of every structure, for tests."""

import numpy as np

from rbmviz import BoltzmannMachine, Structure

STRUCTURES = {
    "fully visible": Structure.fully_visible(5),
    "restricted": Structure.restricted(4, 3),
    "restricted, long h": Structure.restricted(2, 5),
    "semi-restricted": Structure.semi_restricted(3, 4, 3),
    "general": Structure.general(4, 3),
    "deep": Structure.deep(3, 2, 2),
    "one unit": Structure.fully_visible(1),
}


def random_machine(name: str, scale: float = 0.8, seed: int = 0) -> BoltzmannMachine:
    """Draw all couplings that exist, and all biases."""
    return drawn(STRUCTURES[name], scale, seed)


def drawn(structure: Structure, scale: float, seed: int) -> BoltzmannMachine:
    rng = np.random.default_rng(seed)
    R, W, S = (
        np.where(mask, rng.normal(0, scale, mask.shape), 0.0)
        for mask in (structure.R, structure.W, structure.S)
    )
    b, c = rng.normal(0, scale, structure.n_visible), rng.normal(0, scale, structure.n_hidden)
    return BoltzmannMachine(R, W, S, b, c, structure)


def random_rows(machine: BoltzmannMachine, n: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (n, machine.n_visible)).astype(float)
