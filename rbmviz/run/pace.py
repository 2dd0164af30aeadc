"""How many updates a frame may make so that an answer keeps to its time."""

import sys
import time

# A budget is work, not waiting: while other sessions have the interpreter, wall time would pass
# with nothing done. On Windows the clock of a thread moves in steps of 16 ms.
work_clock = time.perf_counter if sys.platform == "win32" else time.thread_time  # one thread's
MAX_UPDATES = 2000  # between two frames
_SHARE = 0.2  # of a new measurement in the running means


class Pace:
    """Learn what an update and a frame cost."""

    def __init__(self) -> None:
        self.seconds_an_update, self.seconds_a_frame = 1e-4, 1e-3

    def learn(self, *, n_updates: int, updates: float, frame: float) -> None:
        """Take what some updates and the description of one frame took, in seconds of work."""
        self.seconds_an_update += _SHARE * (updates / n_updates - self.seconds_an_update)
        self.seconds_a_frame += _SHARE * (frame - self.seconds_a_frame)

    def updates_of_a_frame(self, speed: int, budget: float, elapsed: float, n_left: int) -> int:
        """Give the number of updates before the next frame, 1 to MAX_UPDATES.

        speed: updates wanted, as many as a whole budget holds: an answer stays below two;
        0: as many as fit in what is left of the budget for n_left frames.
        """
        if speed:
            n_updates = min(speed, int(budget / self.seconds_an_update))
        else:
            share = (budget - elapsed) / n_left
            n_updates = int((share - self.seconds_a_frame) / self.seconds_an_update)
        return min(max(n_updates, 1), MAX_UPDATES)

    def most_beside(self, rival_seconds: float, budget: float, n_frames: int) -> int:
        """Give the most updates of a frame when a second run has to make the same in one answer."""
        return max(int(budget / (self.seconds_an_update + rival_seconds) / n_frames), 1)
