"""Numbers that rise over all processes: a restarted server never repeats one."""

import runpy
import time
from pathlib import Path

import pytest

import rbmviz.run.serial as serial

SOURCE = Path(serial.__file__)


def test_serial_numbers_rise() -> None:
    numbers = [serial.next_serial() for _ in range(5)]
    assert numbers == sorted(set(numbers))


def test_a_process_that_starts_later_begins_above_all_of_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.time_ns()
    monkeypatch.setattr("time.time_ns", lambda: now)
    earlier = runpy.run_path(str(SOURCE))["next_serial"]
    last = [earlier() for _ in range(10_000)][-1]
    now += 50_000_000  # no server starts within 50 ms of another's end
    assert runpy.run_path(str(SOURCE))["next_serial"]() > last


def test_javascript_holds_them_exactly() -> None:
    assert serial.first_number() < 2**53 / 2  # for a century and more
    assert int(float(number := serial.next_serial())) == number
