"""The numbers of a chart as a table: columns with names and units, in the chart's own order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rbmviz.language import N_, _

MAX_ROWS = 1000


@dataclass(frozen=True)
class Heads:
    """Which columns of a chart are read as numbers, and what they are called."""

    names: Mapping[str, str]  # column: its head, with the unit
    words: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)  # column: value: word
    only: tuple[str, Sequence[Any]] | None = None  # rows whose column has one of these values

    def rows(self, of: pa.Table) -> pa.Table:
        """Pick the rows that hold numbers, not marks and ends of axes."""
        if self.only is None:
            return of
        column, values = self.only
        return of.filter(pc.is_in(of[column], pa.array(list(values))))

    def table(self, of: pa.Table) -> pa.Table:
        """Name the columns; those that hold nothing are left out.

        At most MAX_ROWS rows, evenly spaced, the first and the last among them.
        """
        of = self.rows(of)
        of = of.take(pa.array(rows_shown(of.num_rows), pa.int64()))
        found = {}
        for name, head in self.names.items():
            if name in of.column_names and of[name].null_count < of.num_rows:
                words = self.words.get(name)
                cells = of[name].to_pylist() if words else None
                found[_(head)] = of[name] if cells is None else [_said(words, x) for x in cells]
        return pa.table(found)


def _said(words: Mapping[Any, str], cell: Any) -> Any:
    """Put a cell in words; what a chart puts into a column itself is in the reader's language."""
    return _(words[cell]) if cell in words else cell


def rows_shown(n_rows: int) -> list[int]:
    """List the rows that a long table shows.

    >>> rows_shown(3), len(rows_shown(5000)), rows_shown(5000)[-1]
    ([0, 1, 2], 1000, 4999)
    """
    if n_rows <= MAX_ROWS:
        return list(range(n_rows))
    return np.linspace(0, n_rows - 1, MAX_ROWS).round().astype(int).tolist()


