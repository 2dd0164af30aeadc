"""Angles between vectors: closed forms, also where an arc cosine would lose all digits."""

import numpy as np
import pytest

from rbmviz.core.diagnostics import angles_between


@pytest.mark.parametrize(
    "degrees", [0.0, 1e-12, 1e-7, 0.01, 30.0, 90.0, 135.0, 180.0 - 1e-7, 180.0]
)
@pytest.mark.parametrize("length", [1e-100, 1.0, 1e100])
def test_angles_have_their_closed_form(degrees: float, length: float) -> None:
    radians = np.radians(degrees)
    a = np.array([0.0, 3.0, 0.0])
    b = length * np.array([np.sin(radians), np.cos(radians), 0.0])
    for one, other in ((a, b), (b, a)):
        found = float(angles_between(one, other))
        assert found == pytest.approx(degrees, rel=1e-12, abs=0)
    if degrees == 1e-7:
        by_cosine = np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / length, -1, 1)))
        assert by_cosine != pytest.approx(degrees, rel=0.01)


def test_angles_are_taken_along_the_last_axis() -> None:
    one = np.array([1.0, 0.0])
    many = np.array([[[1.0, 0.0], [0.0, 2.0]], [[-3.0, 0.0], [1.0, 1.0]]])
    np.testing.assert_allclose(angles_between(many, one), [[0.0, 90.0], [180.0, 45.0]])
    np.testing.assert_allclose(angles_between(one, many), [[0.0, 90.0], [180.0, 45.0]])


def test_a_zero_vector_has_no_angle() -> None:
    rows = np.array([[0.0, 0.0], [0.0, 1.0]])
    found = angles_between(rows, np.array([0.0, 1.0]))
    assert np.isnan(found[0])
    assert found[1] == 0
    assert np.isnan(angles_between(np.zeros(2), np.zeros(2)))
