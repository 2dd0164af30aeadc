"""How often the exact phase of a model can be had, and what the screen says where it is missing."""

from dataclasses import dataclass

from rbmviz.core.enumeration import MAX_ENUMERATED_UNITS, enumeration_seconds
from rbmviz.language import _

EVERY_FRAME_UNITS = 12  # in the shorter layer: the exact phase takes under a millisecond
EVERY_ANSWER_UNITS = 16  # under 20 ms, once an answer
FRAME_STATES_SECONDS = 3e-4  # the most probable states are listed for every frame while playing
CHECKPOINT_STATES_SECONDS = 4e-3  # ... or, for those that are recorded, when somebody looks back
INLINE_SECONDS = 0.4  # a longer enumeration runs with a progress bar


@dataclass(frozen=True)
class ExactCost:
    """The cost of one exact phase, for a model of this size."""

    n_visible: int
    n_hidden: int

    @property
    def seconds(self) -> float:
        """The estimated CPU seconds of one exact phase."""
        shorter, longer = sorted((self.n_visible, self.n_hidden))
        return enumeration_seconds(shorter, longer)

    @property
    def every(self) -> str:
        """How often it is computed: "frame", "answer", "request" or "never"."""
        shorter = min(self.n_visible, self.n_hidden)
        if shorter <= EVERY_FRAME_UNITS:
            return "frame"
        if shorter <= EVERY_ANSWER_UNITS:
            return "answer"
        return "request" if shorter <= MAX_ENUMERATED_UNITS else "never"

    @property
    def by_itself(self) -> bool:
        """True when nobody has to ask for it."""
        return self.every in ("frame", "answer")

    @property
    def states_seconds(self) -> float:
        """The estimated CPU seconds of listing the most probable states.

        Where there are too many to list, some rows and samples are compared: that takes no time.
        """
        if self.n_visible > EVERY_ANSWER_UNITS:
            return 0.0
        return enumeration_seconds(self.n_visible, self.n_hidden)

    @property
    def states_every_frame(self) -> bool:
        """True when every frame lists its most probable states."""
        listed = self.n_visible <= EVERY_ANSWER_UNITS
        return listed and self.states_seconds <= FRAME_STATES_SECONDS

    @property
    def states_later(self) -> bool:
        """True when the most probable states of a recorded frame can be listed afterwards."""
        listed = self.n_visible <= EVERY_ANSWER_UNITS
        return listed and self.states_seconds <= CHECKPOINT_STATES_SECONDS

    @property
    def offer(self) -> dict[str, str | int]:
        """What the stage says where it is missing; every = 0: on request, -1: never."""
        n = min(self.n_visible, self.n_hidden)
        if self.every == "never":
            return {
                "every": -1,
                "reason": _(
                    "2^{n} states are too many to sum; the limit is {limit} units in the "
                    "shorter layer."
                ).format(n=n, limit=MAX_ENUMERATED_UNITS),
            }
        if self.every == "request":
            cost = (
                _("about {seconds:.2g} s").format(seconds=self.seconds)
                if self.seconds >= 0.1
                else _("a moment")
            )
            return {
                "every": 0,
                "reason": _("A sum over 2^{n} states takes {cost}.").format(n=n, cost=cost),
            }
        return {"every": 1, "reason": ""}
