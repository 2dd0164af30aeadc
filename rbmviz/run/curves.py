"""The training curves of a run: its numbers step by step, thinned evenly as the run grows."""

from bisect import bisect_right
from dataclasses import dataclass, fields

from rbmviz.core.snapshot import Snapshot

MAX_POINTS = 300  # a curve on a screen shows no more


@dataclass(frozen=True)
class CurvePoint:
    """The numbers at one step, nats; None where one was not computed."""

    step: int
    mean_log_p_tilde: float  # exact
    log_z: float | None  # exact
    log_z_estimate: float | None
    log_z_low: float | None
    log_z_high: float | None
    log_z_tracked: float | None = None  # by the particles of tracked_log_z.py

    @classmethod
    def of(cls, snapshot: Snapshot, log_z_tracked: float | None = None) -> "CurvePoint":
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


class TrainingCurves:
    """Points in the order of their steps, at most MAX_POINTS of each kind."""

    def __init__(self) -> None:
        self.points: list[CurvePoint] = []
        self._stride = 1

    def add(self, point: CurvePoint) -> None:
        """Add or replace the point of its step; a point too close to the one before is dropped.

        A point with an estimate of log Z is always kept until the curves are thinned: they are few.
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
            kept: list[CurvePoint] = []
            for old in self.points:
                if not kept or old.step - kept[-1].step >= self._stride:
                    kept.append(old)
                elif old.log_z_estimate is not None and kept[-1].log_z_estimate is None:
                    kept[-1] = old  # estimates are rarer than exact values: prefer them
            self.points = kept

    def forget_after(self, step: int) -> None:
        """Drop the points beyond a step: the run went back there."""
        del self.points[bisect_right([point.step for point in self.points], step) :]

    def until(self, step: int) -> "TrainingCurves":
        """Copy the points up to a step."""
        copy = TrainingCurves()
        copy.points, copy._stride = list(self.points), self._stride
        copy.forget_after(step)
        return copy

    def columns(self) -> dict[str, list[float | None]]:
        """The points as columns, for a chart or a file."""
        return {f.name: [getattr(p, f.name) for p in self.points] for f in fields(CurvePoint)}


def _merged(old: CurvePoint, new: CurvePoint) -> CurvePoint:
    values = {
        f.name: getattr(new, f.name) if getattr(new, f.name) is not None else getattr(old, f.name)
        for f in fields(CurvePoint)
    }
    return CurvePoint(**values)
