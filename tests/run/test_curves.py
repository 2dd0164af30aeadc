"""The record keeps few points, evenly, and the newest."""

from itertools import pairwise

from rbmviz.run.curves import MAX_POINTS, CurvePoint, TrainingCurves


def point(step: int, estimate: float | None = None) -> CurvePoint:
    return CurvePoint(step, 1.0 * step, 2.0, estimate, estimate, estimate)


def test_a_long_run_is_thinned_evenly() -> None:
    record = TrainingCurves()
    for k in range(20_000):
        record.add(point(20 * k, estimate=1.0 if k % 40 == 0 else None))
    steps = [p.step for p in record.points]
    assert MAX_POINTS / 3 < len(steps) <= MAX_POINTS
    assert steps == sorted(set(steps))
    assert steps[0] == 0
    gaps = [b - a for a, b in pairwise(steps)]
    assert max(gaps) <= 4 * (steps[-1] / len(steps))  # no hole
    assert sum(p.log_z_estimate is not None for p in record.points) > 50


def test_a_point_of_the_same_step_adds_what_was_missing() -> None:
    record = TrainingCurves()
    record.add(point(5))
    record.add(point(5, estimate=3.0))
    record.add(point(5))
    (only,) = record.points
    assert only.log_z_estimate == 3.0


def test_going_back_forgets_what_came_after() -> None:
    record = TrainingCurves()
    for step in range(10):
        record.add(point(step))
    record.forget_after(4)
    assert [p.step for p in record.points] == [0, 1, 2, 3, 4]
    record.add(point(5))
    assert record.columns()["step"] == [0, 1, 2, 3, 4, 5]
