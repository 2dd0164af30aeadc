"""The place beside run A: empty, or held by a run B that is led to A's steps."""

from rbmviz.language import _
from rbmviz.run.difference import Difference
from rbmviz.run.pace import MAX_UPDATES, Pace
from rbmviz.run.player import Notice
from rbmviz.run.settings import LabSettings
from rbmviz.studio.rival import Rival, SideBySide, Trunk
from rbmviz.studio.track import Track

PLAYING_SECONDS = 0.03  # of run B's training in one answer while playing
STILL_SECONDS = 0.5  # of bringing run B to a step that stays on the screen


class Companion:
    """Hold run B or nothing. Not safe for threads: the engine locks."""

    def __init__(self) -> None:
        self.rival: Rival | None = None

    @property
    def difference(self) -> Difference | None:
        """What run B does differently; None without one."""
        return self.rival.difference if self.rival else None

    def choose(self, difference: Difference | None, track: Track) -> Notice | None:
        """Start run B from step 0 of run A, or let it go."""
        self.rival = None
        if difference is None:
            return None
        trunk = _trunk(track, difference.from_step)
        self.rival = Rival(difference, track.schedule, trunk)
        fork = difference.from_step
        if fork:
            begins = self.rival.step
            if track.step < fork:
                how = _("Until then both runs are identical.")
            elif begins:
                how = _("It goes on from the state that was kept at step {begins:,}.").format(
                    begins=begins
                )
            else:
                how = _("No state before was kept: it is trained again from step 0, bit for bit.")
            return Notice(
                "info", _("Run B leaves run A at step {step:,}. {how}").format(step=fork, how=how)
            )
        if track.step == 0:
            return None
        return Notice(
            "info",
            _(
                "Run B starts from the same step 0 and catches up with run A at step {step:,}."
            ).format(step=track.step),
        )

    def start_anew(self, track: Track) -> None:
        """Start run B again, as run A was."""
        self.choose(self.difference, track)

    def follow(self, track: Track) -> None:
        """Take what happened to the settings of run A."""
        if self.rival:
            self.rival.follow(track.schedule)

    def lag(self, step: int) -> tuple[int, int] | None:
        """Give the steps of B and A when B has still to come to A's step."""
        return (self.rival.step, step) if self.rival and self.rival.lags(step) else None

    def lead(self, track: Track, *, playing: bool, seconds: float | None = None) -> Notice | None:
        """Bring B to the step of A, within a time; say so when it diverges on the way."""
        rival = self.rival
        if rival is None:
            return None
        # Run A may have come to the fork since B was chosen, as it does on the way of a link
        trunk = None if playing else _trunk(track, rival.difference.from_step, after=rival.step)
        if trunk:
            rival.go_on_from(trunk)
        well = not rival.diverged
        if seconds is None:
            seconds = PLAYING_SECONDS if playing else STILL_SECONDS
        rival.bring_to(track.step, seconds, still=not playing)
        if not (well and rival.diverged):
            return None
        return Notice(
            "warning", _("Run B diverged and was stopped. {error}").format(error=rival.diverged)
        )

    def most_updates(
        self, pace: Pace, speed: int, budget: float, n_frames: int, track: Track
    ) -> int:
        """How many updates a frame of A may make, so that B keeps up with a whole answer.

        While B is far behind and catches up, A makes at least half of its updates.
        """
        rival = self.rival
        if rival is None or rival.diverged:
            return MAX_UPDATES
        both = budget + PLAYING_SECONDS
        if track.recent and rival.lags(track.recent[0].step):
            least = pace.updates_of_a_frame(speed, budget, 0.0, n_frames) // 2
            return max(pace.most_beside(rival.seconds_an_update, both / 4, n_frames), least)
        return pace.most_beside(rival.seconds_an_update, both, n_frames)

    def side_by_side(self, track: Track, settings: LabSettings) -> SideBySide | None:
        """Describe both runs where they stand; None without a run B."""
        if self.rival is None:
            return None
        moment, exact = track.moment, self.rival.by_itself
        track.replace_moment(moment.with_exact() if exact else moment.with_estimate())
        return self.rival.beside(track.moment, track.record, settings)


def _trunk(track: Track, fork: int, after: int = -1) -> Trunk | None:
    """Give the part of run A's way up to the last state that was kept before a fork.

    after: None as well when that state is of this step or an earlier one.
    """
    place = track.recording.place_before(min(fork, track.step)) if fork else None
    if place is None or place.state.step <= after:
        return None
    step = place.state.step
    return Trunk(place, track.record.until(step), track.recording.copy(step))
