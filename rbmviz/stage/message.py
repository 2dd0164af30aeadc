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
                 "persistent_contrastive_divergence" | "exact"}
    learning_rate, best_mean_log_likelihood (null when not known)
    notice       {"kind": "info" | "warning", "text": str} or null
    exact        {"every": 1 | 0 | -1, "reason": str}: the exact phase comes by itself, on request,
                 or never
    blocks       [{"name", "dtype": "f8" | "f4" | "u1", "shape", "offset"}], offset from byte 0

Blocks (F = n_frames; a matrix is augmented, (nv + 1, nh + 1): [0:nv, 0:nh] belongs to W, the
last column to b, the last row to c, the corner is unused):

    scalars      f8 (F, len(SCALARS)); NaN where a number is not known
    weights      f4 (F, nv + 1, nh + 1)
    positive     f4 (F, nv + 1, nh + 1)     E[v h], E[v], E[h] under the data (exact for the batch)
    negative     f4 (F, nv + 1, nh + 1)     the estimated negative phase, or the exact one
    exact        f4 (F, nv + 1, nh + 1)     absent when no frame has it; NaN where one has not
    data         u1 (F, n, nv)              0..255, rows of the batch
    samples      u1 (F, n, nv)              0..255, rows of the negative phase
    states       u1 (F, k, nv)              most probable states; absent when not known
    states_p     f4 (F, k)                  their probabilities; NaN where not known
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.snapshot import Snapshot

SCALARS = (
    "step",
    "mean_log_p_tilde",
    "log_z",  # exact
    "log_z_estimate",
    "log_z_low",
    "log_z_high",
    "mean_log_likelihood",  # mean_log_p_tilde - log_z, exact
    "error_norm",  # ||estimated - exact negative phase||
    "gradient_norm",  # ||positive - negative||
    "exact_gradient_norm",  # ||positive - exact negative||
    "angle",  # degrees between the two gradients
    "norm_ratio",  # gradient_norm / exact_gradient_norm
    "states_complete",  # 1: among all states, 0: among the states seen
)

MAX_IMAGES = 16  # rows of the batch and of the samples that are sent for each frame
_NAN = float("nan")


def encode(header: Mapping[str, Any], snapshots: Sequence[Snapshot]) -> bytes:
    """Pack snapshots of one model size, at least one, behind a header; see the head of this file.

    `header` holds the keys that the snapshots do not imply.
    """
    first = snapshots[0]
    blocks: dict[str, NDArray[Any]] = {
        "scalars": np.array([_scalars(s) for s in snapshots], dtype="<f8"),
        "weights": _stack([_augmented(s.rbm.W, s.rbm.b, s.rbm.c) for s in snapshots]),
        "positive": _stack([_statistics(s.positive) for s in snapshots]),
        "negative": _stack([_statistics(s.negative.statistics) for s in snapshots]),
        "data": _images([s.v_batch for s in snapshots]),
        "samples": _images([s.negative.samples for s in snapshots]),
    }
    if any(s.exact_negative is not None for s in snapshots):
        unknown = np.full(blocks["weights"].shape[1:], _NAN)
        blocks["exact"] = _stack(
            [_statistics(s.exact_negative) if s.exact_negative else unknown for s in snapshots]
        )
    if any(s.probable_states is not None for s in snapshots):
        blocks["states"], blocks["states_p"] = _states(snapshots)
    full_header = {
        **header,
        "n_visible": first.rbm.n_visible,
        "n_hidden": first.rbm.n_hidden,
        "n_frames": len(snapshots),
        "batch_size": len(first.v_batch),
    }
    return _pack(full_header, blocks)


def _pack(header: Mapping[str, Any], blocks: Mapping[str, NDArray[Any]]) -> bytes:
    """Lay the blocks out behind the header, whose length depends on the offsets in it."""
    described = [
        {"name": name, "dtype": block.dtype.str[1:], "shape": block.shape, "offset": 0}
        for name, block in blocks.items()
    ]
    length = 0
    while True:  # offsets grow the header at most once or twice
        offset = 8 + length
        for entry, block in zip(described, blocks.values(), strict=True):
            entry["offset"] = offset
            offset += -(-block.nbytes // 8) * 8
        text = json.dumps({**header, "blocks": described}, allow_nan=False).encode()
        needed = -(-len(text) // 8) * 8
        if needed <= length:
            break
        length = needed
    parts = [b"RBM1", struct.pack("<I", length), text.ljust(length)]
    for block in blocks.values():
        raw = np.ascontiguousarray(block).tobytes()
        parts.append(raw.ljust(-(-len(raw) // 8) * 8, b"\0"))
    return b"".join(parts)


def _scalars(snapshot: Snapshot) -> list[float]:
    comparison, estimate = snapshot.comparison, snapshot.log_z_estimate
    states = snapshot.probable_states
    known: dict[str, float | None] = {
        "step": snapshot.step,
        "mean_log_p_tilde": snapshot.mean_log_p_tilde,
        "log_z": snapshot.log_z,
        "log_z_estimate": estimate.log_z if estimate else None,
        "log_z_low": estimate.low if estimate else None,
        "log_z_high": estimate.high if estimate else None,
        "mean_log_likelihood": snapshot.mean_log_likelihood,
        "error_norm": comparison.error_norm if comparison else None,
        "gradient_norm": comparison.gradient_norm if comparison else None,
        "exact_gradient_norm": comparison.exact_gradient_norm if comparison else None,
        "angle": comparison.angle if comparison else None,
        "norm_ratio": comparison.norm_ratio if comparison else None,
        "states_complete": float(states.complete) if states else None,
    }
    values = [known[name] for name in SCALARS]
    return [_NAN if value is None else float(value) for value in values]


def _augmented(
    matrix: NDArray[np.float64], column: NDArray[np.float64], row: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put b beside and c below a matrix shaped like W: (n_visible + 1, n_hidden + 1)."""
    out = np.zeros((len(column) + 1, len(row) + 1))
    out[:-1, :-1], out[:-1, -1], out[-1, :-1] = matrix, column, row
    return out


def _statistics(phase: PhaseStatistics) -> NDArray[np.float64]:
    return _augmented(phase.vh, phase.v, phase.h)


def _stack(matrices: Sequence[NDArray[np.float64]]) -> NDArray[Any]:
    return np.stack(matrices).astype("<f4")


def _images(rows: Sequence[NDArray[np.float64]]) -> NDArray[np.uint8]:
    n = min(MAX_IMAGES, min(len(r) for r in rows))
    return np.stack([np.round(255 * r[:n]).astype(np.uint8) for r in rows])


def _states(snapshots: Sequence[Snapshot]) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    k = max(len(s.probable_states.p) for s in snapshots if s.probable_states)
    v = np.zeros((len(snapshots), k, snapshots[0].rbm.n_visible), dtype=np.uint8)
    p = np.full((len(snapshots), k), _NAN, dtype="<f4")
    for f, snapshot in enumerate(snapshots):
        if snapshot.probable_states is not None:
            n = len(snapshot.probable_states.p)
            v[f, :n] = np.round(255 * snapshot.probable_states.v)
            p[f, :n] = snapshot.probable_states.p
    return v, p
