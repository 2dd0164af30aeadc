"""Run A as the engine holds it: where it stands, the frames that were sent, and its record."""

from collections import deque
from time import perf_counter

import numpy as np

from rbmviz.core.snapshot import Snapshot
from rbmviz.core.training import TrainingState, start
from rbmviz.run.settings import LabSettings
from rbmviz.studio.exact_cost import ExactCost
from rbmviz.studio.follower import Follower, LogZReport, report
from rbmviz.studio.moment import Moment
from rbmviz.studio.record import LedgerPoint, RunRecord
from rbmviz.studio.recording import Recording
from rbmviz.studio.runs import KeptRun
from rbmviz.studio.schedule import Place, Schedule

ESTIMATE_EVERY_SECONDS = 1.0  # of annealed importance sampling while playing
PASSED_WITHOUT_ESTIMATE = 2  # points between two estimates on the way to a step that is asked for
KEPT_FRAMES = 40  # more than the browser can have in its queue


class Track:
    """Keep one run from its start. Not safe for threads: the engine locks."""

    def __init__(self, settings: LabSettings, run: KeptRun | None = None) -> None:
        """Start at step 0, or go on with a run that was kept."""
        state = run.place.state if run else start(settings.training_settings(), settings.data.v)
        self.moment = Moment.at(state)
        self.record = run.record.until(run.step) if run else RunRecord()
        self.recording = run.recording.copy() if run else Recording()
        self.schedule = run.taken_schedule if run else Schedule(((0, settings),))
        self.recent: deque[TrainingState] = deque(maxlen=KEPT_FRAMES)  # what else is known follows
        self._followers: deque[Follower] = deque(maxlen=KEPT_FRAMES)  # of the same frames
        self.follower = Follower.at(state)
        self._distinct_rows = np.unique(state.v_data, axis=0)
        self._estimated_at = -np.inf
        # A run that starts while playing is never asked about step 0: its curves begin there too
        exact = self.exact.by_itself
        self.complete(exact=exact, states=True, estimate=not exact)

    def kept(self, *, asked: bool) -> KeptRun:
        """Copy the run as it stands."""
        place = Place(self.moment.state, len(self.schedule.entries))
        record, recording = self.record.until(self.step), self.recording.copy()
        return KeptRun(place, self.schedule, record, recording, asked=asked)

    @property
    def step(self) -> int:
        """The step at which the run stands."""
        return self.moment.state.step

    @property
    def exact(self) -> ExactCost:
        """How often the exact phase of this model can be had."""
        rbm = self.moment.state.rbm
        return ExactCost(rbm.n_visible, rbm.n_hidden)

    def stand_at(self, state: TrainingState) -> None:
        """Move to a state and describe it, without enumeration.

        Raises:
            DivergedError: the run has not moved.
        """
        self.moment = Moment.at(state)
        self.follower = self.follower.moved_to(state)

    def go_back_to(self, step: int) -> None:
        """Stand at the frame of this step, if it is still kept; forget what came after."""
        for state in reversed(self.recent):
            if state.step == step:
                if state is not self.moment.state:
                    self.moment = Moment.at(state)
                kept = [f for f in self._followers if f.step == step]
                self.follower = kept[-1] if kept else Follower.at(state)
                self.record.forget_after(step)
                self.recording.forget_after(step)
                break

    def note(self, settings: LabSettings) -> None:
        """Note that these settings hold from here on."""
        self.schedule = self.schedule.changed(self.step, settings)

    def playing_frame(self, *, first: bool, last: bool) -> Snapshot:
        """Complete a moment of an answer with what its frame can afford."""
        every = self.exact.every
        exact = every == "frame" or (every == "answer" and first)
        states = last or self.exact.states_every_frame or (exact and self.exact.states_seconds == 0)
        late = perf_counter() - self._estimated_at > ESTIMATE_EVERY_SECONDS
        return self.complete(exact=exact, states=states, estimate=first and late)

    def still_frame(self, *, exact: bool) -> Snapshot:
        """Complete a moment that stays on the screen; exact: also where it takes a while."""
        exact = exact or self.exact.by_itself
        return self.complete(exact=exact, states=True, estimate=True, still=True)

    def passing_frame(self) -> Snapshot:
        """Complete a moment on the way to a step that is asked for, now and then with an estimate.

        Without one the curve of the estimates would have nothing between the ends of the way.
        """
        estimate = self.record.n_after_estimate >= PASSED_WITHOUT_ESTIMATE
        return self.complete(exact=self.exact.by_itself, states=True, estimate=estimate)

    def complete(
        self, *, exact: bool, states: bool, estimate: bool, still: bool = False
    ) -> Snapshot:
        """Add to the moment what is asked for, keep it as a frame, and record it.

        still: it stays on the screen, and is the newest of the recording.
        """
        before = moment = self.moment
        if exact:
            moment = moment.with_exact()
        if estimate and moment.snapshot.log_z_estimate is None:
            moment = moment.with_estimate()
            self._estimated_at = perf_counter()
        if states:
            moment = moment.with_states(self._distinct_rows)
        if not self.recent or self.recent[-1] is not before.state:
            self.recent.append(moment.state)
        self.replace_moment(moment, still=still)
        if self._followers and self._followers[-1].step == self.step:
            self._followers.pop()
        self._followers.append(self.follower)
        return moment.snapshot

    def replace_moment(self, moment: Moment, *, still: bool = False) -> None:
        """Know more about the same moment."""
        self.moment = moment
        tracked = self.follower.tracked.log_z  # as it stood before an anchor: the curve shows it
        self.record.add(LedgerPoint.of(moment.snapshot, tracked))
        entries = self.schedule.entries
        rows, settings = self._distinct_rows, entries[-1][1]
        self.recording.note(moment, settings, rows, len(entries), newest=still)
        if moment.snapshot.log_z is not None:
            self.follower = self.follower.put_on(moment.snapshot.log_z)

    def log_z_report(self) -> LogZReport:
        """Describe the tracked log Z beside what else is known of it."""
        snapshot = self.moment.snapshot
        estimate = snapshot.log_z_estimate.log_z if snapshot.log_z_estimate else None
        return report(self.follower, self._distinct_rows, snapshot.log_z, estimate)
