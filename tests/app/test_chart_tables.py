"""The table beside a chart: made when it is open, of the chart's own numbers, on every page."""

from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from rbmviz.charts.chart_table import AXIS, LIKELIHOOD, MAX_ROWS, MIXING, TERMS
from rbmviz.pages.chart import table_of

ROOT = Path(__file__).parents[2]
TABLES = {  # of each page that has charts, as it stands when it is opened
    "lab": {"terms", "likelihood"},
    "negative_phase": {"mixing", "states"},
    "partition_function": {"axis", "weights", "path", "exactness"},
    "derivation": {"wiggle", "wiggle_difference", "terms", "total"},
    "which_phase": {"machine_curves"},
}


def opened(page: str, *tables: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90)
    app.session_state["dataset"] = "bars-and-stripes 3x3"
    app.session_state["negative_repeats"] = 50  # quick
    app.session_state["negative_warm_up"] = 0
    for key in tables:
        app.session_state[f"table_of_{key}"] = True
    app.run()
    if page != "lab":
        app.switch_page(f"rbmviz/pages/{page}.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("page", TABLES)
def test_every_chart_has_a_table_that_costs_nothing_while_closed(page: str) -> None:
    others = len(opened(page).dataframe)  # of the page itself
    app = opened(page, *TABLES[page])
    tables = list(app.dataframe)
    assert len(app.get("vega_lite_chart")) == len(tables) - others == len(TABLES[page])
    for table in tables:
        assert table.value.shape[0] > 0
        assert table.value.shape[1] > 1


def test_the_numbers_of_the_ledger_have_names_and_units() -> None:
    app = opened("lab", "terms")
    (table,) = [each.value for each in app.dataframe]
    snapshot = app.session_state["lab"].answer().snapshots[-1]
    row = table.iloc[-1]
    assert row["step"] == 0
    assert row["log Z exact (nats)"] == snapshot.log_z
    assert row["mean log p̃ (nats)"] == snapshot.mean_log_p_tilde


def test_long_tables_are_thinned_and_marks_left_out() -> None:
    n = 3 * MAX_ROWS
    table = table_of({"k": list(range(n)), "bias": [0.5] * n, "noise": [None] * n})
    shown = MIXING.table(table)
    assert shown.column_names == ["Gibbs steps k", "length of the bias"]
    assert shown.num_rows == MAX_ROWS
    assert (shown[0][0].as_py(), shown[0][-1].as_py()) == (0, n - 1)
    axis = table_of(
        {
            "method": ["AIS", "", ""],
            "mark": ["interval", "truth", "reach"],
            "log_z": [1.0, 2.0, 9.0],
        }
    )
    assert AXIS.table(axis).to_pydict() == {
        "method": ["AIS", "the truth"], "log Z (nats)": [1.0, 2.0]
    }  # fmt: skip
    for heads in (TERMS, LIKELIHOOD):
        assert heads.table(pa.table({"step": pa.array([], pa.float64())})).num_rows == 0
