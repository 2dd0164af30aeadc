"""Two things that a coupling graph tells: which units to sum by hand, and which to draw together.

A cut set meets every coupling. Once its units are fixed, no coupling is left between the others:
they are independent, and can be summed out in closed form. A smallest cut set is a minimum vertex
cover, which is hard to find in general; the greedy one here is smallest for the named structures.
A colouring puts units without a coupling between them into one block. Nothing here is random.
"""

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]


def cut_set(adjacency: BoolArray) -> list[int]:
    """Choose units that meet every coupling: those with the most uncovered couplings first.

    Args:
        adjacency: (n, n) symmetric, False on the diagonal.

    Returns:
        Sorted units; none of them can be left out.

    >>> chain = np.eye(4, k=1, dtype=bool) | np.eye(4, k=-1, dtype=bool)  # 0 - 1 - 2 - 3
    >>> cut_set(chain)
    [1, 2]
    """
    left = adjacency.copy()
    chosen: list[int] = []
    while left.any():
        unit = int(left.sum(axis=1).argmax())
        chosen.append(unit)
        left[unit] = left[:, unit] = False
    kept = set(chosen)
    for unit in chosen:  # a unit all of whose neighbours are in the cut is not needed
        if kept.issuperset(int(other) for other in np.flatnonzero(adjacency[unit])):
            kept.discard(unit)
    return sorted(kept)


def colour_blocks(adjacency: BoolArray) -> list[NDArray[np.intp]]:
    """Colour the units greedily in their order; a block is all units of one colour.

    Returns:
        Blocks of units with no coupling inside: given the others, each is drawn at once.

    >>> both_layers = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=bool)
    >>> [block.tolist() for block in colour_blocks(both_layers)]
    [[0, 1], [2]]
    """
    colours: list[int] = []
    for unit in range(len(adjacency)):
        taken = {colours[other] for other in range(unit) if adjacency[unit, other]}
        colours.append(next(colour for colour in range(unit + 1) if colour not in taken))
    of_unit = np.array(colours, dtype=int)
    return [np.flatnonzero(of_unit == colour) for colour in range(max(colours, default=-1) + 1)]
