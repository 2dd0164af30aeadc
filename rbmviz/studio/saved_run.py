"""A run as a file keeps it: its settings from step to step, its last moment and its ledger.

The file is a plain .npz: W, b and c under the names that model files have everywhere, the phases
and samples of the last step, the columns of the ledger, and the settings as JSON. Where the
run was recorded, the arrays of recording_file.py stand beside them: the lab opens such a file too.
Nothing in it is pickled, and whatever is read back is checked.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rbmviz.core.errors import FloatArray, InputError
from rbmviz.core.foreign_model import MAX_FILE_BYTES, rbm_from_npz
from rbmviz.core.negative_phase import NegativePhaseEstimate
from rbmviz.core.phase import PhaseStatistics
from rbmviz.core.rbm import RBM
from rbmviz.core.snapshot import ProbableStates, Snapshot
from rbmviz.run.settings import LabSettings, strict_settings
from rbmviz.studio.record import LedgerPoint
from rbmviz.studio.recording_file import recording_arrays
from rbmviz.studio.runs import KeptRun

FORMAT = 1
_COLUMNS = [spec.name for spec in fields(LedgerPoint)]
_BROKEN = (
    KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
_MAX_POINTS = 10_000  # of the ledger in one file
_MAX_CHANGES = 10_000  # of settings in one file


@dataclass(frozen=True, eq=False)
class SavedRun:
    """What every file about a run is made of."""

    schedule: tuple[tuple[int, LabSettings], ...]  # which settings hold from which step on
    snapshot: Snapshot  # of the last step
    record: Mapping[str, list[float | None]]  # the ledger, as of RunRecord
    kept: KeptRun | None = None  # with its recording, where there is one

    @property
    def settings(self) -> LabSettings:
        """The settings that hold at the end."""
        return self.schedule[-1][1]

    @property
    def title(self) -> str:
        """The data and the size of the model."""
        return f"{self.settings.data.name}, {self.settings.n_hidden} hidden units"

    @property
    def best(self) -> float | None:
        """The best reachable mean log-likelihood, where reaching it is not mere memorising."""
        data = self.settings.data
        return data.best_mean_log_likelihood if data.is_complete else None


def run_to_npz(run: SavedRun) -> bytes:
    """Write a run as a file; the same run gives the same bytes."""
    snapshot = run.snapshot
    rbm = snapshot.rbm
    arrays: dict[str, NDArray[Any]] = {"W": rbm.W, "b": rbm.b, "c": rbm.c}
    phases = {"positive": snapshot.positive, "negative": snapshot.negative.statistics}
    if snapshot.exact_negative is not None:
        phases["exact"] = snapshot.exact_negative
    for name, phase in phases.items():
        arrays |= {f"{name}_{part}": array for part, array in vars(phase).items()}
    arrays |= {"data_rows": snapshot.v_batch, "samples": snapshot.negative.samples}
    if snapshot.probable_states is not None:
        arrays |= {"states": snapshot.probable_states.v, "states_p": snapshot.probable_states.p}
    for name in _COLUMNS:
        arrays[f"ledger_{name}"] = np.array(run.record[name], dtype=np.float64)  # None becomes nan
    told = {
        "format": FORMAT,
        "schedule": [[step, asdict(settings)] for step, settings in run.schedule],
        "step": snapshot.step,
        "mean_log_p_tilde": snapshot.mean_log_p_tilde,
        "log_z": snapshot.log_z,
        "states_complete": bool(snapshot.probable_states and snapshot.probable_states.complete),
    }
    arrays["run"] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    if run.kept is not None:
        arrays |= recording_arrays(run.kept)
    file = BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy's names of its own options
    return file.getvalue()


def run_from_npz(content: bytes) -> SavedRun:
    """Read a file of run_to_npz.

    Raises:
        InputError: too large, broken, no run, or of a newer format.
    """
    rbm = rbm_from_npz(content)  # it checks all sizes before anything is unpacked
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if arrays["run"].dtype != np.uint8:
            raise InputError("The description of the run in the file is no text.")
        told = json.loads(arrays["run"].tobytes())
        if told["format"] != FORMAT:
            raise InputError(
                f"The file has format {str(told['format'])[:20]}; this version reads {FORMAT}. "
                "Write it again with this version."
            )
        return _rebuilt(rbm, arrays, told)
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(
            f"This is no run of rbmviz ({type(error).__name__}: {str(error)[:80]}). Write one with "
            "python -m rbmviz train -o run.npz."
        ) from None


def _rebuilt(rbm: RBM, arrays: Mapping[str, NDArray[Any]], told: Mapping[str, Any]) -> SavedRun:
    schedule = []
    for step, values in told["schedule"][:_MAX_CHANGES]:
        settings = strict_settings(values)
        if schedule and (step < schedule[-1][0] or settings.starts_anew_from(schedule[-1][1])):
            raise InputError("The settings in the file do not follow from one another.")
        schedule.append((int(step), settings))
    shape = (schedule[0][1].data.n_visible, schedule[0][1].n_hidden)
    if schedule[0][0] != 0 or shape != rbm.W.shape:
        raise InputError(f"The settings in the file are for {shape}, W has shape {rbm.W.shape}.")
    states = None
    if "states" in arrays:
        states = ProbableStates(
            _rows(arrays["states"], rbm.n_visible),
            _finite(arrays["states_p"]),
            bool(told["states_complete"]),
        )
    log_z = told["log_z"]
    snapshot = Snapshot(
        step=int(told["step"]),
        rbm=rbm,
        v_batch=_rows(arrays["data_rows"], rbm.n_visible),
        positive=_phase(arrays, "positive", rbm),
        negative=NegativePhaseEstimate(
            _rows(arrays["samples"], rbm.n_visible), computed=_phase(arrays, "negative", rbm)
        ),
        mean_log_p_tilde=float(told["mean_log_p_tilde"]),
        exact_negative=_phase(arrays, "exact", rbm) if "exact_vh" in arrays else None,
        log_z=None if log_z is None else float(log_z),
        probable_states=states,
    )
    record = {}
    for name in _COLUMNS:
        column = arrays[f"ledger_{name}"]
        if column.dtype != np.float64 or column.ndim != 1 or len(column) > _MAX_POINTS:
            raise InputError(
                f"The ledger of the file has a {name} of shape {column.shape} and {column.dtype}; "
                f"it needs at most {_MAX_POINTS:,} numbers in float64."
            )
        record[name] = [value if np.isfinite(value) else None for value in column.tolist()]
    record["step"] = [int(step) for step in arrays["ledger_step"]]
    if len({len(column) for column in record.values()}) != 1:
        raise InputError("The columns of the ledger in the file differ in length.")
    return SavedRun(tuple(schedule), snapshot, record)


def _phase(arrays: Mapping[str, NDArray[Any]], name: str, rbm: RBM) -> PhaseStatistics:
    parts = {part: _finite(arrays[f"{name}_{part}"]) for part in ("vh", "v", "h")}
    for part, like in (("vh", rbm.W), ("v", rbm.b), ("h", rbm.c)):
        if parts[part].shape != like.shape:
            raise InputError(f"{name}_{part} has shape {parts[part].shape}, not {like.shape}.")
    return PhaseStatistics(**parts)


def _rows(array: NDArray[Any], n_visible: int) -> FloatArray:
    rows = _finite(array)
    if rows.ndim != 2 or rows.shape[1] != n_visible:
        raise InputError(
            f"Rows in the file have shape {rows.shape}; they need {n_visible} columns."
        )
    return rows


def _finite(array: NDArray[Any]) -> FloatArray:
    if array.dtype.kind not in "biuf" or 8 * array.size > MAX_FILE_BYTES:
        raise InputError(
            f"An array in the file has shape {array.shape} of {array.dtype}; plain numbers of at "
            f"most {MAX_FILE_BYTES // 2**20} MB in float64 are read."
        )
    found = np.asarray(array, dtype=np.float64)
    if not np.isfinite(found).all():
        raise InputError("A number in the file is not finite.")
    return found
