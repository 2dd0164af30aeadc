"""A chart on a page: typed columns under a constant specification, with a text alternative."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from rbmviz.language import _

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
    key: str | None = None,
) -> None:
    """Draw a chart at a place (st or one of its containers).

    The alternative, made from the numbers, speaks for the whole picture: its single marks are
    hidden from a screen reader, which would read them out one by one.
    """
    table = columns if isinstance(columns, pa.Table) else table_of(columns)
    config = spec.get("config", {})
    marks = {**config.get("mark", {}), "aria": False}
    silent = {**spec, "config": {**config, "aria": False, "mark": marks}}
    place.vega_lite_chart(table, silent, key=key, width="stretch", alt=alternative)


def words_while_playing(title: str) -> str:
    """Name a chart that moves: nobody could follow its numbers, and new words draw it anew."""
    return _("{title}. Pause to have its numbers read out.").format(title=title)
