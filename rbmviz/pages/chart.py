"""A chart on a page: typed columns under a constant specification, in words and as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from rbmviz.charts.chart_table import MAX_ROWS, Heads
from rbmviz.language import _

_WIDTH, _HEIGHT, _ROWS = 640, 340, 9  # pixels, and rows that need no bar
_DIGITS = "%.6g"  # small ones too: four decimals would make them 0

Columns = Mapping[str, Sequence[Any]]


def table_of(columns: Columns) -> pa.Table:
    """Make a typed table: text where there is any, numbers elsewhere."""
    return pa.table(
        {
            name: pa.array(
                column, pa.string() if any(isinstance(x, str) for x in column) else pa.float64()
            )
            for name, column in columns.items()
        }
    )


def show_chart(
    place: Any,
    columns: Columns | pa.Table,
    spec: Mapping[str, Any],
    alternative: str,
    heads: Heads,
    key: str | None = None,
    table_key: str | None = None,
) -> None:
    """Draw a chart at a place (st or one of its containers), and its numbers behind a button.

    heads: of the table. It needs a key, the chart's or its own: of what is drawn more than once in
    a run of the page, only the last may have one.

    The alternative, made from the numbers, speaks for the whole picture: its single marks are
    hidden from a screen reader, which would read them out one by one.
    """
    table = columns if isinstance(columns, pa.Table) else table_of(columns)
    config = spec.get("config", {})
    marks = {**config.get("mark", {}), "aria": False}
    silent = {**spec, "config": {**config, "aria": False, "mark": marks}}
    table_key = table_key or key
    if table_key is None:
        place.vega_lite_chart(table, silent, key=key, width="stretch", alt=alternative)
        return
    with place.container():
        st.vega_lite_chart(table, silent, key=key, width="stretch", alt=alternative)
        _show_table(table, heads, table_key)


def _show_table(table: pa.Table, heads: Heads, key: str) -> None:
    """Draw the button; the table is made while it is open, so that a closed one costs nothing."""
    popover = st.popover(_("Table"), key=f"table_of_{key}", type="tertiary", on_change="rerun")
    if not popover.open:
        return
    with popover:
        n_rows = heads.rows(table).num_rows
        height = "auto" if n_rows < _ROWS else _HEIGHT
        shown = heads.table(table)
        digits = {
            name: st.column_config.NumberColumn(format=_DIGITS)
            for name in shown.column_names
            if pa.types.is_floating(shown[name].type)
        }
        st.dataframe(shown, width=_WIDTH, height=height, hide_index=True, column_config=digits)
        if n_rows > MAX_ROWS:
            st.caption(
                _("{shown:,} of {n_rows:,} rows, evenly spaced.").format(
                    shown=MAX_ROWS, n_rows=n_rows
                )
            )


def words_while_playing(title: str) -> str:
    """Name a chart that moves: nobody could follow its numbers, and new words draw it anew."""
    return _("{title}. Pause to have its numbers read out.").format(title=title)
