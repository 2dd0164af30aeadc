"""Built-in data: known bounds in closed form, the conventions, and a user's own rows."""

from itertools import product
from math import log

import numpy as np
import pytest

from rbmviz import InputError, dataset_from_rows, dataset_names, load_dataset


def bars_and_stripes_bound(side: int, distinct: bool) -> float:
    """Minus the entropy: all-off and all-on are two patterns that may count twice."""
    n = 2 ** (side + 1)
    if distinct:
        return -log(n - 2)
    return (n - 4) / n * log(1 / n) + 4 / n * log(2 / n)


BOUNDS = {
    "bars-and-stripes 2x2": (8, 4, -1.7328679513998633),
    "bars-and-stripes 3x3": (16, 9, -2.599301927099795),
    "bars-and-stripes 4x4": (32, 16, -3.3790925052297327),
    "bars-and-stripes 5x5": (64, 25, bars_and_stripes_bound(5, distinct=False)),
    "bars-and-stripes 2x2 distinct": (6, 4, -1.7917594692280547),
    "bars-and-stripes 3x3 distinct": (14, 9, -2.6390573296152584),
    "bars-and-stripes 4x4 distinct": (30, 16, -3.401197381662156),
    "bars-and-stripes 5x5 distinct": (62, 25, bars_and_stripes_bound(5, distinct=True)),
    "labeled shifter 4": (48, 11, -log(3 * 2**4)),
    "labeled shifter 8": (768, 19, -log(3 * 2**8)),
    "shifting bar 9": (9, 9, -log(9)),
    "XOR": (4, 3, -log(4)),
    "parity 4": (8, 4, -log(8)),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_toy_data_have_the_published_size_and_bound(name: str) -> None:
    n_rows, n_visible, bound = BOUNDS[name]
    data = load_dataset(name)
    assert data.v.shape == (n_rows, n_visible)
    assert data.best_mean_log_likelihood == pytest.approx(bound, abs=1e-12)
    assert data.is_complete


def test_closed_form_agrees_with_the_published_numbers() -> None:
    assert bars_and_stripes_bound(4, distinct=False) == pytest.approx(-3.3790925052, abs=1e-10)
    assert bars_and_stripes_bound(4, distinct=True) == pytest.approx(-3.4011973817, abs=1e-10)


@pytest.mark.parametrize("name", dataset_names())
def test_every_data_set_is_binary_read_only_and_fits_its_image(name: str) -> None:
    data = load_dataset(name)
    assert data.name == name
    assert data.v.dtype == np.float64
    assert set(np.unique(data.v)) == {0.0, 1.0}
    assert data.image_shape[0] * data.image_shape[1] == data.v.shape[1] == data.n_visible
    assert data.description
    assert data.source
    assert data is load_dataset(name)
    with pytest.raises(ValueError, match="read-only"):
        data.v[0, 0] = 1.0


@pytest.mark.parametrize("side", [2, 3, 4])
@pytest.mark.parametrize("distinct", [False, True])
def test_bars_and_stripes_are_exactly_the_images_of_lit_lines(side: int, distinct: bool) -> None:
    wanted = []
    for lit in product([0, 1], repeat=side):
        wanted.append([lit[column] for _ in range(side) for column in range(side)])
        wanted.append([lit[row] for row in range(side) for _ in range(side)])
    if distinct:
        wanted = [list(row) for row in {tuple(row) for row in wanted}]
    name = f"bars-and-stripes {side}x{side}" + (" distinct" if distinct else "")
    assert sorted(load_dataset(name).v.tolist()) == sorted(wanted)


def test_labeled_shifter_says_how_its_second_half_is_shifted() -> None:
    for row in load_dataset("labeled shifter 4").v.tolist():
        first, second, label = row[:4], row[4:8], row[8:]
        shift = label.index(1.0) - 1  # left, not at all, right
        assert sum(label) == 1
        assert second == [first[(k - shift) % 4] for k in range(4)]


def test_parity_rows_have_an_even_number_of_ones() -> None:
    for name in ("XOR", "parity 4"):
        assert not (load_dataset(name).v.sum(axis=1) % 2).any()


def test_digits_split_into_ten_and_keep_their_licence() -> None:
    digits = load_dataset("digits")
    assert digits.v.shape == (1797, 64)
    assert digits.image_shape == (8, 8)
    assert "CC BY 4.0" in digits.source
    assert not digits.is_complete
    counts = [len(load_dataset(f"digit {k}").v) for k in range(10)]
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    together = np.concatenate([load_dataset(f"digit {k}").v for k in range(10)])
    assert sorted(together.tolist()) == sorted(digits.v.tolist())


def test_shipped_digits_equal_the_published_ones() -> None:
    published = pytest.importorskip("sklearn.datasets").load_digits()
    assert np.array_equal(load_dataset("digits").v, published.data >= 8)
    assert np.array_equal(load_dataset("digit 7").v, published.data[published.target == 7] >= 8)


def test_unknown_name_is_answered_with_close_ones() -> None:
    with pytest.raises(InputError) as caught:
        load_dataset("Bars and stripes 4x4")
    message = str(caught.value)
    assert "'Bars and stripes 4x4'" in message
    assert "Did you mean 'bars-and-stripes 4x4'" in message
    assert "'digit 9'" in message


@pytest.mark.parametrize("name", ["", "zzz", None, 3, ["digits"]])
def test_hopeless_name_still_lists_the_choices(name: object) -> None:
    with pytest.raises(InputError, match=r"Choose one of \['bars-and-stripes 2x2'"):
        load_dataset(name)  # type: ignore[arg-type]


def test_own_rows_are_copied_and_given_a_shape() -> None:
    rows = np.array([[0, 1, 1, 0, 0, 1], [0, 1, 1, 0, 0, 1]])
    data = dataset_from_rows("mine", rows)
    rows[:] = 0
    assert data.v.sum() == 6
    assert data.image_shape == (1, 6)
    assert data.best_mean_log_likelihood == 0.0  # one row, twice: no entropy
    assert dataset_from_rows("mine", rows, (2, 3)).image_shape == (2, 3)
    assert dataset_from_rows("mine", np.zeros((1, 9))).image_shape == (3, 3)


@pytest.mark.parametrize(
    ("v", "image_shape", "message"),
    [
        ([[0.0, 0.5]], None, r"v\[0, 1\] is 0.5.*0 or 1.*threshold"),
        ([[0.0, 255.0]], None, r"v\[0, 1\] is 255.*0 or 1"),
        ([[0.0, float("nan")]], None, r"v\[0, 1\] is nan.*finite"),
        ([0.0, 1.0], None, r"shape \(2,\).*2 axes.*row\[None, :\]"),
        (np.zeros((0, 4)), None, r"empty.*at least one row"),
        (np.zeros((4, 0)), None, r"empty.*at least one row"),
        ([["a", "b"]], None, "not numeric"),
        ([[0, 1, 1]], (2, 2), r"\(2, 2\), 4 pixels.*3 units"),
        ([[0, 1, 1]], (0, 3), r"image_shape is 0.*at least 1"),
        ([[0, 1, 1]], (3,), r"pass \(rows, columns\)"),
        ([[0, 1, 1]], (1.5, 2), "whole number"),
    ],
)
def test_own_rows_that_do_not_fit_are_refused(v: object, image_shape: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dataset_from_rows("mine", v, image_shape)  # type: ignore[arg-type]


def test_own_rows_need_a_name() -> None:
    with pytest.raises(InputError, match="not blank"):
        dataset_from_rows("  ", [[0, 1]])
