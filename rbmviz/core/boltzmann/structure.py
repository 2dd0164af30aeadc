"""Which couplings exist: the members of the family are masks over R, W and S.

Textbook: *Deep Learning* sections 20.1 (Boltzmann machines), 20.2 (restricted), 20.4 (deep). The
cost of a phase follows from the mask alone: see graph.py and exact.py. Nothing here is random.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.boltzmann.graph import BoolArray, colour_blocks, cut_set
from rbmviz.core.errors import InputError, check_count


@lru_cache(maxsize=256)
def strictly_upper(n: int) -> BoolArray:
    """Mark every pair of n units once: row above column; read-only."""
    mask = np.triu(np.ones((n, n), dtype=bool), k=1)
    mask.setflags(write=False)
    return mask


@dataclass(frozen=True, eq=False)
class Structure:
    """Say which couplings a Boltzmann machine has.

    R: (n_visible, n_visible) and S: (n_hidden, n_hidden), strictly upper triangular, for each pair
    is counted once; W: (n_visible, n_hidden).

    Raises:
        InputError: masks that do not fit, or a mark on or below the diagonal of R or S.

    >>> Structure.restricted(3, 2).free_cut  # the hidden units: the shorter layer
    [3, 4]
    """

    R: BoolArray
    W: BoolArray
    S: BoolArray

    def __post_init__(self) -> None:
        n_visible, n_hidden = self.W.shape
        for name, mask, n in (("R", self.R, n_visible), ("S", self.S, n_hidden)):
            if mask.shape != (n, n) or (mask & ~strictly_upper(n)).any():
                raise InputError(
                    f"{name} has shape {mask.shape}; W needs a strictly upper triangular "
                    f"{(n, n)}, so that each pair is counted once. Pass np.triu(mask, k=1)."
                )
        for mask in (self.R, self.W, self.S):
            mask.setflags(write=False)

    @classmethod
    def fully_visible(cls, n_visible: int) -> Self:
        """Couple all visible units; there are no hidden ones."""
        n = check_count("n_visible", n_visible)
        return cls(strictly_upper(n), np.zeros((n, 0), bool), np.zeros((0, 0), bool))

    @classmethod
    def restricted(cls, n_visible: int, n_hidden: int) -> Self:
        """Couple each visible with each hidden unit: a restricted Boltzmann machine."""
        return cls.semi_restricted(n_visible, n_hidden, 0)

    @classmethod
    def semi_restricted(cls, n_visible: int, n_hidden: int, n_coupled: int) -> Self:
        """Couple the layers, and the first n_coupled hidden units with each other."""
        n, m = check_count("n_visible", n_visible), check_count("n_hidden", n_hidden)
        S = np.zeros((m, m), bool)
        k = check_count("n_coupled", n_coupled, 0, m)
        S[:k, :k] = strictly_upper(k)
        return cls(np.zeros((n, n), bool), np.ones((n, m), bool), S)

    @classmethod
    def general(cls, n_visible: int, n_hidden: int) -> Self:
        """Couple every unit with every other one."""
        n, m = check_count("n_visible", n_visible), check_count("n_hidden", n_hidden)
        return cls(strictly_upper(n), np.ones((n, m), bool), strictly_upper(m))

    @classmethod
    def deep(cls, n_visible: int, n_first: int, n_second: int) -> Self:
        """Couple v with h1 and h1 with h2, nothing else: a deep Boltzmann machine of two layers."""
        n, m = check_count("n_visible", n_visible), check_count("n_first", n_first)
        k = m + check_count("n_second", n_second)
        W, S = np.zeros((n, k), bool), np.zeros((k, k), bool)
        W[:, :m] = True
        S[:m, m:] = True
        return cls(np.zeros((n, n), bool), W, S)

    @property
    def n_visible(self) -> int:
        """Number of visible units."""
        return int(self.W.shape[0])

    @property
    def n_hidden(self) -> int:
        """Number of hidden units, of all layers."""
        return int(self.W.shape[1])

    @cached_property
    def adjacency(self) -> BoolArray:
        """The couplings among all units, the visible ones first: (n, n), symmetric."""
        n = self.n_visible
        joined = np.zeros((n + self.n_hidden,) * 2, dtype=bool)
        joined[:n, :n], joined[:n, n:], joined[n:, n:] = self.R, self.W, self.S
        return np.asarray(joined | joined.T)

    @cached_property
    def free_cut(self) -> list[int]:
        """The units that the negative phase sums by hand; the visible ones count first."""
        return cut_set(self.adjacency)

    @cached_property
    def clamped_cut(self) -> list[int]:
        """The hidden units that the positive phase sums by hand, v being clamped."""
        return cut_set(self.S | self.S.T)

    @cached_property
    def free_blocks(self) -> list[NDArray[np.intp]]:
        """The blocks of all units that Gibbs sampling draws at once."""
        return colour_blocks(self.adjacency)

    @cached_property
    def clamped_blocks(self) -> list[NDArray[np.intp]]:
        """The blocks of hidden units that are independent given v and the other blocks."""
        return colour_blocks(self.S | self.S.T)
