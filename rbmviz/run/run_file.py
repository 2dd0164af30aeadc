"""A run as one compact file, and back: see docs/recording-format.md.

A numpy .npz of plain arrays; what is not an array is JSON in one of them. Nothing in it is trusted:
sizes, shapes, ranges and settings are checked before a run is made of it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES
from rbmviz.core.frame import MAX_IMAGES, SCALARS, joined, separated
from rbmviz.core.npz import read_npz
from rbmviz.language import _
from rbmviz.run.curves import MAX_POINTS, CurvePoint, TrainingCurves
from rbmviz.run.kept_runs import MAX_NAME
from rbmviz.run.recording import MAX_CHECKPOINTS, Checkpoint, Recording
from rbmviz.run.run import Run
from rbmviz.run.schedule import Place, Schedule
from rbmviz.run.serial import next_serial
from rbmviz.run.settings import NEEDS_NEW_START, LabSettings, clamp_settings, strict_settings
from rbmviz.run.state_arrays import MAX_STEP, arrays_of, numbers_of, state_from

FORMAT, VERSION = "rbmviz-recording", 1
MAX_RECORDING_BYTES = 24 * 2**20  # packed, and unpacked
_MAX_JSON = 2**20
_MAX_CHANGES = 2000  # of settings on the way
_MAX_ROWS = 10**9  # behind a phase
_MAX_STATES = 64


def write_run(run: Run) -> bytes:
    """Pack a run: parameters, checkpoints, curves, settings over time, and its last state.

    The same run gives the same bytes.
    """
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **_arrays(run))  # type: ignore[arg-type]
    return file.getvalue()


def _arrays(run: Run) -> dict[str, NDArray[Any]]:
    """List the arrays of a run's file."""
    schedule, checkpoints, rbm = run.taken_schedule, run.recording.checkpoints, run.state.rbm
    about = {
        "format": FORMAT,
        "version": VERSION,
        "name": run.name,
        "schedule": _told(schedule),
        "checkpoints": [
            [_entry_of(each, schedule), each.batch_size, each.n_samples] for each in checkpoints
        ],
        "state": numbers_of(run.state),
    }
    arrays = {"W": rbm.W, "b": rbm.b, "c": rbm.c}  # under the names of model files
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    frames = joined([each.frame for each in checkpoints])
    arrays |= {f"frames/{name}": block for name, block in frames.items()}
    columns = run.curves.columns()
    arrays |= {f"ledger/{name}": np.array(column, float) for name, column in columns.items()}
    return arrays | {f"state/{n}": array for n, array in arrays_of(run.state).items()}


def _told(schedule: Schedule) -> list[list[Any]]:
    """List the settings over time; what never changes, such as own rows, stands in the first."""
    first, *later = [[step, asdict(held)] for step, held in schedule.entries]
    rest = [[s, {n: x for n, x in v.items() if n not in NEEDS_NEW_START}] for s, v in later]
    return [first, *rest]


def _entry_of(checkpoint: Checkpoint, schedule: Schedule) -> int:
    """Find the entry of the schedule whose settings a checkpoint shows."""
    reached = [k for k, (step, _) in enumerate(schedule.entries) if step <= checkpoint.step]
    same = [k for k in reached if schedule.entries[k][1] == checkpoint.settings]
    return max(same or reached)


def read_run(content: bytes, *, any_size: bool = False) -> Run:
    """Read what write_run wrote; any_size: within the library's limits, not the lab's.

    Raises:
        InputError: no such file, too large, of a newer version, or something in it does not fit.
    """
    arrays = read_npz(content, MAX_FILE_BYTES if any_size else MAX_RECORDING_BYTES)
    about = _about(arrays)
    schedule = _schedule(about.get("schedule"), any_size)
    settings = schedule.settings
    numbers = about.get("state")
    if not isinstance(numbers, dict):
        raise InputError(_("The recording holds no state to go on from."))
    state = state_from(
        _named(arrays, "state/"), numbers, settings.training_settings(), settings.data.v
    )
    if schedule.entries[-1][0] > state.step:
        raise InputError(_("The recording's settings change beyond its last step."))
    recording = Recording()
    for checkpoint in _checkpoints(arrays, about.get("checkpoints"), schedule, state.step):
        recording.put(checkpoint, newest=True)
    curves = TrainingCurves()
    curves.points = _points(_named(arrays, "ledger/"), state.step)
    name = " ".join(str(about.get("name", "")).split())[:MAX_NAME]
    place = Place(state, len(schedule.entries))
    return Run(schedule, place, curves=curves, recording=recording, name=name or "Recording")


