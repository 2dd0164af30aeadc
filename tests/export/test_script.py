"""The exported script makes the run again with the library alone, bit for bit."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rbmviz.export.script import fingerprint, reproducing_script
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Command, Request
from rbmviz.run.run import Run
from rbmviz.run.settings import LabSettings

ROOT = Path(__file__).resolve().parents[2]
SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=3, seed=5)


class Session:
    """A lab as the page drives it: a request, then the answer."""

    def __init__(self, settings: LabSettings) -> None:
        self.lab, self.count = Lab(settings, speed=7), 0
        self.lab.answer()

    def send(self, kind: str, value: int = 0, shown: int = -1) -> list[int]:
        self.count += 1
        self.lab.receive(Request("tab", shown, 8, (Command(self.count, kind, value),)))
        return [snapshot.step for snapshot in self.lab.answer().snapshots]

    def change(self, **values: object) -> None:
        self.lab.apply(replace(self.lab.settings, **values), 7)
        self.lab.answer()


def run_in_a_new_process(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "rbmviz_run.py"
    file.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-X", "utf8", str(file)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def run_here(run: Run) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "__main__"}
    exec(compile(reproducing_script(run), "script", "exec"), names)
    return names


def test_a_script_of_its_own_process_gives_the_same_bits(tmp_path: Path) -> None:
    session = Session(SMALL)
    session.send("step", 30)
    session.change(estimator="tempering", n_chains=5, n_temperatures=3, momentum=0.5)
    session.send("step", 40)
    session.change(centered=True, weight_decay=0.01)
    session.send("step", 10)
    run = session.lab.copy_of_run()
    assert run.snapshot.step == 80
    done = run_in_a_new_process(reproducing_script(run), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "step 80" in done.stdout
    assert f"W, b and c: {fingerprint(run.snapshot.rbm)}" in done.stdout
    assert f"log Z, nats, exact: {run.snapshot.log_z!r}" in done.stdout
    assert "All numbers are the same, bit for bit." in done.stdout


def test_a_run_that_was_not_this_one_is_noticed(tmp_path: Path) -> None:
    """The check can fail: here the script trains with another rate than the run."""
    session = Session(SMALL)
    session.send("step", 30)
    script = reproducing_script(session.lab.copy_of_run())
    wrong = script.replace("learning_rate=0.1,", "learning_rate=0.1000001,")
    assert wrong != script
    done = run_in_a_new_process(wrong, tmp_path)
    assert done.returncode == 1
    assert "5 of 5 numbers differ" in done.stderr
    assert "expected" in done.stdout


@pytest.mark.parametrize("estimator", ["cd", "pcd", "fpcd", "tempering", "tap", "mf", "exact"])
def test_every_estimator_is_written_with_its_parameters(estimator: str) -> None:
    session = Session(replace(SMALL, estimator=estimator, n_steps=2, n_chains=7, n_temperatures=3))
    session.send("step", 20)
    run = session.lab.copy_of_run()
    names = run_here(run)
    assert names["settings"] == run.settings.training_settings()
    assert names["wrong"] == 0


@pytest.mark.parametrize("seed", range(12))
def test_any_way_through_the_lab_can_be_made_again(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Play, pause at a frame behind, change settings now and then: the script follows."""
    monkeypatch.setattr("rbmviz.run.player.Player.budget", 20.0)  # frames end an answer
    rng = np.random.default_rng(seed)
    session, frames = Session(replace(SMALL, seed=seed)), [0]
    changes = [
        {"estimator": "pcd", "n_chains": 4}, {"estimator": "cd"}, {"momentum": 0.6},
        {"estimator": "fpcd"}, {"momentum": 0.0}, {"learning_rate": 0.3}, {"n_steps": 2},
        {"centered": True}, {"centered": False}, {"n_steps": 1},
    ]  # fmt: skip
    for _ in range(14):
        match rng.integers(4):
            case 0:
                frames = session.send("play", shown=frames[-1])
            case 1:
                frames = session.send("pause", shown=int(rng.choice(frames)))
            case 2:
                frames = session.send("step", int(rng.integers(1, 9)), int(rng.choice(frames)))
            case 3:
                session.change(**changes[rng.integers(len(changes))])
    run = session.lab.copy_of_run()
    assert run_here(run)["wrong"] == 0


def test_settings_that_play_no_part_are_left_out() -> None:
    session = Session(SMALL)
    session.send("step", 3)
    session.change(n_chains=50)  # which CD does not use
    session.send("step", 3)
    assert "with_settings" not in reproducing_script(session.lab.copy_of_run())
