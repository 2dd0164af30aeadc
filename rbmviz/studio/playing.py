"""The two ways of going on in an answer: frames within a budget, or a stated number of updates."""

from rbmviz.core.errors import DivergedError
from rbmviz.core.snapshot import Snapshot
from rbmviz.core.training import train
from rbmviz.studio.moment import bursts
from rbmviz.studio.pace import Pace, work_clock
from rbmviz.studio.track import Track


def play(
    track: Track,
    pace: Pace,
    *,
    speed: int,
    most: int,
    budget: float,
    n_frames: int,
) -> tuple[list[Snapshot], DivergedError | None]:
    """Train within the budget and describe up to n_frames moments on the way.

    most: updates of a frame. Returns the error when the run diverges; it stands before that.
    """
    begun = work_clock()
    snapshots: list[Snapshot] = []
    while len(snapshots) < n_frames:
        elapsed = work_clock() - begun
        if snapshots and elapsed > budget:
            break
        n_left = n_frames - len(snapshots)
        n_updates = min(pace.updates_of_a_frame(speed, budget, elapsed, n_left), most)
        trained = work_clock()
        try:
            track.stand_at(train(track.moment.following, n_updates - 1))
        except DivergedError as error:
            return snapshots, error
        described = work_clock()
        last = n_left == 1 or described - begun > budget
        snapshots.append(track.playing_frame(first=not snapshots, last=last))
        pace.learn(
            n_updates=n_updates,
            updates=described - trained,
            frame=work_clock() - described,
        )
    return snapshots, None


def advance(track: Track, n_updates: int, seconds: float) -> int:
    """Make n_updates from here, or as many as the time allows; return how many were made.

    Raises:
        DivergedError: the run has not moved.
    """
    first, before = track.moment.following, track.step
    state = first
    for state in bursts(first, n_updates - 1, seconds):  # noqa: B007
        pass
    track.stand_at(state)
    return state.step - before
