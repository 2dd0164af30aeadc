"""What tests of the run share."""

import pytest


@pytest.fixture
def generous_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the number of frames asked for end an answer, not this machine's speed."""
    for name in ("player.Player.budget", "second_run.PLAYING_SECONDS", "second_run.STILL_SECONDS"):
        monkeypatch.setattr(f"rbmviz.run.{name}", 20.0)
