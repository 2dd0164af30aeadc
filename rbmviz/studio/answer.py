"""What the engine hands to the page: frames, and a sentence for the person at the screen."""

from dataclasses import dataclass

from rbmviz.core.snapshot import Snapshot
from rbmviz.run.settings import LabSettings
from rbmviz.studio.recording import Excerpt


@dataclass(frozen=True)
class Notice:
    """A sentence for the person at the screen."""

    kind: str  # "info" or "warning"
    text: str


@dataclass(frozen=True, eq=False)
class Answer:
    """A batch of frames, with what the stage has to know to play it."""

    seq: int  # grows with every answer, over restarts too: the stage shows the newest
    ack: int  # the last command of `client` that was carried out
    client: str
    run: int  # changes when frames sent before are outdated
    playing: bool
    notice: Notice | None
    settings: LabSettings
    snapshots: tuple[Snapshot, ...]
    recording_id: int = 0  # of the run that is recorded
    recorded: Excerpt | None = None  # of the recording, when the stage asked for it
