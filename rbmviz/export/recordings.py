"""Files of a run's whole recording: the lab's own file, and one page that plays it anywhere."""

from rbmviz.core.errors import InputError
from rbmviz.language import _
from rbmviz.stage.replay_page import replay_page
from rbmviz.studio.recording import blocks_of
from rbmviz.studio.recording_file import write_recording
from rbmviz.studio.runs import KeptRun
from rbmviz.studio.saved_run import SavedRun
from rbmviz.studio.stage_header import replay_header


def recording_page(run: KeptRun) -> bytes:
    """Write the page, its title and what it was trained with."""
    checkpoints, settings = run.recording.checkpoints, run.settings
    data = settings.data
    title = _("{data}, {n_visible} × {n_hidden} units").format(
        data=data.name, n_visible=data.n_visible, n_hidden=settings.n_hidden
    )
    subtitle = _(
        "{label}, learning rate {learning_rate:g}, batches of {batch_size}, seed {seed}. "
        "{n_checkpoints} recorded steps, {first:,} to {last:,}."
    ).format(
        label=settings.label,
        learning_rate=settings.learning_rate,
        batch_size=checkpoints[-1].batch_size,
        seed=settings.seed,
        n_checkpoints=len(checkpoints),
        first=checkpoints[0].step,
        last=checkpoints[-1].step,
    )
    return replay_page(
        title, subtitle, replay_header(checkpoints, settings), blocks_of(checkpoints)
    )


def page_of(run: SavedRun) -> bytes:
    """Write the page of a run that was recorded."""
    return recording_page(_kept(run))


def file_of(run: SavedRun) -> bytes:
    """Write the recording of a run as the lab opens it."""
    return write_recording(_kept(run))


def _kept(run: SavedRun) -> KeptRun:
    if run.kept is None:
        raise InputError("The run holds no recording, only its last step. Train it again.")
    return run.kept
