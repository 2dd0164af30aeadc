"""All visible states of a model, frame by frame: the Python side of js/states.js.

The message has the layout of message.py. Beside the keys seq, ack, client, run, playing, notice and
image_shape, which mean the same there, its header has

    n_visible, n_frames
    negative     {"label": "CD-1", "exact": bool}
    learning_rate
    verdicts     [str], one for each frame

and these blocks (F = n_frames, N = 2**n_visible states in the order of their numbers):

    scalars      f8 (F, len(STATE_SCALARS))
    log_p        f4 (F, N)    log p(v), exact, nats
    frequency    f4 (F, N)    share of the negative phase's rows, estimated; NaN where it has none
    change       f4 (F, N)    of log p~(v) by the next update, exact, nats
    modes        u1 (F, N)    1: local mode, 2: spurious mode, 0: neither
    data         f4 (N,)      share of the data
    grid         u2 (R, C)    numbers of the states; neighbours differ in one unit
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import FloatArray
from rbmviz.core.state_snapshot import StatesSnapshot
from rbmviz.core.state_space import gray_layout
from rbmviz.stage.message import pack, stacked

STATE_SCALARS = (
    "step",
    "log_z",
    "change_of_log_z",  # by the next update
    "mean_log_likelihood",
    "mass_outside",  # the model's probability of states without data
    "n_samples",  # rows behind frequency
)


def encode_states(header: Mapping[str, Any], frames: Sequence[StatesSnapshot]) -> bytes:
    """Pack frames of one model, at least one, behind a header with the keys they do not imply."""
    n_visible = frames[0].p_data.size.bit_length() - 1
    blocks: dict[str, NDArray[Any]] = {
        "scalars": np.array([_scalars(frame) for frame in frames], dtype="<f8"),
        "log_p": stacked([frame.log_p for frame in frames]),
        "frequency": stacked([_frequency(frame) for frame in frames]),
        "change": stacked([frame.change for frame in frames]),
        "modes": np.stack([_modes(frame) for frame in frames]),
        "data": frames[0].p_data.astype("<f4"),
        "grid": gray_layout(n_visible).astype("<u2"),
    }
    return pack({**header, "n_visible": n_visible, "n_frames": len(frames)}, blocks)


def _scalars(frame: StatesSnapshot) -> list[float]:
    known = {**vars(frame), "mean_log_likelihood": frame.mean_log_likelihood}
    known["mass_outside"] = frame.spurious.mass_outside
    return [float(known[name]) for name in STATE_SCALARS]


def _frequency(frame: StatesSnapshot) -> FloatArray:
    if frame.frequency is None:
        return np.full(frame.p_data.size, np.nan)
    return frame.frequency


def _modes(frame: StatesSnapshot) -> NDArray[np.uint8]:
    marks = np.zeros(frame.p_data.size, dtype=np.uint8)
    marks[frame.spurious.modes] = 1
    marks[frame.spurious.states] = 2
    return marks