TERMS = Heads(
    {
        "step": N_("step"),
        "mean_log_p_tilde": N_("mean log p̃ (nats)"),
        "log_z": N_("log Z exact (nats)"),
        "log_z_estimate": N_("log Z estimated (nats)"),
        "log_z_low": N_("log Z, 95 % from (nats)"),
        "log_z_high": N_("to (nats)"),
        "log_z_tracked": N_("log Z tracked (nats)"),
    }
)
LIKELIHOOD = Heads(
    {
        "step": N_("step"),
        "log_likelihood": N_("mean log-likelihood exact (nats per row)"),
        "log_likelihood_estimate": N_("mean log-likelihood estimated (nats per row)"),
        "log_likelihood_estimate_low": N_("mean log-likelihood, 95 % from (nats)"),
        "log_likelihood_estimate_high": N_("to (nats)"),
        "best": N_("best reachable (nats per row)"),
    }
)
CELLS = Heads({"i": N_("visible unit i"), "j": N_("hidden unit j"), "value": N_("gradient of W")})
MIXING = Heads(
    {
        "k": N_("Gibbs steps k"),
        "bias": N_("length of the bias"),
        "noise": N_("length of the noise"),
        "lambda_power": N_("λ₂ to the k"),
    }
)
STATES = Heads(
    {
        "rank": N_("rank"),
        "state": N_("state, unit 0 first"),
        "model": N_("p of the model, exact"),
        "data": N_("share of the data"),
        "chains": N_("share of the chains"),
    }
)
AXIS = Heads(
    {
        "method": N_("method"),
        "log_z": N_("log Z (nats)"),
        "low": N_("95 % from (nats)"),
        "high": N_("to (nats)"),
        "text": N_("as written"),
    },
    words={"method": {"": N_("the truth")}},
    only=("mark", ["exact", "interval", "bound", "approximation", "truth"]),
)
WEIGHTS = Heads(
    {
        "series": N_("what"),
        "low": N_("log weight from (nats)"),
        "high": N_("to (nats)"),
        "share": N_("share"),
        "log_z": N_("log Z (nats)"),
    },
    words={
        "series": {
            "chains": N_("share of the chains"),
            "weight": N_("share of the weight"),
            "estimate": N_("estimate"),
            "exact": N_("exact"),
        }
    },
    only=("series", ["chains", "weight", "estimate", "exact"]),
)
PATH = Heads(
    {
        "beta": "β",
        "log_z": N_("log Z of β (nats)"),
        "slope": N_("slope (nats per unit of β)"),
        "exact": N_("log Z exact (nats)"),
    }
)
EXACTNESS_TIMES = Heads(
    {
        "what": N_("what"),
        "name": N_("name"),
        "units": N_("units of the shorter layer"),
        "time": N_("log10 of seconds"),
    },
    words={
        "what": {
            "measured": N_("measured"),
            "continued": N_("continued"),
            "limit": N_("limit"),
            "model": N_("model"),
        }
    },
    only=("what", ["measured", "continued", "limit", "model"]),
)
COSTS = Heads(
    {
        "method": N_("method"),
        "size": N_("size"),
        "seconds": N_("CPU seconds"),
        "error": N_("error (nats)"),
    },
    words={"method": {"": N_("exact sum")}},
)
_TERMS_WORDS = {"log_z": "log Z", "log_p": N_("mean log p̃"), "log_likelihood": "log p"}
_PARTS = {"curve": N_("curve"), "tangent": N_("tangent"), "point": N_("point")}
_WIGGLE_WORDS = {"name": _TERMS_WORDS, "what": _PARTS}
_WIGGLE = {"name": N_("curve"), "what": N_("what"), "epsilon": "ε", "nats": N_("change (nats)")}
BOTH_CURVES = Heads(_WIGGLE, _WIGGLE_WORDS, ("name", ["log_z", "log_p"]))
DIFFERENCE_CURVE = Heads(_WIGGLE, _WIGGLE_WORDS, ("name", ["log_likelihood"]))
STATE_TERMS = Heads(
    {
        "rank": N_("rank"),
        "state": N_("state, unit 0 first"),
        "p": "p(x)",
        "slope": N_("slope of log p̃(x)"),
        "term": N_("adds"),
    }
)
TOTAL = Heads({"n": N_("states summed"), "total": N_("running total")})
MACHINE_COSTS = Heads(
    {"name": N_("structure"), "units": N_("units in all"), "seconds": N_("CPU seconds")}
)


def duel_heads(label_a: str, label_b: str) -> Heads:
    """Name the columns of two runs."""
    names = {"step": N_("step")}
    for run, label in (("a", f"A: {label_a}"), ("b", f"B: {label_b}")):
        names |= {
            run: _a_row(label),
            f"{run}_low": _("{run}, 95 % from").format(run=run.upper()),
            f"{run}_high": _("{run}, to").format(run=run.upper()),
        }
    return Heads({**names, "best": N_("best reachable (nats per row)")})


def seeds_heads(labels: Sequence[str]) -> Heads:
    """Name the columns of many seeds: the median and the quartiles."""
    curves = {float(k): label for k, label in enumerate(labels)} | {2.0: N_("the run above")}
    return Heads(
        {
            "curve": N_("curve"),
            "step": N_("step"),
            "y": N_("mean log-likelihood, median (nats per row)"),
            "low": N_("lower quartile"),
            "high": N_("upper quartile"),
        },
        words={"curve": curves},
    )


def race_heads(names: Sequence[str]) -> Heads:
    """Name the curves of all machines."""
    columns = {f"k{n}": _a_row(name) for n, name in enumerate(names)}
    return Heads({"step": N_("step"), **columns, "best": N_("best reachable (nats per row)")})


def _a_row(name: str) -> str:
    return _("{name} (nats per row)").format(name=name)
