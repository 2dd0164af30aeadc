"""What the browser may ask of the lab: validated and clamped before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMMANDS = ("play", "pause", "step", "restart", "new_seed", "exact", "fork")
MAX_FRAMES = 24  # in one answer
MAX_STEPS = 1000  # in one step command


@dataclass(frozen=True)
class Command:
    """A pressed button; id counts up from 1 within one client."""

    id: int
    kind: str
    value: int = 0


@dataclass(frozen=True)
class Request:
    """A pull for frames, with all commands that were not acknowledged yet."""

    client: str = ""
    shown: int = -1  # the step on the screen
    want: int = 0
    commands: tuple[Command, ...] = ()
    recorded: int | None = None  # the last checkpoint that the stage has, when it asks for more
    seen: int | None = None  # the newest answer that the stage has, when it says so

    def has_seen(self, seq: int) -> bool:
        """Say whether the answer of this number arrived; one on its way is not made again."""
        return self.seen is None or self.seen >= seq


def parse_request(raw: object) -> Request:
    """Read a request from the browser; what does not fit is left out, never raised."""
    if not isinstance(raw, Mapping):
        return Request()
    commands = []
    listed = raw.get("commands")
    for item in listed[:64] if isinstance(listed, list) else []:
        if isinstance(item, Mapping) and item.get("kind") in COMMANDS:
            kind = str(item["kind"])
            most = 2**53 if kind == "fork" else MAX_STEPS  # a step of the run, or a number of them
            command = Command(
                id=_whole(item.get("id"), 0, 2**53),
                kind=kind,
                value=_whole(item.get("value"), 0, most),
            )
            commands.append(command)
    return Request(
        client=str(raw.get("client", ""))[:64],
        shown=_whole(raw.get("shown"), -1, 2**53),
        want=_whole(raw.get("want"), 0, MAX_FRAMES),
        recorded=None if raw.get("recorded") is None else _whole(raw["recorded"], 0, 2**53),
        commands=tuple(commands),
        seen=None if raw.get("seq") is None else _whole(raw["seq"], -1, 2**53),
    )


def _whole(value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return low
    return int(min(max(value, low), high))
