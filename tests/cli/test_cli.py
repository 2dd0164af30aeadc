"""The command line: files that read back, exit codes, whole files or none, help worth reading."""

import base64
import gzip
import io
import json
import os
import re
import shlex
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from states_oracle import assert_states_of

import rbmviz
from rbmviz.cli import progress, whole_file
from rbmviz.cli.main import command_parser, main
from rbmviz.run.run import Run
from rbmviz.run.run_file import read_run
from rbmviz.run.settings import LabSettings

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["--data", "bars-and-stripes 2x2", "--hidden", "3", "--updates", "40", "--seed", "7"]


def opened(content: bytes) -> Run:
    run = read_run(content, any_size=True)
    run.still_frame(exact=False)
    return run


def trained(folder: Path, *more: str) -> Path:
    file = folder / "run.npz"
    assert main(["train", *QUICK, *more, "-o", str(file), "--quiet"]) == 0
    return file


# ---- train --------------------------------------------------------------------------------


def test_a_run_is_the_library_s_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--estimator", "tempering", "--chains", "6", "--temperatures", "3", "--momentum", "0.5"]
    file = trained(tmp_path, *more, "--centered")
    assert capsys.readouterr() == ("", "")
    settings = rbmviz.TrainingSettings(
        3,
        rbmviz.ParallelTempering(n_chains=6, n_temperatures=3),
        momentum=0.5,
        seed=7,
        centered=True,
    )
    v = rbmviz.load_dataset("bars-and-stripes 2x2").v
    rbm = rbmviz.train(rbmviz.start(settings, v), 40).rbm
    with np.load(file, allow_pickle=False) as plain:
        for name in "Wbc":
            assert np.array_equal(plain[name], getattr(rbm, name))
    run = opened(file.read_bytes())
    assert run.curves.columns()["step"] == list(range(41))
    assert None not in run.curves.columns()["log_z"]
    assert run.snapshot.mean_log_likelihood == pytest.approx(rbmviz.mean_log_likelihood(rbm, v))


def test_the_summary_says_whether_it_is_exact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "a.npz")
    assert main(["train", *QUICK, "-o", file]) == 0
    assert re.search(
        r"CD-1, step 40, mean log-likelihood -\d\.\d+ nats \(exact\)", capsys.readouterr().out
    )
    assert main(["train", "--data", "digit 3", "--hidden", "20", "--updates", "3", "-o", file]) == 0
    assert "nats (estimated)" in capsys.readouterr().out


def test_no_update_at_all_is_a_run_too(tmp_path: Path) -> None:
    run = opened(trained(tmp_path, "--updates", "0").read_bytes())
    assert run.curves.columns()["step"] == [0]


def test_the_data_sets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--list-data"]) == 0
    assert capsys.readouterr().out.splitlines() == rbmviz.dataset_names()


def test_own_rows_are_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("0.1,0.9\n0.8,0.2\n")
    output = ["--hidden", "2", "--updates", "5", "--quiet", "-o", str(tmp_path / "run.npz")]
    assert main(["train", "--data", str(rows), *output]) == 2
    assert "from 0.1 to 0.9; say with --threshold" in capsys.readouterr().err
    assert main(["train", "--data", str(rows), "--threshold", "0.5", *output]) == 0
    run = opened((tmp_path / "run.npz").read_bytes())
    assert run.settings.data.v.tolist() == [[0, 1], [1, 0]]
    assert run.title == "Own data (2 rows of 1 x 2), 2 hidden units"
    rows.write_text("0,1,2\n1.0000000000000002,0,1\n")  # pandas' head, a scaler's 1
    assert main(["train", "--data", str(rows), *output]) == 0
    assert "rbmviz: The first line counts the columns (0, 1, 2, ...)" in capsys.readouterr().err
    assert opened((tmp_path / "run.npz").read_bytes()).settings.data.v.tolist() == [[1, 0, 1]]
    rows.write_text("1.0000002,0\n0,1.00001\n")
    assert main(["train", "--data", str(rows), *output]) == 2
    assert "from 0 to 1.00001; say with --threshold" in capsys.readouterr().err
    rows.write_text("0,1\n1\n")
    assert main(["train", "--data", str(rows), *output]) == 1
    assert "Row 2 (line 2) has 1 columns" in capsys.readouterr().err


def test_the_defaults_are_the_lab_s(tmp_path: Path) -> None:
    file = tmp_path / "run.npz"
    assert main(["train", "--updates", "1", "-o", str(file), "--quiet"]) == 0
    assert opened(file.read_bytes()).settings == LabSettings()


# ---- export -------------------------------------------------------------------------------


