"""What each page shows, as a table: widgets, addresses and lessons are read from it."""

from dataclasses import dataclass

from rbmviz.studio.analysis import NegativePhaseSettings
from rbmviz.studio.derivation import DerivationSettings
from rbmviz.studio.log_z_methods import PartitionFunctionSettings
from rbmviz.studio.machine_settings import GOES_ON, WhichPhaseSettings
from rbmviz.studio.state_run import LEARNING, EveryStateSettings

NEGATIVE, PARTITION, DERIVATION = "negative-phase", "partition-function", "derivation"
STATES, WHICH, LAB, LESSONS = "every-state", "which-phase", "lab", "lessons"


@dataclass(frozen=True)
class PageTable:
    """The table of a page."""

    table: type
    prefix: str  # of its widgets' keys
    changing: tuple[str, ...] = ()  # what may change while its run goes on

    def key(self, name: str) -> str:
        """Give the key of a widget."""
        return f"{self.prefix}_{name}"


PAGE_TABLES = {  # by the path of the page
    NEGATIVE: PageTable(NegativePhaseSettings, "negative"),
    PARTITION: PageTable(PartitionFunctionSettings, "log_z"),
    DERIVATION: PageTable(DerivationSettings, "derivation"),
    STATES: PageTable(EveryStateSettings, "states", LEARNING),
    WHICH: PageTable(WhichPhaseSettings, "machine", GOES_ON),
}
