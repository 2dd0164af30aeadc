"""Recordings as files: everything comes back, and nothing that is wrong gets in."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from asking import send
from hypothesis import given, settings
from hypothesis import strategies as st
from states_oracle import assert_states_of

import rbmviz
from rbmviz.core.errors import InputError
from rbmviz.core.training import with_settings
from rbmviz.run.estimators import OFFERED
from rbmviz.run.lab import Lab
from rbmviz.run.own_data import encode_rows
from rbmviz.run.run import Run
from rbmviz.run.run_file import MAX_RECORDING_BYTES, read_run, write_run
from rbmviz.run.settings import LabSettings

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, batch_size=3, seed=5, n_chains=7)
OLD_SMALL = replace(SMALL, n_chains=100)
OLD_CHANGED = replace(OLD_SMALL, learning_rate=0.3, momentum=0.5)


def ran(first: LabSettings = SMALL) -> Run:
    lab = Lab(first)
    send(lab, "step", 10)
    lab.apply(replace(first, learning_rate=0.3, momentum=0.5, centered=True), 20)
    send(lab, "step", 10)
    send(lab, "step", 10)
    run = lab.copy_of_run()
    run.name = "mine"
    return run


@pytest.fixture(scope="module")
def run() -> Run:
    return ran()


@pytest.fixture(scope="module")
def content(run: Run) -> bytes:
    return write_run(run)


@pytest.mark.parametrize("estimator", OFFERED)
def test_everything_comes_back_and_goes_on_bit_for_bit(estimator: str) -> None:
    run = ran(replace(SMALL, estimator=estimator))
    found = read_run(write_run(run))
    assert found.name == "mine"
    assert found.schedule == run.taken_schedule
    assert found.curves.points == run.curves.points
    assert found.settings == run.settings
    for a, b in zip(found.recording.checkpoints, run.recording.checkpoints, strict=True):
        assert (a.step, a.settings, a.batch_size, a.n_samples) == (
            b.step, b.settings, b.batch_size, b.n_samples,
        )  # fmt: skip
        assert a.frame.keys() == b.frame.keys()
        for name, block in b.frame.items():
            np.testing.assert_array_equal(a.frame[name], block)
    again, expected = (rbmviz.train(each.state, 25) for each in (found, run))
    for name in ("W", "b", "c"):
        np.testing.assert_array_equal(getattr(again.rbm, name), getattr(expected.rbm, name))
    assert again.order_rng == expected.order_rng
    lab = Lab(SMALL)
    lab.open_run(found)
    send(lab, "step", 25)
    np.testing.assert_array_equal(lab.state.rbm.W, expected.rbm.W)


def test_the_most_probable_states_of_each_step_come_back(run: Run, content: bytes) -> None:
    checkpoints = read_run(content).recording.checkpoints
    assert [each.step for each in checkpoints] == [0, 10, 20, 30]
    for each in checkpoints:
        theta = each.frame["weights"].astype(float)
        W, b, c = theta[:-1, :-1], theta[:-1, -1], theta[-1, :-1]
        assert_states_of(W, b, c, each.frame["states"], each.frame["states_p"])


def test_an_older_file_without_states_at_each_step_is_read(content: bytes) -> None:
    arrays = parts_of(content)
    arrays["frames/states_p"][1:] = np.nan
    frames = [each.frame for each in read_run(packed(arrays)).recording.checkpoints]
    assert ["states" in frame for frame in frames] == [True, False, False, False]


OLD = Path(__file__).parent / "files"  # written before runs of the app and of train had one format


@pytest.mark.parametrize(
    ("file", "settings", "name"),
    [
        ("train.npz", [(0, replace(SMALL, batch_size=32, estimator="pcd"))], "Recording"),
        ("recording.npz", [(0, OLD_SMALL), (10, OLD_CHANGED)], "mine"),
    ],
)
def test_files_of_earlier_versions_are_read_and_go_on(
    file: str, settings: list[tuple[int, LabSettings]], name: str
) -> None:
    run = read_run((OLD / file).read_bytes())
    assert (list(run.schedule.entries), run.name) == (settings, name)
    state = None
    for (_, before), (step, after) in pairwise([*settings, (run.step, settings[-1][1])]):
        state = state or rbmviz.start(before.training_settings(), before.data.v)
        state = rbmviz.train(state, step - state.step)
        state = with_settings(state, after.training_settings())
    for part in "Wbc":
        np.testing.assert_allclose(
            getattr(run.state.rbm, part), getattr(state.rbm, part), atol=1e-12
        )
    assert run.curves.points[-1].log_z == pytest.approx(rbmviz.exact_log_z(run.state.rbm))
    run.train(5)
    assert run.step == state.step + 5


def parts_of(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def with_about(change: Callable[[dict], object]) -> Callable[[dict], None]:
    """Change what is said of the recording."""

    def changed(arrays: dict[str, np.ndarray]) -> None:
        about = json.loads(arrays["about"].tobytes())
        change(about)
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)

    return changed


def with_array(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[dict], None]:
    def changed(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = change(arrays[name].copy())

    return changed


def poked(value: float, place: tuple[int, ...] | int = -1) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array[place] = value
        return array

    return change


WRONG: dict[str, tuple[Callable[[dict], object], str]] = {
    "no description": (lambda a: a.pop("about"), "does not say what it is"),
    "other file": (with_about(lambda d: d.update(format="x")), "no recording"),
    "newer": (with_about(lambda d: d.update(version=2)), "version 2.*reads version 1"),
    "version of objects": (with_about(lambda d: d.update(version=[[]])), "version"),
    "no schedule": (with_about(lambda d: d.pop("schedule")), "entries of settings"),
    "settings": (with_about(lambda d: d["schedule"][0].__setitem__(1, 3)), "settings are broken"),
    "huge model": (with_about(lambda d: d["schedule"][0][1].update(n_hidden=10**9)), "outside"),
    "other data": (with_about(lambda d: d["schedule"][0][1].update(dataset="/etc")), "not known"),
    "late start": (with_about(lambda d: d["schedule"][0].__setitem__(0, 4)), "not at 0"),
    "another size on the way": (
        with_about(lambda d: d["schedule"][1][1].update(n_hidden=4)), "new start",
    ),
    "future change": (with_about(lambda d: d["schedule"][1].__setitem__(0, 999)), "beyond"),
    "step back": (with_about(lambda d: d["schedule"][1].__setitem__(0, -1)), "-1"),
    "no state": (with_about(lambda d: d.pop("state")), "no state"),
    "step": (with_about(lambda d: d["state"].update(step="7")), "step"),
    "negative cursor": (with_about(lambda d: d["state"].update(cursor=-1)), "cursor"),
    "generator": (with_about(lambda d: d["state"].update(chain_rng={"a": 1})), "chain_rng"),
    "generator of another kind": (
        with_about(lambda d: d["state"]["order_rng"].update(bit_generator="MT19937")), "order_rng",
    ),
    "fewer checkpoints": (with_about(lambda d: d["checkpoints"].pop()), "ask for"),
    "no checkpoints": (with_about(lambda d: d.update(checkpoints=[])), "0 checkpoints"),
    "checkpoints": (with_about(lambda d: d["checkpoints"].__setitem__(0, "x")), "broken"),
    "place": (with_about(lambda d: d["checkpoints"][0].__setitem__(0, 9)), "9, not 0 to 1"),
    "no weights": (lambda a: a.pop("frames/weights"), "weights are missing"),
    "shape": (with_array("frames/weights", lambda w: w[:, :-1]), "ask for"),
    "kind": (with_array("frames/positive", lambda w: w.astype("f8")), "ask for"),
    "nan": (with_array("frames/negative", poked(np.nan)), "not finite"),
    "infinite": (with_array("frames/scalars", poked(np.inf)), "not finite"),
    "steps": (with_array("frames/scalars", poked(0.0, (-1, 0))), "must rise"),
    "half a step": (with_array("frames/scalars", poked(0.5, (0, 0))), "must rise"),
    "steps beyond": (with_array("frames/scalars", poked(1e9, (-1, 0))), "must rise"),
    "no p of states": (lambda a: a.pop("frames/states_p"), "states_p are missing"),
    "ledger": (lambda a: a.pop("ledger/log_z"), "no log_z"),
    "ledger order": (with_array("ledger/step", poked(0.0)), "out of order"),
    "infinite ledger": (with_array("ledger/log_z", poked(np.inf)), "not finite"),
    "order": (with_array("state/order", poked(0)), "each of the"),
    "state shape": (with_array("state/rbm.W", lambda w: w.T), "rbm.W has shape"),
    "state nan": (with_array("state/velocity.b", poked(np.nan)), "velocity.b"),
    "half a velocity": (lambda a: a.pop("state/velocity.W"), "velocity.W is missing"),
}  # fmt: skip


def test_own_rows_are_written_once_however_often_a_setting_changed() -> None:
    v = np.random.default_rng(0).integers(0, 2, (1500, 256))
    lab = Lab(LabSettings(dataset=encode_rows(v, (16, 16)), n_hidden=2))
    for k in range(1, 25):  # 64 kB of text each would be more than a description may hold
        lab.apply(replace(lab.settings, learning_rate=0.01 * k), 20)
        send(lab, "step", 1)
    content = write_run(lab.copy_of_run())
    assert len(content) < 2**20
    assert read_run(content).schedule == lab.copy_of_run().taken_schedule


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_with_the_reason(content: bytes, name: str) -> None:
    arrays = parts_of(content)
    change, reason = WRONG[name]
    change(arrays)
    with pytest.raises(InputError, match=reason):
        read_run(packed(arrays))


def test_what_fits_is_read_again(content: bytes) -> None:
    """The parts by themselves are right: only the changes above make them wrong."""
    assert read_run(packed(parts_of(content))).step == 30


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(f"{name}.npy", raw)
    return file.getvalue()


def head(text: str, version: bytes = b"\x01\x00") -> bytes:
    return b"\x93NUMPY" + version + len(text).to_bytes(2 * version[0], "little") + text.encode()


SHAPE = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,)}"
HOSTILE = {
    "empty": b"",
    "no zip": b"PK\x03\x04" + b"x" * 200,
    "too large": b"x" * (MAX_RECORDING_BYTES + 1),
    "zip bomb": zipped(about=b"\0" * (MAX_RECORDING_BYTES + 1)),
    "no array": zipped(about=b"hello"),
    "shape that lies": zipped(about=head(SHAPE % (2**60))),
    "negative shape": zipped(about=head(SHAPE % -1)),
    "objects": zipped(about=head(SHAPE.replace("<f8", "|O") % 1) + b"\0" * 8),
    "giant head": zipped(about=head("{" * 60_000)),
    "code": zipped(about=head("__import__('os')")),
    "nested": zipped(about=head("(" * 9000)),
    "version 3": zipped(about=head(SHAPE % 1, b"\x03\x00") + b"\0" * 8),
    "too many": zipped(**{f"a{k}": head(SHAPE % 0) for k in range(200)}),
    "json of depth": zipped(
        about=head("{'descr': '|u1', 'fortran_order': False, 'shape': (60000,)}") + b"[" * 60_000
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str) -> None:
    with pytest.raises(InputError) as refused:
        read_run(HOSTILE[name])
    assert 10 < len(str(refused.value)) < 400


@settings(max_examples=80, derandomize=True, deadline=None)
@given(data=st.data())
def test_no_damage_gets_through_as_anything_but_a_message(
    content: bytes, data: st.DataObject
) -> None:
    """Cut short, or with a byte changed: refused, or read as a run that can be shown."""
    if data.draw(st.booleans()):
        damaged = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        place = data.draw(st.integers(0, len(content) - 1))
        byte = bytes([data.draw(st.integers(0, 255))])
        damaged = content[:place] + byte + content[place + 1 :]
    try:
        run = read_run(damaged)
    except InputError:
        return
    assert run.step == 30
