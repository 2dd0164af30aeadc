"""One page that plays a run's whole recording anywhere."""

from rbmviz.language import _
from rbmviz.run.recording import blocks_of
from rbmviz.run.run import Run
from rbmviz.stage.replay_page import replay_page
from rbmviz.studio.stage_header import replay_header


def recording_page(run: Run) -> bytes:
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
