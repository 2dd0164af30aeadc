"""A run's file: everything comes back, a model reader can use it, and no bytes break the reader."""

import io
import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rbmviz
from rbmviz.core.errors import InputError
from rbmviz.run.requests import Command, Request
from rbmviz.run.settings import LabSettings
from rbmviz.studio.engine import Engine
from rbmviz.studio.model_files import read_model
from rbmviz.studio.saved_run import SavedRun, run_from_npz, run_to_npz

SMALL = LabSettings(dataset="bars-and-stripes 2x2", n_hidden=3, seed=5)


def some_run() -> SavedRun:
    engine = Engine(SMALL)
    for k, changed in enumerate(({}, {"estimator": "pcd", "n_chains": 9}, {"momentum": 0.5}), 1):
        engine.apply(replace(engine.settings, **changed), 20)
        engine.receive(Request("tab", -1, 1, (Command(k, "step", 10 * k),)))
        engine.answer()
    return engine.run_so_far()


def changed(content: bytes, **arrays: object) -> bytes:
    """The same file with other arrays; None leaves one out. A dict changes entries of the JSON."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        kept = {name: file[name] for name in file.files}
    for name, value in arrays.items():
        if isinstance(value, dict):
            told = {**json.loads(kept[name].tobytes()), **value}
            kept[name] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
        elif value is None:
            del kept[name]
        else:
            kept[name] = np.asarray(value)
    file = io.BytesIO()
    np.savez(file, **kept)
    return file.getvalue()


def test_everything_comes_back() -> None:
    run = some_run()
    content = run_to_npz(run)
    again = run_from_npz(content)
    assert again.schedule == run.schedule
    assert again.record == run.record
    assert [step for step, _ in again.schedule] == [0, 10, 30]
    assert run_to_npz(again) == content
    assert again.snapshot.mean_log_likelihood == run.snapshot.mean_log_likelihood
    for name in ("positive", "exact_negative"):
        before, after = getattr(run.snapshot, name), getattr(again.snapshot, name)
        assert np.array_equal(before.flat(), after.flat())
    negative = again.snapshot.negative
    assert np.array_equal(negative.statistics.flat(), run.snapshot.negative.statistics.flat())
    assert np.array_equal(negative.samples, run.snapshot.negative.samples)
    assert np.array_equal(again.snapshot.probable_states.p, run.snapshot.probable_states.p)
    assert np.array_equal(read_model("run.npz", content).W, run.snapshot.rbm.W)


def test_a_model_alone_is_no_run() -> None:
    with pytest.raises(InputError, match="python -m rbmviz train"):
        run_from_npz(rbmviz.rbm_to_npz(some_run().snapshot.rbm))


WRONG = {
    "a newer format": {"run": {"format": 99}},
    "no schedule": {"run": {"schedule": []}},
    "settings of another size": {"run": {"schedule": [[0, {"n_hidden": 4}]]}},
    "an estimator that is none": {"run": {"schedule": [[0, {"estimator": "<script>"}]]}},
    "a setting that is none": {"run": {"schedule": [[0, {"command": "rm"}]]}},
    "a setting of another kind": {"run": {"schedule": [[0, {"n_hidden": "3"}]]}},
    "a rate that is too low": {"run": {"schedule": [[0, {"learning_rate": -1.0}]]}},
    "a schedule that is a text": {"run": {"schedule": "abc"}},
    "steps that are no numbers": {"run": {"step": [1]}},
    "a text that is no JSON": {"run": np.frombuffer(b"{", dtype=np.uint8)},
    "samples of another size": {"samples": np.zeros((2, 9))},
    "a phase that is not finite": {"positive_v": np.full(4, np.nan)},
    "a phase of another size": {"negative_h": np.zeros(2)},
    "no ledger": {"ledger_log_z": None},
    "a ledger of two lengths": {"ledger_log_z": np.zeros(2)},
    "letters": {"data_rows": np.array([["a"]])},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_with_a_reason(wrong: dict[str, object]) -> None:
    content = run_to_npz(some_run())
    with pytest.raises(InputError):
        run_from_npz(changed(content, **wrong))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.data())
def test_no_bytes_break_the_reader(data: st.DataObject) -> None:
    content = bytearray(CONTENT)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    with suppress(InputError):
        run_from_npz(bytes(content))


CONTENT = run_to_npz(some_run())
