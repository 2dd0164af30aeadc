"""Things along the steps of a run, spaced evenly as it grows, in a bounded room."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Spaced(Generic[T]):
    """One thing, where it stands, what it is worth among close ones, and how large it is."""

    step: int
    thing: T
    worth: int
    n_bytes: int
    n_bytes_so_far: int = 0  # with all before it


class Thinning(Generic[T]):
    """Keep at most `most` things and `most_bytes`; the first and the newest are among them.

    Neighbours are at least `stride` steps apart, but for the newest, and less than 2 * stride plus
    the largest gap between arrivals. When the room is full the stride doubles. Of two that are too
    close the one of more worth stays.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self.kept: list[Spaced[T]] = []
        self.stride = 1
        self._most, self._most_bytes = most, most_bytes

    @property
    def things(self) -> list[T]:
        """What is kept, in the order of the steps."""
        return [each.thing for each in self.kept]

    @property
    def n_bytes(self) -> int:
        """How large all that is kept is."""
        return self.kept[-1].n_bytes_so_far if self.kept else 0

    def takes(self, step: int, worth: int) -> bool:
        """Say whether a thing would stay, before it is made."""
        spaced = [(each.step, each.worth) for each in self.kept[-3:]]
        if spaced and spaced[-1][0] == step:
            return worth > spaced[-1][1]
        if len(spaced) > 1 and spaced[-1][0] - spaced[-2][0] < self.stride:
            spaced.pop()  # the newest, which would make room
        return _place(spaced, step, worth, self.stride) is not None

    def put(self, step: int, thing: T, *, worth: int, n_bytes: int, newest: bool = False) -> None:
        """Keep a thing, if it is far enough from the one before; as the newest in any case."""
        self.forget_after(step)
        each = Spaced(step, thing, worth, n_bytes)
        if self.kept and self.kept[-1].step == step:
            self.kept.pop()
            self._append(each)
        else:
            if len(self.kept) > 1 and self.kept[-1].step - self.kept[-2].step < self.stride:
                self.kept.pop()  # it was the newest
            if not self._admit(each) and newest:
                self._append(each)
        self._make_room()

    def forget_after(self, step: int) -> None:
        """Drop the things beyond a step."""
        if not self.kept or self.kept[-1].step <= step:
            return
        del self.kept[bisect_right([each.step for each in self.kept], step) :]

    def at_or_before(self, step: int) -> T | None:
        """Give the last thing up to a step."""
        k = bisect_right([each.step for each in self.kept], step)
        return self.kept[k - 1].thing if k else None

    def _admit(self, each: Spaced[T]) -> bool:
        spaced = [(one.step, one.worth) for one in self.kept[-2:]]
        place = _place(spaced, each.step, each.worth, self.stride)
        if place is None:
            return False
        del self.kept[len(self.kept) + place :]
        self._append(each)
        return True

    def _append(self, each: Spaced[T]) -> None:
        self.kept.append(replace(each, n_bytes_so_far=self.n_bytes + each.n_bytes))

    def _make_room(self) -> None:
        while len(self.kept) > self._most or self.n_bytes > self._most_bytes:
            crowded, self.kept = self.kept, []
            newest = crowded[-1]
            if len(crowded) <= 2:
                self._append(newest)
                return
            self.stride *= 2
            for each in crowded:
                self._admit(each)
            if self.kept[-1].step != newest.step:
                self._append(newest)


def _place(last: list[tuple[int, int]], step: int, worth: int, stride: int) -> int | None:
    """Say where a thing goes: 0 behind the last ones, -1 in the last one's place, or nowhere.

    last: (step, worth) of the last ones, or of all; the first of all never gives way.
    """
    if not last or step - last[-1][0] >= stride:
        return 0
    gives_way = len(last) > 1 and worth > last[-1][1]
    return -1 if gives_way and step - last[-2][0] < 2 * stride else None
