"""Where the uniform numbers of a sampler come from: one generator, or one for each of many runs.

Every sampler asks for random(shape). A numpy generator answers for one run; SeedStreams answers
for many runs at once, each row of numbers from its own generator, in the same order as if the
runs were made one after another.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_BUFFERED = 4096  # doubles of each generator that are drawn in advance


class UniformSource(Protocol):
    """What draws uniform numbers in [0, 1)."""

    def random(self, size: tuple[int, ...], /) -> NDArray[np.float64]:
        """Draw an array of this shape."""


def restored_generator(bit_state: Mapping[str, Any]) -> np.random.Generator:
    """Wake a generator from the state of its bit generator (PCG64)."""
    bits = np.random.PCG64(0)
    bits.state = dict(bit_state)  # type: ignore[assignment]  # numpy's own typed dict
    return np.random.Generator(bits)


class SeedStreams:
    """Draw for many runs: random((n_runs, ...)) takes row r from generator r."""

    def __init__(self, bit_states: Sequence[Mapping[str, Any]]) -> None:
        self._begun = [dict(state) for state in bit_states]
        self._generators = [restored_generator(state) for state in bit_states]
        self._buffer = np.empty((len(self._generators), _BUFFERED))
        self._used = _BUFFERED  # of the buffer
        self._drawn = 0  # numbers that each run has taken

    def random(self, size: tuple[int, ...], /) -> NDArray[np.float64]:
        """Draw uniform numbers; the first axis counts the runs."""
        n_runs, wanted = size[0], int(np.prod(size[1:]))
        if n_runs != len(self._generators):
            raise ValueError(f"size is {size}; its first axis must be {len(self._generators)} runs")
        taken = np.empty((n_runs, wanted))
        done = 0
        while done < wanted:
            if self._used == _BUFFERED:
                for generator, row in zip(self._generators, self._buffer, strict=True):
                    generator.random(out=row)
                self._used = 0
            n = min(wanted - done, _BUFFERED - self._used)
            taken[:, done : done + n] = self._buffer[:, self._used : self._used + n]
            self._used += n
            done += n
        self._drawn += wanted
        return taken.reshape(size)

    def bit_states(self) -> list[dict[str, Any]]:
        """Tell where each generator stands, as if it had drawn only what was taken."""
        states = []
        for begun in self._begun:
            bits = restored_generator(begun).bit_generator
            bits.advance(self._drawn)  # type: ignore[attr-defined]  # PCG64 has it
            # advance() drops half a number that is kept for 32-bit draws; random() does not.
            kept = {name: begun[name] for name in ("has_uint32", "uinteger")}
            states.append({**bits.state, **kept})
        return states
