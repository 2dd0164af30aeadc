"""A run's file of either kind: what train wrote, or a recording that the lab saved."""

import zipfile
from dataclasses import replace
from io import BytesIO

from rbmviz.studio.recording_file import read_recording
from rbmviz.studio.runs import KeptRun
from rbmviz.studio.saved_run import SavedRun, run_from_npz
from rbmviz.studio.track import Track


def read_run(content: bytes, *, recorded: bool) -> SavedRun:
    """Read a run; recorded: with its checkpoints.

    Raises:
        InputError: no run, broken, too large, or without the checkpoints that are asked for.
        DivergedError: the run of a recording ends at once.
    """
    if _is_recording(content):
        return run_of_recording(read_recording(content, any_size=True))
    run = run_from_npz(content)
    return replace(run, kept=read_recording(content, any_size=True)) if recorded else run


def run_of_recording(kept: KeptRun) -> SavedRun:
    """Take from a recording what files about a run are made of, at its last step."""
    track = Track(kept.settings, kept)
    snapshot = track.still_frame(exact=False)
    # The ledger as it was recorded: the track's particles begin here and know less
    record = kept.record if kept.record.points else track.record
    return SavedRun(kept.taken_schedule.entries, snapshot, record.columns(), kept)


def _is_recording(content: bytes) -> bool:
    """Say whether it holds a recording and nothing else; the readers judge what is no zip."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return "about.npy" in names and "run.npy" not in names
