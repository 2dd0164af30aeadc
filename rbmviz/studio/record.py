"""The record of a run: the numbers of the ledger, thinned evenly as the run grows."""

from bisect import bisect_right
from dataclasses import dataclass, fields

from rbmviz.core.snapshot import Snapshot

MAX_POINTS = 300  # a curve on a screen shows no more


@dataclass(frozen=True)
class LedgerPoint:
    """The numbers at one step, nats; None where one was not computed."""

    step: int
    mean_log_p_tilde: float  # exact
    log_z: float | None  # exact
    log_z_estimate: float | None
    log_z_low: float | None
    log_z_high: float | None
    log_z_tracked: float | None = None  # by the particles of follower.py

    @classmethod
    def of(cls, snapshot: Snapshot, log_z_tracked: float | None = None) -> "LedgerPoint":
        """Take the numbers from a snapshot."""
        estimate = snapshot.log_z_estimate
        return cls(
            step=snapshot.step,
            mean_log_p_tilde=snapshot.mean_log_p_tilde,
            log_z=snapshot.log_z,
            log_z_estimate=estimate.log_z if estimate else None,
            log_z_low=estimate.low if estimate else None,
            log_z_high=estimate.high if estimate else None,
            log_z_tracked=log_z_tracked,
        )


class RunRecord:
    """Points in the order of their steps, at most MAX_POINTS of each kind."""

    def __init__(self) -> None:
        self.points: list[LedgerPoint] = []
        self._stride = 1

    def add(self, point: LedgerPoint) -> None:
        """Add or replace the point of its step; a point too close to the one before is dropped.

        A point with an estimate of log Z is always kept until the record is thinned: they are few.
        """
        if self.points and self.points[-1].step == point.step:
            self.points[-1] = _merged(self.points[-1], point)
            return
        close = bool(self.points) and point.step - self.points[-1].step < self._stride
        if close and point.log_z_estimate is None:
            return
        self.points.append(point)
        if len(self.points) > MAX_POINTS:
            self._stride = max(2 * self._stride, 2 * (point.step // MAX_POINTS))
            kept: list[LedgerPoint] = []
            for old in self.points:
                if not kept or old.step - kept[-1].step >= self._stride:
                    kept.append(old)
                elif old.log_z_estimate is not None and kept[-1].log_z_estimate is None:
                    kept[-1] = old  # estimates are rarer than exact values: prefer them
            self.points = kept

    @property
    def n_after_estimate(self) -> int:
        """How many points lie behind the last one with an estimate of log Z."""
        known = [k for k, point in enumerate(self.points) if point.log_z_estimate is not None]
        return len(self.points) - 1 - known[-1] if known else len(self.points)

    def forget_after(self, step: int) -> None:
        """Drop the points beyond a step: the run went back there."""
        del self.points[bisect_right([point.step for point in self.points], step) :]

    def until(self, step: int) -> "RunRecord":
        """Copy the points up to a step."""
        copy = RunRecord()
        copy.points, copy._stride = list(self.points), self._stride
        copy.forget_after(step)
        return copy

    def columns(self) -> dict[str, list[float | None]]:
        """The points as columns, for a chart or a file."""
        return {f.name: [getattr(p, f.name) for p in self.points] for f in fields(LedgerPoint)}


def _merged(old: LedgerPoint, new: LedgerPoint) -> LedgerPoint:
    values = {
        f.name: getattr(new, f.name) if getattr(new, f.name) is not None else getattr(old, f.name)
        for f in fields(LedgerPoint)
    }
    return LedgerPoint(**values)
