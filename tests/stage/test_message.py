"""The bytes that the stage reads, decoded by a second reader written from the documentation."""

import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

import rbmviz
from rbmviz.core.frame import MAX_IMAGES, SCALARS
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.stage.component import bundle
from rbmviz.stage.message import encode

STAGE = Path(rbmviz.__file__).parent / "stage"


def decode(message: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    assert message[:4] == b"RBM1"
    (length,) = struct.unpack("<I", message[4:8])
    assert (8 + length) % 8 == 0
    header = json.loads(message[8 : 8 + length])
    blocks, end = {}, 8 + length
    for block in header["blocks"]:
        assert block["offset"] % 8 == 0
        assert block["offset"] >= end  # blocks do not overlap the header or each other
        count = int(np.prod(block["shape"]))
        array = np.frombuffer(message, "<" + block["dtype"], count, block["offset"])
        blocks[block["name"]] = array.reshape(block["shape"])
        end = block["offset"] + array.nbytes
    assert end <= len(message) < end + 8
    return header, blocks


def played(settings: LabSettings) -> tuple[rbmviz.Snapshot, ...]:
    lab = Lab(settings, speed=3)
    lab.receive(Request("tab", -1, 4, (Command(1, "play"),)))
    return lab.answer().snapshots


@pytest.mark.parametrize(
    "settings",
    [
        LabSettings("bars-and-stripes 2x2", n_hidden=1, batch_size=3),
        LabSettings("bars-and-stripes 4x4", n_hidden=8, estimator="pcd"),
        LabSettings("bars-and-stripes 4x4", n_hidden=20),
        LabSettings("digits", n_hidden=30, seed=2),
    ],
)
@pytest.mark.parametrize("note", ["", "·" * 7, "a longer note " * 9])
def test_every_number_arrives(settings: LabSettings, note: str) -> None:
    snapshots = played(settings)
    header, blocks = decode(encode({"seq": 7, "note": note}, snapshots))
    nv, nh = snapshots[0].rbm.n_visible, settings.n_hidden
    assert (header["seq"], header["note"], header["n_frames"]) == (7, note, len(snapshots))
    assert (header["n_visible"], header["n_hidden"]) == (nv, nh)
    for f, snapshot in enumerate(snapshots):
        scalars = dict(zip(SCALARS, blocks["scalars"][f], strict=True))
        assert scalars["step"] == snapshot.step
        assert scalars["mean_log_p_tilde"] == snapshot.mean_log_p_tilde
        for name in ("log_z", "mean_log_likelihood"):
            value = getattr(snapshot, name)
            assert np.isnan(scalars[name]) if value is None else scalars[name] == value
        for block, (matrix, column, row) in {
            "weights": (snapshot.rbm.W, snapshot.rbm.b, snapshot.rbm.c),
            "positive": vars(snapshot.positive).values(),
            "negative": vars(snapshot.negative.statistics).values(),
        }.items():
            np.testing.assert_allclose(blocks[block][f, :nv, :nh], matrix, rtol=1e-6, atol=1e-30)
            np.testing.assert_allclose(blocks[block][f, :nv, nh], column, rtol=1e-6, atol=1e-30)
            np.testing.assert_allclose(blocks[block][f, nv, :nh], row, rtol=1e-6, atol=1e-30)
        if snapshot.exact_negative is not None:
            np.testing.assert_allclose(
                blocks["exact"][f, :nv, :nh], snapshot.exact_negative.vh, rtol=1e-6
            )
        elif "exact" in blocks:
            assert np.isnan(blocks["exact"][f]).all()
        n = blocks["data"].shape[1]
        assert n <= MAX_IMAGES
        np.testing.assert_array_equal(blocks["data"][f] / 255, snapshot.v_batch[:n])
        n = blocks["samples"].shape[1]
        np.testing.assert_array_equal(blocks["samples"][f] / 255, snapshot.negative.samples[:n])
        if snapshot.probable_states is not None:
            k = len(snapshot.probable_states.p)
            np.testing.assert_array_equal(blocks["states"][f, :k] / 255, snapshot.probable_states.v)
            np.testing.assert_allclose(
                blocks["states_p"][f, :k], snapshot.probable_states.p, rtol=1e-6
            )


def test_a_frame_of_the_usual_size_stays_small() -> None:
    """The table of costs in mind: some kilobytes a frame, whatever the batch."""
    snapshots = played(LabSettings("bars-and-stripes 4x4", n_hidden=8))
    assert len(encode({}, snapshots)) / len(snapshots) < 5000


def test_the_browser_reads_the_same_numbers_in_the_same_order() -> None:
    source = (STAGE / "js" / "decode.js").read_text("utf-8")
    listed = re.search(r"SCALAR_NAMES = \[(.*?)\]", source, re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r'"(\w+)"', listed[1])) == SCALARS


def test_the_bundle_is_one_module_without_imports_and_clashes() -> None:
    code = bundle()
    assert not re.search(r"^import ", code, re.MULTILINE)
    assert re.findall(r"^export .*", code, re.MULTILINE) == ["export default function () {}"]
    names = re.findall(r"^(?:async )?(?:function\*?|class|const|let) (\w+)", code, re.MULTILINE)
    assert len(names) == len(set(names))
    assert "mount" in names
    assert "http:" not in code.replace("http://www.w3.org", "")
    assert "https:" not in code