def _named(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}


def _about(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    text = arrays.get("about")
    if text is None or text.dtype != np.uint8 or text.ndim != 1 or text.size > _MAX_JSON:
        raise InputError(_("This .npz file is no recording of rbmviz: it does not say what it is."))
    try:
        about = json.loads(text.tobytes().decode())
    except (ValueError, RecursionError):
        raise InputError(_("The recording's description is broken.")) from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise InputError(_("This .npz file is no recording of rbmviz."))
    if about.get("version") != VERSION:
        raise InputError(
            _(
                "The recording has version {given}; this rbmviz reads version {version}. "
                "Open it with the rbmviz that wrote it."
            ).format(given=str(about.get("version"))[:20], version=VERSION)
        )
    return about


def _schedule(listed: Any, any_size: bool = False) -> Schedule:
    """Check the settings over time."""
    if not isinstance(listed, list) or not 0 < len(listed) <= _MAX_CHANGES:
        raise InputError(
            _("The recording needs 1 to {most} entries of settings.").format(most=_MAX_CHANGES)
        )
    entries: list[tuple[int, LabSettings]] = []
    for entry in listed:
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], dict):
            raise InputError(_("The recording's settings are broken."))
        values = entry[1]
        if entries:
            values = {**{n: getattr(entries[0][1], n) for n in NEEDS_NEW_START}, **values}
        if any_size:
            settings, messages = strict_settings(values), []
        else:
            settings, messages = clamp_settings(values)
        if messages:
            raise InputError(
                _("The recording's settings do not fit this rbmviz: {message}").format(
                    message=messages[0]
                )
            )
        step = _whole(_("step of a change"), entry[0], entries[-1][0] if entries else 0, MAX_STEP)
        if entries and any(
            getattr(settings, n) != getattr(entries[0][1], n) for n in NEEDS_NEW_START
        ):
            raise InputError(_("The recording changes settings that need a new start."))
        entries.append((step, settings))
    if entries[0][0] != 0:
        raise InputError(
            _("The recording's settings begin at step {step}, not at 0.").format(step=entries[0][0])
        )
    return Schedule(tuple(entries))


def _checkpoints(
    arrays: Mapping[str, NDArray[Any]], listed: Any, schedule: Schedule, last_step: int
) -> list[Checkpoint]:
    """Check the frames, and what is listed of each."""
    blocks = _named(arrays, "frames/")
    settings = schedule.settings
    n_visible, n_hidden = settings.data.n_visible, settings.n_hidden
    n = len(listed) if isinstance(listed, list) else 0
    if not 0 < n <= MAX_CHECKPOINTS:
        raise InputError(
            _("The recording has {n} checkpoints; 1 to {most} are read.").format(
                n=n, most=MAX_CHECKPOINTS
            )
        )
    matrix = (n, n_visible + 1, n_hidden + 1)
    n_states = blocks["states"].shape[1] if "states" in blocks and blocks["states"].ndim > 1 else 0
    wanted = {  # dtype, shape with the most rows, whether it must be there and be finite
        "scalars": ("<f8", (n, len(SCALARS)), True),
        "weights": ("<f4", matrix, True),
        "positive": ("<f4", matrix, True),
        "negative": ("<f4", matrix, True),
        "exact": ("<f4", matrix, False),
        "data": ("|u1", (n, MAX_IMAGES, n_visible), True),
        "samples": ("|u1", (n, MAX_IMAGES, n_visible), True),
        "states": ("|u1", (n, min(n_states, _MAX_STATES), n_visible), False),
        "states_p": ("<f4", (n, min(n_states, _MAX_STATES)), False),
        "rows": ("|u1", (n, 2), False),
    }
    for name, (kind, shape, needed) in wanted.items():
        block = blocks.get(name)
        if block is None:
            if needed or (name == "states_p" and "states" in blocks):
                raise InputError(_("The recording's {name} are missing.").format(name=name))
            continue
        given = block.shape
        if name in ("data", "samples") and len(given) == 3:
            given = (given[0], max(given[1], MAX_IMAGES), given[2])
        if block.dtype.str != kind or given != shape:
            raise InputError(
                _(
                    "The recording's {name} are {found} of shape {found_shape}; its "
                    "settings ask for "
                    "{kind} of shape {shape}."
                ).format(
                    name=name,
                    found=block.dtype.str,
                    found_shape=block.shape,
                    kind=kind,
                    shape=shape,
                )
            )
        if name in ("weights", "positive", "negative") and not np.isfinite(block).all():
            raise InputError(
                _("The recording's {name} hold values that are not finite.").format(name=name)
            )
    return _made(blocks, listed, schedule, last_step)


