"""Uploaded models: the kind by the name, the content never trusted."""

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from rbmviz.core.errors import InputError
from rbmviz.studio import model_files
from rbmviz.studio.model_files import image_shape_of, imported_case, read_model

RNG = np.random.default_rng(0)
W, B, C = RNG.normal(size=(9, 3)), RNG.normal(size=9), RNG.normal(size=3)


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, W=W, b=B, c=C)
    return file.getvalue()


def test_each_kind_is_read():
    single = {"W": W.astype("f4"), "vbias": B.astype("f4"), "hbias": C.astype("f4")}
    assert np.array_equal(read_model("Model.NPZ", npz()).W, W)
    assert np.array_equal(read_model("m.safetensors", save(single)).c, C.astype("f4"))


@pytest.mark.parametrize("name", ["model.pkl", "model", "model.npz.exe", "", "x" * 500, "<b>.pt"])
def test_other_kinds_are_refused_whatever_they_hold(name):
    with pytest.raises(InputError, match="never opened"):
        read_model(name, npz())


def test_hostile_safetensors_are_refused():
    header = json.dumps({"W": {"dtype": "F64", "shape": [2**40, 2], "data_offsets": [0, 2**44]}})
    lying = struct.pack("<Q", len(header)) + header.encode()
    for content in (b"", b"\xff" * 64, lying, struct.pack("<Q", 2**60) + b"{}"):
        with pytest.raises(InputError, match="safetensors"):
            read_model("m.safetensors", content)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(model_files.KINDS))
def test_no_bytes_break_the_reader(content, kind):
    with pytest.raises(InputError):
        read_model(f"m.{kind}", content)


def test_a_layer_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(model_files, "MAX_UNITS", 8)
    with pytest.raises(InputError, match="9 x 3"):
        read_model("m.npz", npz())


def test_an_imported_case_has_no_data_and_a_shape():
    case = imported_case("../../trained.npz", npz())
    assert case.v_data.shape == (0, 9)
    assert case.image_shape == (3, 3)
    assert case.description.startswith("trained.npz: 9 visible, 3 hidden")
    assert image_shape_of(12) == (1, 12)
