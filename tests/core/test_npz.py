"""The reader of strangers' .npz files: numpy's own files come through, lies do not."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rbmviz.core.errors import InputError
from rbmviz.core.npz import MAX_ARRAYS, read_npz

ARRAYS = hnp.arrays(
    dtype=st.sampled_from(["<f8", ">f4", "<i4", "|u1", "|b1", "<c16", "<U3"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(ARRAYS, st.booleans(), st.booleans())
def test_what_numpy_writes_is_read(array: np.ndarray, transposed: bool, packed: bool) -> None:
    array = array.T if transposed else array
    file = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(file, a=array, b=np.arange(3))
    found = read_npz(file.getvalue(), 10**6)
    np.testing.assert_array_equal(found["a"], array)
    assert found["a"].dtype == array.dtype
    assert found["b"].tolist() == [0, 1, 2]


def test_limits_are_named() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(300_000))
    assert len(file.getvalue()) < 10_000
    with pytest.raises(InputError, match="Unpacked, the file has 2 MB; the limit is 1 MB"):
        read_npz(file.getvalue(), 2**20)
    with pytest.raises(InputError, match="The file has"):
        read_npz(file.getvalue(), 100)
    file = io.BytesIO()
    np.savez(file, **{f"a{k}": np.zeros(1) for k in range(MAX_ARRAYS + 1)})
    with pytest.raises(InputError, match=f"101 arrays; the limit is {MAX_ARRAYS}"):
        read_npz(file.getvalue(), 10**7)


def test_objects_are_never_unpickled() -> None:
    file = io.BytesIO()
    np.savez(file, a=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="objects"):
        read_npz(file.getvalue(), 10**6)