def _made(
    blocks: dict[str, NDArray[Any]], listed: list[Any], schedule: Schedule, last_step: int
) -> list[Checkpoint]:
    scalars = blocks["scalars"]
    steps = scalars[:, 0]
    if not np.isfinite(scalars[:, :2]).all() or np.isinf(scalars).any():
        raise InputError(_("The recording's numbers are not finite."))
    rising = (np.diff(steps) > 0).all() and steps[0] >= 0 and steps[-1] <= last_step
    if not rising or (steps != np.rint(steps)).any():
        raise InputError(
            _("The recording's steps must rise, from 0 to {last_step:,} at most.").format(
                last_step=last_step
            )
        )
    if "rows" in blocks:
        most = [blocks["data"].shape[1], blocks["samples"].shape[1]]
        if (blocks["rows"] > most).any():
            raise InputError(_("The recording counts more rows than it holds."))
    checkpoints = []
    for frame, entry in zip(separated(blocks), listed, strict=True):
        if not isinstance(entry, list) or len(entry) != 3:
            raise InputError(_("The recording's list of checkpoints is broken."))
        place = _whole(_("settings of a checkpoint"), entry[0], 0, len(schedule.entries) - 1)
        n_batch = _whole(_("batch size"), entry[1], 0, _MAX_ROWS)
        n_samples = _whole(_("number of samples"), entry[2], 0, _MAX_ROWS)
        held = schedule.entries[place][1]
        step = int(frame["scalars"][0])
        checkpoints.append(Checkpoint(next_serial(), step, held, n_batch, n_samples, frame))
    return checkpoints


def _points(columns: Mapping[str, NDArray[Any]], last_step: int) -> list[CurvePoint]:
    """Check the ledger."""
    names = [spec.name for spec in fields(CurvePoint)]
    steps = columns.get("step")
    n = steps.size if steps is not None else 0
    for name in names:
        column = columns.get(name)
        if column is None or column.dtype.str != "<f8" or column.shape != (n,) or n > MAX_POINTS:
            raise InputError(
                _("The recording's ledger has no {name} of up to {most} numbers.").format(
                    name=name, most=MAX_POINTS
                )
            )
        if np.isinf(column).any():
            raise InputError(
                _("The recording's ledger holds a {name} that is not finite.").format(name=name)
            )
    table = np.array([columns[name] for name in names])
    known = np.isfinite(table[:2]).all()
    if not known or (np.diff(table[0]) <= 0).any() or (n and not 0 <= table[0, -1] <= last_step):
        raise InputError(_("The recording's ledger is out of order."))
    points = []
    for row in table.T:
        values = {k: None if np.isnan(v) else float(v) for k, v in zip(names, row, strict=True)}
        points.append(CurvePoint(**{**values, "step": int(row[0])}))  # type: ignore[arg-type]
    return points


def _whole(what: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(
            _("The recording's {what} is {value}, not {low} to {high}.").format(
                what=what, value=str(value)[:30], low=low, high=high
            )
        )
    return value
