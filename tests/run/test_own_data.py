"""Own rows as text: there and back, one text for the same rows, and nothing else is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rbmviz
from rbmviz.core.errors import InputError
from rbmviz.run.own_data import (
    DEFAULT_ROWS,
    MAX_PIXELS,
    MAX_ROWS,
    decode_rows,
    encode_rows,
    is_own,
    own_dataset,
    rows_in_words,
)
from rbmviz.run.settings import LabSettings, clamp_settings, strict_settings

shapes = st.tuples(st.integers(1, 16), st.integers(1, 16))


@given(st.data(), shapes, st.integers(1, 20))
def test_rows_come_back(data: st.DataObject, shape: tuple[int, int], n_rows: int) -> None:
    v = data.draw(arrays(np.int8, (n_rows, shape[0] * shape[1]), elements=st.integers(0, 1)))
    text = encode_rows(v, shape)
    assert is_own(text)
    again, image_shape = decode_rows(text)
    assert image_shape == shape
    assert np.array_equal(again, v)
    assert again.dtype == np.float64


def test_the_text_is_the_bits_in_order() -> None:
    """By hand: 1001 0110, the first row in the upper half of the byte 0x96 = "lg"."""
    assert encode_rows([[1, 0, 0, 1], [0, 1, 1, 0]], (2, 2)) == "own.2x2.2.lg"


def test_the_largest_allowed_is_allowed_and_no_more() -> None:
    most = np.ones((MAX_ROWS, MAX_PIXELS))
    assert len(decode_rows(encode_rows(most, (16, 16)))[0]) == MAX_ROWS
    assert decode_rows(encode_rows(most[:1], (1, MAX_PIXELS)))[1] == (1, MAX_PIXELS)
    with pytest.raises(InputError, match="2,001 rows; choose 1 to 2,000"):
        encode_rows(np.ones((MAX_ROWS + 1, 1)), (1, 1))
    with pytest.raises(InputError, match="16 x 17 pixels; the limit is 256"):
        encode_rows(np.ones((1, 16 * 17)), (16, 17))
    with pytest.raises(InputError, match="0 rows"):
        encode_rows(np.ones((0, 4)), (2, 2))


@pytest.mark.parametrize(
    ("value", "said"), [(2, "2"), (0.5, "0.5"), (np.nan, "empty"), (-1, "-1"), (np.inf, "inf")]
)
def test_a_wrong_value_is_named_by_row_and_column(value: float, said: str) -> None:
    rows = np.zeros((4, 6))
    rows[2, 4] = value
    with pytest.raises(InputError, match=rf"Row 3, column 5 is {said}"):
        encode_rows(rows, (2, 3))


HOSTILE = [
    "own.", "own.2x2.1.", "own.2x2.3.kA", "own.2x2.1.kAAA", "own.2x2.1.kQ", "own.0x2.1.kA",
    "own.2x2.0.kA", "own.999x999.9999.kA", "own.16x17.1." + "A" * 46, "own.2x2.1.kA==",
    "own.2x2.1.k", "own.2x2.1.k+/A", "own.2x2.1.kA\n", "own.2x2.-1.kA", "OWN.2x2.1.kA",
    "own.02x2.1.kA", "own.٢x2.1.kA", "own.2x2.9999." + "A" * 100_000, "own.<script>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:24])
def test_a_text_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        decode_rows(text)
    settings, messages = clamp_settings({"dataset": text})
    assert settings.dataset == LabSettings().dataset
    assert len(messages) == 1
    assert len(messages[0]) < 300


@given(st.text(alphabet="own.x0123456789ABCabc_-=", max_size=40).map(lambda s: "own." + s))
def test_whatever_is_read_has_one_text(text: str) -> None:
    try:
        v, shape = decode_rows(text)
    except InputError:
        return
    assert encode_rows(v, shape) == text


def test_own_rows_are_a_data_set_like_the_others() -> None:
    data = own_dataset(DEFAULT_ROWS)
    assert data is own_dataset(DEFAULT_ROWS)
    assert (data.name, data.image_shape, data.v.shape) == (
        "Own data (2 rows of 5 x 5)",
        (5, 5),
        (2, 25),
    )
    assert not data.is_complete
    assert rows_in_words(DEFAULT_ROWS) == "2 rows of 5 x 5 pixels"
    settings, messages = clamp_settings({"dataset": DEFAULT_ROWS, "n_hidden": 3})
    assert messages == []
    assert settings == strict_settings({"dataset": DEFAULT_ROWS, "n_hidden": 3})
    state = rbmviz.train(rbmviz.start(settings.training_settings(), settings.data.v), 5)
    assert np.array_equal(state.v_data, data.v)
    assert settings.in_words("dataset") == "Own data (2 rows of 5 x 5)"


def test_large_images_make_fewer_steps_affordable() -> None:
    text = encode_rows(np.eye(256), (16, 16))
    values = {"dataset": text, "n_hidden": 64, "batch_size": 500, "n_steps": 50}
    settings, messages = clamp_settings(values)
    assert settings.n_steps == 12  # 25,000 rows x steps / 4 / 500 rows
    assert any("n_steps 50" in message for message in messages)
