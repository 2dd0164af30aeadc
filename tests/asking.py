"""What a browser asks of a lab, as the tests of the run do it."""

from rbmviz.run.lab import Lab
from rbmviz.run.requests import Command, Request


def send(lab: Lab, kind: str, value: int = 0, shown: int = -1, want: int = 8) -> None:
    """Send the next command, and have it answered. shown: the step on the screen."""
    lab.receive(Request("tab", shown, want, (Command(lab._ack + 1, kind, value),)))
    lab.answer()
