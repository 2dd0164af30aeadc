"""The page that replays a recording: what is in it, read by a second reader, and its size."""

import base64
import gzip
import json
import re
import struct
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rbmviz
from rbmviz.core.frame import joined
from rbmviz.run.moment import Moment
from rbmviz.run.recording import Checkpoint
from rbmviz.run.settings import LabSettings
from rbmviz.stage.coding import N_LEVELS, Coded, coded
from rbmviz.stage.replay_page import replay_page
from rbmviz.studio.stage_header import replay_header


def decoded(block: Coded | np.ndarray, shape: tuple[int, ...], coding: dict) -> np.ndarray:
    """Undo coding.py, frame after frame, as decode.js does."""
    planes = (block.planes if isinstance(block, Coded) else block).astype(int)
    half = len(planes) // 2
    steps = (256 * planes[:half] + planes[half:]).reshape(len(planes) and shape[0], -1)
    level = np.zeros(steps.shape[1], int)
    frames = []
    for k, step in enumerate(steps):
        level = (level + step) % 65536
        values = coding["low"] + level * coding["scale"]
        frames.append(np.full(values.shape, np.nan) if k in coding["unknown"] else values)
    return np.array(frames).reshape(shape)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
        elements=st.floats(-1000, 1000, width=32),
    ),
    st.sets(st.integers(0, 5)),
)
def test_a_coded_block_is_half_a_level_off_at_most(block: np.ndarray, unknown: set[int]) -> None:
    unknown = {k for k in unknown if k < len(block)}
    block[list(unknown)] = np.nan
    packed = coded(block)
    found = decoded(packed, packed.shape, packed.description)
    known = np.isfinite(block)
    assert np.array_equal(np.isfinite(found), known)
    if known.any():
        room = float(block[known].max()) - float(block[known].min())
        worst = np.abs(found[known] - block[known].astype(float)).max()
        assert worst <= room / (N_LEVELS - 1) / 2 * 1.001 + 1e-9


def checkpoints_of(settings: LabSettings, count: int, per: int) -> list[Checkpoint]:
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    rows = np.unique(settings.data.v, axis=0)
    found = []
    for _ in range(count):
        moment = Moment.at(state).with_exact().with_states(rows)
        found.append(Checkpoint.of(moment.snapshot, settings))
        state = rbmviz.train(moment.following, per - 1)
    return found


def page_of(checkpoints: list[Checkpoint], settings: LabSettings, title: str = "t") -> str:
    past = joined([each.frame for each in checkpoints])
    return replay_page(title, "s", replay_header(checkpoints, settings), past).decode()


def test_every_number_is_in_the_page() -> None:
    lab = LabSettings("bars-and-stripes 2x2", n_hidden=3)
    checkpoints = checkpoints_of(lab, 5, 20)
    checkpoints[2] = replace(
        checkpoints[2], noted={n: a for n, a in checkpoints[2].frame.items() if n != "exact"}
    )
    page = page_of(checkpoints, lab, title="<script>alert(1)</script>")
    assert "<script>alert" not in page
    text = re.search(r'id="recording">([^<]*)<', page)[1]
    message = gzip.decompress(base64.b64decode(text))
    (length,) = struct.unpack("<I", message[4:8])
    header = json.loads(message[8 : 8 + length])
    assert [serial for serial, _ in header["recording"]["sent"]] == [c.serial for c in checkpoints]
    for entry in header["blocks"]:
        name = entry["name"].removeprefix("past_")
        dtype, count = np.dtype("<" + entry["dtype"]), int(np.prod(entry["shape"]))
        if "coding" in entry:
            raw = np.frombuffer(message, dtype, 2 * count, entry["offset"])
            block = decoded(raw, tuple(entry["shape"]), entry["coding"])
        else:
            block = np.frombuffer(message, dtype, count, entry["offset"]).reshape(entry["shape"])
        for k, each in enumerate(checkpoints):
            if name == "exact" and k == 2:
                assert np.isnan(block[k]).all()
            else:
                tolerance = 1e-3 if name == "weights" else 1e-4
                np.testing.assert_allclose(block[k], each.frame[name], atol=tolerance)


def test_it_holds_the_stage_s_code_and_reaches_no_network() -> None:
    lab = LabSettings("bars-and-stripes 2x2", n_hidden=3)
    page = page_of(checkpoints_of(lab, 2, 5), lab)
    assert "default-src 'none'" in page
    assert "class Stage" in page
    assert "mountMaps" not in page  # of another page
    assert page.count("</script>") == 2
    assert not re.search(
        r"\b(?:https?:|src=|href=|import\()", page.replace("http://www.w3.org", "")
    )


def test_two_hundred_checkpoints_of_64_by_16_take_less_than_2_mb() -> None:
    """Told from the growth of the page over 20 of them."""
    lab = LabSettings("digits", n_hidden=16)
    checkpoints = checkpoints_of(lab, 30, 100)
    few, more = (len(page_of(checkpoints[:n], lab)) for n in (10, 30))
    assert 100_000 < few + 190 * (more - few) / 20 < 2_000_000
