"""What each page shows, as a table: widgets, addresses and lessons are read from it."""

from dataclasses import dataclass

from rbmviz.studio.analysis import NegativePhaseSettings
from rbmviz.studio.derivation import DerivationSettings
from rbmviz.studio.log_z_methods import PartitionFunctionSettings
from rbmviz.studio.machine_settings import GOES_ON, WhichPhaseSettings
from rbmviz.studio.state_run import LEARNING, EveryStateSettings

NEGATIVE, PARTITION, DERIVATION = "negative-phase", "partition-function", "derivation"
STATES, WHICH, LESSONS = "every-state", "which-phase", "lessons"


@dataclass(frozen=True)
class Place:
    """The table of a page."""

    table: type
    prefix: str  # of its widgets' keys
    changing: tuple[str, ...] = ()  # what may change while its run goes on

    def key(self, name: str) -> str:
        """Give the key of a widget."""
        return f"{self.prefix}_{name}"


PLACES = {  # by the path of the page
    NEGATIVE: Place(NegativePhaseSettings, "negative"),
    PARTITION: Place(PartitionFunctionSettings, "log_z"),
    DERIVATION: Place(DerivationSettings, "derivation"),
    STATES: Place(EveryStateSettings, "states", LEARNING),
    WHICH: Place(WhichPhaseSettings, "machine", GOES_ON),
}
