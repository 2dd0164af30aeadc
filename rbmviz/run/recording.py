"""The recording of a run as it trains: checkpoints to look back at, and states to go on from.

Both are thinned evenly as the run grows. A checkpoint is one frame of core/frame.py: 22 kB for
64 x 16 units, 4.4 MB for 200 of them. The largest model of the lab, 64 x 64, takes 73 kB a
checkpoint: at most 115 of them fit in MAX_FRAME_BYTES. A state takes from 5 kB to 0.6 MB; where 200
do not fit in MAX_STATE_BYTES fewer are kept, and training goes on from the last one before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from rbmviz.core.errors import FloatArray
from rbmviz.core.frame import Frame, frame_of, joined, with_states
from rbmviz.core.rbm import RBM
from rbmviz.core.snapshot import Snapshot, most_probable_states
from rbmviz.run.exact_cost import ExactCost
from rbmviz.run.moment import N_STATES, Moment
from rbmviz.run.schedule import Place
from rbmviz.run.serial import next_serial
from rbmviz.run.settings import LabSettings
from rbmviz.run.state_arrays import arrays_of
from rbmviz.run.thinning import Thinning

MAX_CHECKPOINTS = 200
MAX_FRAME_BYTES = MAX_STATE_BYTES = 8 * 2**20  # of one recording
MAX_SENT_BYTES = 2**20  # of checkpoints in one message to the stage
LISTING_SECONDS = 0.15  # of work on the states of checkpoints in one message
_OBJECT_BYTES = 1500  # of a checkpoint beside its arrays


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """One moment as it is shown, with the settings that held.

    To list the most probable states takes longer than all else in a frame, and most checkpoints of
    a run give way to later ones before anybody looks back: they are listed when the frame is read.
    """

    serial: int  # rises: a viewer that has one has all that are kept and lower
    step: int
    settings: LabSettings
    batch_size: int  # rows behind the positive phase
    n_samples: int  # rows behind the negative phase
    noted: Frame  # as it was described while the run went on
    unlisted: RBM | None = None  # the model, when its states are still to be listed

    @cached_property
    def frame(self) -> Frame:
        """What is shown, with the most probable states of this step."""
        if self.unlisted is None:
            return self.noted
        return with_states(self.noted, most_probable_states(self.unlisted, N_STATES))

    @property
    def seconds(self) -> float:
        """The estimated CPU seconds until the frame can be read."""
        rbm = self.unlisted
        if rbm is None or "frame" in vars(self):
            return 0.0
        return ExactCost(rbm.n_visible, rbm.n_hidden).states_seconds

    @classmethod
    def of(cls, snapshot: Snapshot, settings: LabSettings) -> "Checkpoint":
        """Take from a snapshot what is kept."""
        return cls(
            next_serial(),
            snapshot.step,
            settings,
            len(snapshot.v_batch),
            len(snapshot.negative.samples),
            frame_of(snapshot),
            snapshot.rbm if snapshot.probable_states is None and _lists_later(snapshot) else None,
        )


@dataclass(frozen=True, eq=False)
class Excerpt:
    """What of a recording goes to a viewer that has a part of it."""

    serials: tuple[int, ...]  # of all checkpoints, in the order of their steps
    steps: tuple[int, ...]
    sent: tuple[Checkpoint, ...]

    @property
    def blocks(self) -> dict[str, NDArray[Any]]:
        """The frames of the checkpoints that are sent."""
        return joined([checkpoint.frame for checkpoint in self.sent]) if self.sent else {}


class Recording:
    """The checkpoints of one run. Not safe for threads: the lab locks."""

    def __init__(self) -> None:
        self.id = next_serial()
        self._frames: Thinning[Checkpoint] = Thinning(MAX_CHECKPOINTS, MAX_FRAME_BYTES)
        self._places: Thinning[Place] = Thinning(MAX_CHECKPOINTS, MAX_STATE_BYTES)

    @property
    def checkpoints(self) -> list[Checkpoint]:
        """What is kept, in the order of the steps."""
        return self._frames.things

    @property
    def n_bytes(self) -> int:
        """How much is kept, frames and states."""
        return self._frames.n_bytes + self._places.n_bytes

    def note(
        self,
        moment: Moment,
        settings: LabSettings,
        distinct_rows: FloatArray,
        n_taken: int,
        *,
        newest: bool = False,
    ) -> None:
        """Keep a moment when its step is due; the newest, which stays on the screen, always.

        A checkpoint has its own most probable states, though the frame that was sent may lack them.

        distinct_rows: of the data, among the candidates where not all states can be listed.
        n_taken: entries of the schedule that were taken.
        """
        step = moment.state.step
        if newest or self._frames.takes(step, _worth(moment.snapshot)):
            snapshot = moment.for_recording(distinct_rows).snapshot
            self.put(Checkpoint.of(snapshot, settings), _worth(snapshot), newest=newest)
        if self._places.takes(step, 0):
            place = Place(moment.state, n_taken)
            n_bytes = sum(array.nbytes for array in arrays_of(place.state).values())
            self._places.put(step, place, worth=0, n_bytes=n_bytes + _OBJECT_BYTES)

    def put(self, checkpoint: Checkpoint, worth: int = 0, *, newest: bool = False) -> None:
        """Keep a checkpoint behind those before it."""
        n_bytes = sum(array.nbytes for array in checkpoint.noted.values()) + _OBJECT_BYTES
        if (rbm := checkpoint.unlisted) is not None:
            n_bytes += rbm.W.nbytes + rbm.b.nbytes + rbm.c.nbytes + N_STATES * (rbm.n_visible + 4)
        self._frames.put(checkpoint.step, checkpoint, worth=worth, n_bytes=n_bytes, newest=newest)

    def forget_after(self, step: int) -> None:
        """Drop what lies beyond a step: the run went back there."""
        self._frames.forget_after(step)
        self._places.forget_after(step)

    def place_before(self, step: int) -> Place | None:
        """Give the last state up to a step that training can go on from."""
        return self._places.at_or_before(step)

    def excerpt(self, after: int) -> Excerpt:
        """Give what a viewer lacks that has all up to a serial number, a message full of it."""
        kept = self._frames.kept
        new = sorted((k for k in kept if k.thing.serial > after), key=lambda k: k.thing.serial)
        sent, n_bytes, seconds = [], 0, 0.0
        for each in new:
            n_bytes += each.n_bytes
            seconds += each.thing.seconds
            if sent and (n_bytes > MAX_SENT_BYTES or seconds > LISTING_SECONDS):
                break
            sent.append(each.thing)
        return Excerpt(
            tuple(k.thing.serial for k in kept), tuple(k.step for k in kept), tuple(sent)
        )

    def copy(self, until: int | None = None) -> "Recording":
        """Copy the frames, which nobody changes, up to a step; the states are left out."""
        other = Recording()
        other._frames.kept, other._frames.stride = list(self._frames.kept), self._frames.stride
        if until is not None:
            other.forget_after(until)
        return other


def blocks_of(checkpoints: Sequence[Checkpoint]) -> Mapping[str, NDArray[Any]]:
    """Put the frames of checkpoints, at least one, on a first axis."""
    return joined([checkpoint.frame for checkpoint in checkpoints])


def _worth(snapshot: Snapshot) -> int:
    """Prefer the moments of which most is known."""
    has_states = snapshot.probable_states is not None or _lists_later(snapshot)
    known = (snapshot.log_z is not None, snapshot.log_z_estimate is not None, has_states)
    return sum(weight for weight, part in zip((4, 2, 1), known, strict=True) if part)


def _lists_later(snapshot: Snapshot) -> bool:
    return ExactCost(snapshot.rbm.n_visible, snapshot.rbm.n_hidden).states_later