def test_files_are_made_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = trained(tmp_path)
    names = ["ledger.csv", "again.py", "model.safetensors", "W.npz", "ledger.vl.json"]
    outputs = [str(tmp_path / name) for name in names]
    assert main(["export", str(file), *outputs]) == 0
    assert capsys.readouterr().out.count("\n") == len(names)
    assert len((tmp_path / "ledger.csv").read_text().splitlines()) == 42
    printed = io.StringIO()
    script = (tmp_path / "again.py").read_text(encoding="utf-8")
    names_of_script = {"__name__": "__main__", "print": lambda *a: printed.write(f"{a[0]}\n")}
    exec(compile(script, "again.py", "exec"), names_of_script)
    assert "bit for bit" in printed.getvalue()


def message_of(page: str) -> tuple[dict[str, Any], bytes]:
    """The header and the whole of what the page plays, as its script unpacks it."""
    text = re.search(r'id="recording">([^<]*)<', page)[1]
    message = gzip.decompress(base64.b64decode(text))
    (length,) = struct.unpack("<I", message[4:8])
    return json.loads(message[8 : 8 + length]), message


def test_a_run_becomes_a_recording_and_both_become_one_page(tmp_path: Path) -> None:
    file, recorded = trained(tmp_path), tmp_path / "a.recording.npz"
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    made = [(file, [recorded, pages[0], "a.csv"]), (recorded, [pages[1], "b.csv", "b.py"])]
    for source, outputs in made:
        names = [str(tmp_path / name) for name in outputs]
        assert main(["export", str(source), *names, "--quiet"]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    kept, rbm = read_run(recorded.read_bytes()), opened(file.read_bytes()).state.rbm
    assert [each.step for each in kept.recording.checkpoints] == list(range(41))
    assert np.array_equal(kept.state.rbm.W, rbm.W)
    assert read_run(file.read_bytes()).step == 40  # the lab opens the run as it is
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<title>bars-and-stripes 2x2, 4 × 3 units</title>" in text
        header, message = message_of(text)
        assert len(header["recording"]["serials"]) == 41
        scalars = next(one for one in header["blocks"] if one["name"] == "past_scalars")
        block = np.frombuffer(message, "<f8", np.prod(scalars["shape"]), scalars["offset"])
        assert block.reshape(scalars["shape"])[:, 0].tolist() == list(range(41))
    assert message_of(pages[0].read_text("utf-8"))[1][-999:] == message[-999:]


def test_every_step_of_the_page_has_its_own_most_probable_states(tmp_path: Path) -> None:
    file, page = tmp_path / "run.npz", tmp_path / "run.html"
    chosen = ["--data", "bars-and-stripes 4x4", "--hidden", "7", "--updates", "8", "--seed", "2"]
    assert main(["train", *chosen, "-o", str(file), "--quiet"]) == 0
    assert main(["export", str(file), str(page), "--quiet"]) == 0
    header, message = message_of(page.read_text("utf-8"))
    blocks = {one["name"]: one for one in header["blocks"]}

    def block(name: str) -> np.ndarray:
        one = blocks[name]
        count = int(np.prod(one["shape"]))
        return np.frombuffer(message, "<" + one["dtype"], count, one["offset"]).reshape(
            one["shape"]
        )

    settings = LabSettings("bars-and-stripes 4x4", n_hidden=7, seed=2)
    state = rbmviz.start(settings.training_settings(), settings.data.v)
    states, p = block("past_states"), block("past_states_p")
    assert block("past_scalars")[:, 0].tolist() == list(range(9))
    for k in range(9):
        assert_states_of(state.rbm.W, state.rbm.b, state.rbm.c, states[k], p[k])
        state = rbmviz.train_step(state)


def test_a_run_beyond_the_lab_s_limits_becomes_a_page_too(tmp_path: Path) -> None:
    file, page = trained(tmp_path, "--hidden", "80", "--updates", "2"), tmp_path / "a.html"
    assert main(["export", str(file), str(page), "--quiet"]) == 0
    assert "4 × 80 units" in page.read_text(encoding="utf-8")


# ---- check-lesson ---------------------------------------------------------------------------


def test_lessons_are_checked_and_proved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.toml"
    text = (ROOT / "docs/lessons.md").read_text(encoding="utf-8")
    good.write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert main(["check-lesson", str(good)]) == 0
    assert capsys.readouterr() == (f"{good}: no problems\n", "")
    assert main(["check-lesson", "--prove", "--quiet", str(good)]) == 0
    assert capsys.readouterr() == ("", "")
    false, broken = tmp_path / "false.toml", tmp_path / "broken.toml"
    false.write_text(good.read_text("utf-8").replace("above = 0.1", "above = 9.0"), "utf-8")
    broken.write_text(good.read_text("utf-8").replace("minutes", "minuets"), "utf-8")
    files = [str(each) for each in (good, false, broken)]
    assert main(["check-lesson", *files]) == 1
    printed = capsys.readouterr()
    assert f"{broken}:3: Unknown key 'minuets'. Did you mean 'minutes'?\n" in printed.err
    assert str(false) not in printed.err
    assert main(["check-lesson", "--prove", *files]) == 1
    printed = capsys.readouterr()
    assert re.search(r"false.toml:1: Claim 'The fast run is ahead': .* is 0\.\d+, not", printed.err)
    assert printed.out == f"{good}: proved\n"


# ---- exit codes ---------------------------------------------------------------------------

WRONG_USE = [
    [],
    ["no-such-command"],
    ["train"],
    ["train", "-o", "run.txt"],
    ["train", "-o", "no/such/folder/run.npz"],
    ["train", "--hidden", "0", "-o", "run.npz"],
    ["train", "--hidden", "many", "-o", "run.npz"],
    ["train", "--rate", "nan", "-o", "run.npz"],
    ["train", "--updates", "-1", "-o", "run.npz"],
    ["train", "--data", "no such data", "-o", "run.npz"],
    ["train", "--estimator", "magic", "-o", "run.npz"],
    ["export", "run.npz"],
    ["export", "run.npz", "run.exe"],
    ["export", "run.npz", "run.npz"],
    ["check-lesson"],
    ["check-lesson", "no-such-lesson.toml"],
]


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_use_ends_with_2_and_a_reason(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert len(printed.err) > 40
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []


def test_failures_end_with_1_and_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = ["--rate", "10", "--decay", "1", "--scale", "5"]
    assert main(["train", *QUICK, *wild, "-o", str(tmp_path / "run.npz")]) == 1
    assert "Lower the learning rate" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "none.npz"), str(tmp_path / "a.csv")]) == 1
    assert "none.npz: No such file" in capsys.readouterr().err
    (tmp_path / "junk.npz").write_bytes(b"PK\x03\x04 no zip")
    assert main(["export", str(tmp_path / "junk.npz"), str(tmp_path / "a.csv")]) == 1
    assert "no .npz file" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["junk.npz"]


