"""The bytes of all states, read again as their documentation says."""

import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

import rbmviz
from rbmviz.stage.states import STATE_SCALARS, encode_states

STAGE = Path(rbmviz.__file__).parent / "stage"


def decode(message):
    assert message[:4] == b"RBM1"
    (length,) = struct.unpack("<I", message[4:8])
    header = json.loads(message[8 : 8 + length])
    blocks = {}
    for block in header["blocks"]:
        count = int(np.prod(block["shape"]))
        array = np.frombuffer(message, "<" + block["dtype"], count, block["offset"])
        blocks[block["name"]] = array.reshape(block["shape"])
    return header, blocks


def frames_of(method, n_frames=3):
    v = rbmviz.load_dataset("shifting bar 9").v
    settings = rbmviz.TrainingSettings(4, method, learning_rate=0.3, initial_scale=0.3)
    state, frames = rbmviz.start(settings, v), []
    for _ in range(n_frames):
        following = rbmviz.train_step(state)
        frames.append(rbmviz.take_states_snapshot(state, following))
        state = rbmviz.train(state, 400)
    return frames


@pytest.mark.parametrize("method", [rbmviz.ContrastiveDivergence(), rbmviz.MeanField(order=1)])
def test_every_number_of_every_state_arrives(method):
    frames = frames_of(method)
    header, blocks = decode(encode_states({"seq": 3, "verdicts": ["a", "b", "c"]}, frames))
    assert (header["seq"], header["n_visible"], header["n_frames"]) == (3, 9, 3)
    assert np.array_equal(blocks["grid"], rbmviz.gray_layout(9))
    assert np.array_equal(blocks["data"], frames[0].p_data.astype("<f4"))
    for f, frame in enumerate(frames):
        scalars = dict(zip(STATE_SCALARS, blocks["scalars"][f], strict=True))
        assert scalars == {
            "step": frame.step,
            "log_z": frame.log_z,
            "change_of_log_z": frame.change_of_log_z,
            "mean_log_likelihood": frame.mean_log_likelihood,
            "mass_outside": frame.spurious.mass_outside,
            "n_samples": frame.n_samples,
        }
        p = np.exp(blocks["log_p"][f].astype(float))
        np.testing.assert_allclose(p, frame.p_model, rtol=1e-5)
        np.testing.assert_array_equal(blocks["change"][f], frame.change.astype("<f4"))
        if frame.frequency is None:
            assert np.isnan(blocks["frequency"][f]).all()
        else:
            np.testing.assert_array_equal(blocks["frequency"][f], frame.frequency.astype("<f4"))
        assert np.flatnonzero(blocks["modes"][f] == 2).tolist() == sorted(frame.spurious.states)
        every = np.flatnonzero(blocks["modes"][f]).tolist()
        assert every == frame.spurious.modes.tolist()
    assert any(len(frame.spurious.states) for frame in frames)


def test_the_browser_reads_the_same_numbers_in_the_same_order():
    source = (STAGE / "js" / "state_frames.js").read_text("utf-8")
    listed = re.search(r"STATE_SCALAR_NAMES = \[(.*?)\]", source, re.DOTALL)
    assert tuple(re.findall(r'"(\w+)"', listed[1])) == STATE_SCALARS
