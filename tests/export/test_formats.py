"""Every kind of file: readable by other programs, the same each time, with the run's numbers."""

import csv
import io
import json
from pathlib import Path

import altair as alt
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load

from rbmviz.core.errors import InputError
from rbmviz.export.formats import FORMATS, OF_RECORDINGS, format_of
from rbmviz.run.lab import Lab
from rbmviz.run.requests import Command, Request
from rbmviz.run.run import Run
from rbmviz.run.settings import LabSettings
from rbmviz.studio.model_files import read_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run() -> Run:
    lab = Lab(LabSettings("bars-and-stripes 2x2", 3, batch_size=8, seed=2))
    for k in range(1, 5):
        lab.receive(Request("tab", -1, 1, (Command(k, "step", 10),)))
        lab.answer()
    return lab.copy_of_run()


@pytest.fixture(scope="module")
def files(run: Run) -> dict[str, bytes]:
    return {known.suffix: known.write(run) for known in FORMATS if "figure" not in known.what}


def test_the_endings_name_the_kinds() -> None:
    for known in (*FORMATS, *OF_RECORDINGS):
        assert format_of(f"some/Where.Else{known.suffix.upper()}") is known
    for name in ("run.pkl", "run", "", ".png", "run.json", "png"):
        with pytest.raises(InputError, match=r"\.vl\.json \(ledger"):
            format_of(name)


def test_the_same_run_gives_the_same_bytes(run: Run, files: dict[str, bytes]) -> None:
    for suffix, content in files.items():
        assert format_of(f"a{suffix}").write(run) == content


def test_the_figure_is_fit_for_print(run: Run) -> None:
    with Image.open(io.BytesIO(format_of("a.png").write(run))) as picture:
        assert picture.width > 3000
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_parameters_come_back_bit_for_bit(run: Run, files: dict[str, bytes]) -> None:
    rbm = run.snapshot.rbm
    for suffix in (".npz", ".safetensors"):
        again = read_model(f"model{suffix}", files[suffix])
        for name in "Wbc":
            assert np.array_equal(getattr(again, name), getattr(rbm, name))
    with np.load(io.BytesIO(files[".npz"]), allow_pickle=False) as plain:
        assert sorted(plain.files) == ["W", "b", "c"]
        assert plain["W"].dtype == np.float64
        assert np.array_equal(plain["W"], rbm.W)
    tensors = load(files[".safetensors"])
    assert sorted(tensors) == ["W", "b", "c"]
    assert np.array_equal(tensors["c"], rbm.c)


def test_the_table_reads_back_bit_for_bit(run: Run, files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files[".csv"].decode())))
    assert [int(row["step"]) for row in rows] == run.curves.columns()["step"] == [0, 10, 20, 30, 40]
    columns = run.curves.columns()
    for name in ("mean_log_p_tilde", "log_z", "log_z_estimate"):
        assert [float(row[name]) if row[name] else None for row in rows] == columns[name]
    last = rows[-1]
    assert float(last["log_likelihood"]) == run.snapshot.mean_log_likelihood
    assert float(last["best"]) == run.best


def test_the_chart_is_valid_and_holds_its_data(run: Run, files: dict[str, bytes]) -> None:
    text = files[".vl.json"].decode()
    chart = alt.Chart.from_json(text)  # it validates against the schema of Vega-Lite
    assert isinstance(chart, alt.HConcatChart)
    values = json.loads(text)["data"]["values"]
    assert [row["log_z"] for row in values] == run.curves.columns()["log_z"]
    assert "log Z exact" in text
    assert text.count('"data"') == 1  # no layer looks for data of its own