# ---- interrupted --------------------------------------------------------------------------


def test_what_interrupts_the_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = trained(tmp_path)
    before = file.read_bytes()

    def stop(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(whole_file.os, "fsync", stop)  # half of it is on the disk by now
    assert main(["train", *QUICK, "--seed", "8", "-o", str(file)]) == 130
    assert "Interrupted." in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.npz"]
    assert file.read_bytes() == before


@contextmanager
def on_a_terminal(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command as a shell does in the foreground: the process, and our end of its terminal.

    It hears Ctrl-C, also where the tests were started in the background of a script, whose
    children ignore it. However the block ends, the process has ended after it.
    """
    import pty

    ours, theirs = pty.openpty()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is caught is not
    try:  # inherited, only what is ignored
        process = subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=theirs)
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")
def test_control_c_on_a_terminal_ends_the_training(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rbmviz", "train", *QUICK, "--updates", "50000000"]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as where tests run in the background
    try:
        with on_a_terminal([*command, "-o", str(tmp_path / "run.npz")]) as (process, ours):
            signal.signal(signal.SIGINT, before)
            seen = b""
            while b"training [" not in seen:
                seen += os.read(ours, 4096)  # ends with an error when the process ends before
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 130
            assert b"Interrupted." in os.read(ours, 65536)
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")
def test_a_process_on_a_terminal_has_ended_when_its_test_fails() -> None:
    with (
        pytest.raises(AssertionError, match="as a test fails"),
        on_a_terminal([sys.executable, "-c", "import signal; signal.pause()"]) as (process, _),
    ):
        raise AssertionError("as a test fails")
    assert process.returncode == -signal.SIGKILL


# ---- the rest -----------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_EVERY_SECONDS", 0.0)
    for stream, draws in ((Terminal(), True), (io.StringIO(), False)):
        with progress.ProgressLine("training", stream) as line:
            line.show(0.0, "step 0")
            line.show(0.5, "step 5")
        assert (f"[{'#' * 15}{'-' * 15}]  50% step 5, " in stream.getvalue()) == draws
        assert stream.getvalue().endswith(" \r") == draws  # the line is wiped at the end


def test_every_example_of_the_help_is_accepted() -> None:
    parser = command_parser()
    examples = [parser.format_help()]
    for action in parser._subparsers._group_actions[0].choices.values():
        examples.append(action.format_help())
    lines = re.findall(r"^  python -m rbmviz (\w+ .*?)(?: && .*)?$", "\n".join(examples), re.M)
    assert len(lines) >= 10
    for line in lines:
        parser.parse_args(shlex.split(line))
