"""A snapshot as a few small arrays: what a screen shows of one moment, and a recording keeps.

A matrix is augmented, (n_visible + 1, n_hidden + 1): [0:n_visible, 0:n_hidden] belongs to W, the
last column to b, the last row to c, the corner is unused. float32 keeps seven digits.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.snapshot import ProbableStates, Snapshot

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
MAX_IMAGES = 16  # rows of the batch and of the samples that are shown

Frame = Mapping[str, NDArray[Any]]
_NAN = float("nan")
_ROWS = ("data", "samples", "states", "states_p")  # their first axis may differ from frame to frame


def frame_of(snapshot: Snapshot) -> Frame:
    """Take from a snapshot what is shown.

    scalars (len(SCALARS),) float64, NaN where a number is not known; weights, positive, negative
    and, where it is known, exact: augmented, float32; data, samples (n <= MAX_IMAGES, n_visible)
    and, where they are known, states (k, n_visible): 0..255; states_p (k,) float32.
    """
    rbm, states = snapshot.rbm, snapshot.probable_states
    frame = {
        "scalars": np.array(_scalars(snapshot), dtype="<f8"),
        "weights": augmented(rbm.W, rbm.b, rbm.c).astype("<f4"),
        "positive": _statistics(snapshot.positive),
        "negative": _statistics(snapshot.negative.statistics),
        "data": _images(snapshot.v_batch[:MAX_IMAGES]),
        "samples": _images(snapshot.negative.samples[:MAX_IMAGES]),
    }
    if snapshot.exact_negative is not None:
        frame["exact"] = _statistics(snapshot.exact_negative)
    return frame if states is None else with_states(frame, states)


def with_states(frame: Frame, states: ProbableStates) -> Frame:
    """Add the most probable states of the same parameters."""
    scalars = frame["scalars"].copy()
    scalars[SCALARS.index("states_complete")] = states.complete
    listed = {"states": _images(states.v), "states_p": states.p.astype("<f4")}
    return {**frame, "scalars": scalars, **listed}


def joined(frames: Sequence[Frame]) -> dict[str, NDArray[Any]]:
    """Put the frames of one model, at least one, on a new first axis.

    What no frame knows is absent; what some do not know is NaN there. Where the number of rows of
    `data` or `samples` changes, missing ones are 0, and `rows` (n_frames, 2) counts the true ones.
    """
    blocks: dict[str, NDArray[Any]] = {}
    for name in ("scalars", "weights", "positive", "negative", "exact", *_ROWS):
        known = [frame[name] for frame in frames if name in frame]
        if not known:
            continue
        shape = known[0].shape
        if name in _ROWS:
            shape = (max(len(rows) for rows in known), *shape[1:])
        kind = known[0].dtype
        out = np.full((len(frames), *shape), _NAN if kind.kind == "f" else 0, dtype=kind)
        for place, frame in zip(out, frames, strict=True):
            if name in frame:
                place[: len(frame[name])] = frame[name]
        blocks[name] = out
    rows = np.array([[len(f["data"]), len(f["samples"])] for f in frames], dtype=np.uint8)
    if (rows != rows[0]).any():
        blocks["rows"] = rows
    return blocks


def separated(blocks: Frame) -> list[Frame]:
    """Undo joined: one frame for each entry of the first axis, views of the blocks."""
    frames: list[Frame] = []
    for k, scalars in enumerate(blocks["scalars"]):
        frame = {name: block[k] for name, block in blocks.items() if name != "rows"}
        if "rows" in blocks:
            n_data, n_samples = blocks["rows"][k]
            frame |= {"data": frame["data"][:n_data], "samples": frame["samples"][:n_samples]}
        if "exact" in frame and np.isnan(frame["exact"]).any():
            del frame["exact"]
        if "states_p" in frame:
            n_states = int(np.isfinite(frame["states_p"]).sum())
            for name in ("states", "states_p"):
                frame[name] = frame[name][:n_states]
                if n_states == 0:
                    del frame[name]
        frames.append({**frame, "scalars": scalars})
    return frames


def _scalars(snapshot: Snapshot) -> list[float]:
    comparison, estimate = snapshot.comparison, snapshot.log_z_estimate
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
        "states_complete": None,  # until with_states
    }
    values = [known[name] for name in SCALARS]
    return [_NAN if value is None else float(value) for value in values]


def augmented(
    matrix: NDArray[np.float64], column: NDArray[np.float64], row: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put b beside and c below a matrix shaped like W: (n_visible + 1, n_hidden + 1).

    >>> augmented(np.ones((1, 2)), np.array([3.0]), np.array([4.0, 5.0]))
    array([[1., 1., 3.],
           [4., 5., 0.]])
    """
    out = np.zeros((len(column) + 1, len(row) + 1))
    out[:-1, :-1], out[:-1, -1], out[-1, :-1] = matrix, column, row
    return out


def _statistics(phase: PhaseStatistics) -> NDArray[Any]:
    return augmented(phase.vh, phase.v, phase.h).astype("<f4")


def _images(rows: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.round(255 * rows).astype(np.uint8)
