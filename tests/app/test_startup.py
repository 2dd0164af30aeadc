"""The collection of garbage: on a clock of its own, rarely, and at most a share of the time."""

import tomllib
from pathlib import Path

from rbmviz.pages.startup import COLLECT_AFTER, COLLECT_SHARE, Collector

ROOT = Path(__file__).resolve().parents[2]


class Clock:
    """Time that passes when told so, and what was collected when."""

    def __init__(self, seconds_each: float) -> None:
        self.now, self.seconds_each, self.collected = 100.0, seconds_each, []
        self.collector = Collector(self.collect, lambda: self.now)

    def collect(self) -> None:
        self.collected.append(self.now)
        self.now += self.seconds_each
        self.collector.collect_when_due()  # another thread, meanwhile: one at a time

    def wait(self, seconds: float) -> int:
        """Let time pass with a run of a page every 20 ms; return how often it was collected."""
        before, end = len(self.collected), self.now + seconds
        while self.now < end:
            self.now += 0.02
            self.collector.collect_when_due()
        return len(self.collected) - before


def test_the_server_does_not_collect_after_every_run() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["postScriptGC"] is False


def test_it_collects_now_and_then() -> None:
    clock = Clock(seconds_each=0.01)
    assert clock.wait(COLLECT_AFTER - 1) == 0
    assert clock.wait(2) == 1
    assert 9 <= clock.wait(10 * COLLECT_AFTER) <= 10


def test_a_long_collection_is_made_less_often() -> None:
    clock = Clock(seconds_each=1.0)
    n = clock.wait(1000)
    assert n >= 9
    assert n * clock.seconds_each <= COLLECT_SHARE * 1000 * 1.01
