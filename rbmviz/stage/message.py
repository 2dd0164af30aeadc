"""The message from the server to the stage: a batch of frames as bytes.

Layout, all little-endian:

    bytes 0..3   b"RBM1"
    bytes 4..7   uint32, length H of the header
    8 .. 8+H     header, JSON in UTF-8, padded with spaces so that 8 + H is a multiple of 8
    then         the blocks, each starting at a multiple of 8

Header keys:

    seq          int, one more for every message that carries something new; a repeat is ignored
    ack          int, the largest command id already carried out for this client
    client       str, the client whose commands `ack` counts
    run          str, changes when queued frames have become outdated (restart, changed settings)
    playing      bool
    n_visible, n_hidden, image_shape [rows, columns], n_frames
    n_rows       int, rows of the data set; batch_size int, rows behind the positive phase
    negative     {"label": "CD-1", "n_samples": 32, "kind": "contrastive_divergence" |
                 "persistent_contrastive_divergence" | "persistent_fast_weights" |
                 "persistent_tempering" | "mean_field" | "exact" | "none"}
    learning_rate, best_mean_log_likelihood (null when not known)
    notice       {"kind": "info" | "warning", "text": str} or null
    exact        {"every": 1 | 0 | -1, "reason": str}: the exact phase comes by itself, on request,
                 or never
    recording_id int, changes with the run that is recorded
    recording    absent, or what the message brings of the recording: {"serials": of all checkpoints
                 in the order of their steps, "sent": [[serial, place in hows] ...], "hows":
                 [{"negative", "learning_rate", "batch_size"} ...]}
    blocks       [{"name", "dtype": "f8" | "f4" | "u2" | "u1", "shape", "offset"}], offset from
                 byte 0

Blocks (F = n_frames; a matrix is augmented, (nv + 1, nh + 1): see rbmviz/core/frame.py):

    scalars      f8 (F, len(SCALARS)); NaN where a number is not known
    weights      f4 (F, nv + 1, nh + 1)
    positive     f4 (F, nv + 1, nh + 1)     E[v h], E[v], E[h] under the data (exact for the batch)
    negative     f4 (F, nv + 1, nh + 1)     the estimated negative phase, or the exact one
    exact        f4 (F, nv + 1, nh + 1)     absent when no frame has it; NaN where one has not
    data         u1 (F, n, nv)              0..255, rows of the batch
    samples      u1 (F, n, nv)              0..255, rows of the negative phase
    states       u1 (F, k, nv)              most probable states; absent when not known
    states_p     f4 (F, k)                  their probabilities; NaN where not known
    rows         u1 (F, 2)                  true rows of data and samples; absent when all are
    past_...     the same of the checkpoints that are sent; in a replay page the matrices are coded,
                 see coding.py: "coding" then stands beside the true shape
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.frame import frame_of, joined
from rbmviz.core.snapshot import Snapshot
from rbmviz.stage.coding import Coded, coded


def encode(
    header: Mapping[str, Any],
    snapshots: Sequence[Snapshot],
    past: Mapping[str, NDArray[Any]] | None = None,
) -> bytes:
    """Pack snapshots of one model size, at least one, behind a header; see the head of this file.

    `header` holds the keys that the snapshots do not imply; past: blocks of the recording.
    """
    first = snapshots[0]
    blocks = joined([frame_of(snapshot) for snapshot in snapshots])
    blocks |= {f"past_{name}": block for name, block in (past or {}).items()}
    full_header = {
        **header,
        "n_visible": first.rbm.n_visible,
        "n_hidden": first.rbm.n_hidden,
        "n_frames": len(snapshots),
        "batch_size": len(first.v_batch),
    }
    return pack(full_header, blocks)


def encode_recording(header: Mapping[str, Any], past: Mapping[str, NDArray[Any]]) -> bytes:
    """Pack the blocks of a recording alone, coded: see coding.py."""
    _, rows, columns = past["weights"].shape
    blocks = {
        f"past_{name}": coded(block) if block.ndim == 3 and block.dtype.kind == "f" else block
        for name, block in past.items()
    }
    shape = {"n_visible": rows - 1, "n_hidden": columns - 1, "n_frames": 0}
    return pack({**header, **shape}, blocks)


def stacked(matrices: Sequence[NDArray[np.float64]]) -> NDArray[Any]:
    """Put matrices of one shape on a new first axis, as float32 in little-endian order."""
    return np.stack(matrices).astype("<f4")


def pack(header: Mapping[str, Any], blocks: Mapping[str, NDArray[Any] | Coded]) -> bytes:
    """Lay the blocks out behind the header, whose length depends on the offsets in it."""
    described: list[dict[str, Any]] = []
    arrays: list[NDArray[Any]] = []
    for name, block in blocks.items():
        array = block.planes if isinstance(block, Coded) else block
        entry = {"name": name, "dtype": array.dtype.str[1:], "shape": block.shape, "offset": 0}
        if isinstance(block, Coded):
            entry["coding"] = block.description
        described.append(entry)
        arrays.append(array)
    length = 0
    while True:  # offsets grow the header at most once or twice
        offset = 8 + length
        for entry, array in zip(described, arrays, strict=True):
            entry["offset"] = offset
            offset += -(-array.nbytes // 8) * 8
        text = json.dumps({**header, "blocks": described}, allow_nan=False).encode()
        needed = -(-len(text) // 8) * 8
        if needed <= length:
            break
        length = needed
    parts = [b"RBM1", struct.pack("<I", length), text.ljust(length)]
    for array in arrays:
        raw = np.ascontiguousarray(array).tobytes()
        parts.append(raw.ljust(-(-len(raw) // 8) * 8, b"\0"))
    return b"".join(parts)
