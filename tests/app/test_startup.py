"""The collection of garbage: on a clock of its own, rarely, and at most a share of the time."""

import gc
import re
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.pages import startup
from rbmviz.pages.startup import COLLECT_AFTER, COLLECT_SHARE, Collector

ROOT = Path(__file__).resolve().parents[2]
PAGES = re.findall(r"rbmviz/pages/(\w+)\.py", (ROOT / "app.py").read_text(encoding="utf-8"))
PLAYERS = ("lab", "every_state", "which_phase")  # for hours without a run of the whole page


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


def test_the_process_collects_every_generation_when_it_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    startup.freeze_imports()  # this collects as well, once
    collected: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        collected.append(info["generation"])

    monkeypatch.setattr(startup._COLLECTOR, "_due", 0.0)
    gc.callbacks.append(note)
    startup.tidy_up()
    gc.callbacks.remove(note)
    assert 2 in collected


@pytest.mark.parametrize("page", PAGES)
def test_every_page_tidies_up_and_what_plays_collects(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(startup, "tidy_up", lambda: asked.append("page"))
    monkeypatch.setattr(startup, "collect_when_due", lambda: asked.append("fragment"))
    app = AppTest.from_file(str(ROOT / f"rbmviz/pages/{page}.py"), default_timeout=60)
    quick = {"negative_repeats": 50, "negative_warm_up": 0, "log_z_methods": []}
    for name, value in quick.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    assert set(asked) == ({"page", "fragment"} if page in PLAYERS else {"page"})
