"""The numbers of a chart as a table: columns with names and units, in the chart's own order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MAX_ROWS = 1000

NATS = "nats"


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
                found[head] = of[name] if cells is None else [words.get(x, x) for x in cells]
        return pa.table(found)


def rows_shown(n_rows: int) -> list[int]:
    """List the rows that a long table shows.

    >>> rows_shown(3), len(rows_shown(5000)), rows_shown(5000)[-1]
    ([0, 1, 2], 1000, 4999)
    """
    if n_rows <= MAX_ROWS:
        return list(range(n_rows))
    return np.linspace(0, n_rows - 1, MAX_ROWS).round().astype(int).tolist()


def _interval(name: str, of: str) -> dict[str, str]:
    return {f"{name}_low": f"{of}, 95 % from ({NATS})", f"{name}_high": f"to ({NATS})"}


TERMS = Heads(
    {
        "step": "step",
        "mean_log_p_tilde": f"mean log p̃ ({NATS})",
        "log_z": f"log Z exact ({NATS})",
        "log_z_estimate": f"log Z estimated ({NATS})",
        **_interval("log_z", "log Z"),
        "log_z_tracked": f"log Z tracked ({NATS})",
    }
)
LIKELIHOOD = Heads(
    {
        "step": "step",
        "log_likelihood": f"mean log-likelihood exact ({NATS} a row)",
        "log_likelihood_estimate": f"mean log-likelihood estimated ({NATS} a row)",
        **_interval("log_likelihood_estimate", "mean log-likelihood"),
        "best": f"best reachable ({NATS} a row)",
    }
)
CELLS = Heads({"i": "visible unit i", "j": "hidden unit j", "value": "gradient of W"})
MIXING = Heads(
    {
        "k": "Gibbs steps k",
        "bias": "length of the bias",
        "noise": "length of the noise",
        "lambda_power": "λ₂ to the k",
    }
)
STATES = Heads(
    {
        "rank": "rank",
        "state": "state, unit 0 first",
        "model": "p of the model, exact",
        "data": "share of the data",
        "chains": "share of the chains",
    }
)
AXIS = Heads(
    {
        "method": "method",
        "log_z": f"log Z ({NATS})",
        "low": f"95 % from ({NATS})",
        "high": f"to ({NATS})",
        "text": "as written",
    },
    words={"method": {"": "the truth"}},
    only=("mark", ["exact", "interval", "bound", "approximation", "truth"]),
)
WEIGHTS = Heads(
    {
        "series": "what",
        "low": f"log weight from ({NATS})",
        "high": f"to ({NATS})",
        "share": "share",
        "log_z": f"log Z ({NATS})",
    },
    words={"series": {"chains": "share of the chains", "weight": "share of the weight"}},
    only=("series", ["chains", "weight", "estimate", "exact"]),
)
PATH = Heads(
    {
        "beta": "β",
        "log_z": f"log Z of β ({NATS})",
        "slope": f"slope ({NATS} per unit of β)",
        "exact": f"log Z exact ({NATS})",
    }
)
EXACTNESS_TIMES = Heads(
    {
        "what": "what",
        "name": "name",
        "units": "units of the shorter layer",
        "time": "log10 of seconds",
    },
    only=("what", ["measured", "continued", "limit", "model"]),
)
COSTS = Heads(
    {
        "method": "method",
        "size": "size",
        "seconds": "CPU seconds",
        "error": f"error ({NATS})",
    },
    words={"method": {"": "exact sum"}},
)
_TERMS_WORDS = {"log_z": "log Z", "log_p": "mean log p̃", "log_likelihood": "log p"}
_WIGGLE = {"name": "curve", "what": "what", "epsilon": "ε", "nats": f"change ({NATS})"}
BOTH_CURVES = Heads(_WIGGLE, {"name": _TERMS_WORDS}, ("name", ["log_z", "log_p"]))
DIFFERENCE_CURVE = Heads(_WIGGLE, {"name": _TERMS_WORDS}, ("name", ["log_likelihood"]))
STATE_TERMS = Heads(
    {
        "rank": "rank",
        "state": "state, unit 0 first",
        "p": "p(x)",
        "slope": "slope of log p̃(x)",
        "term": "adds",
    }
)
TOTAL = Heads({"n": "states summed", "total": "running total"})
MACHINE_COSTS = Heads({"name": "structure", "units": "units in all", "seconds": "CPU seconds"})


def duel_heads(label_a: str, label_b: str) -> Heads:
    """Name the columns of two runs."""
    names = {"step": "step"}
    for run, label in (("a", f"A: {label_a}"), ("b", f"B: {label_b}")):
        names |= {run: f"{label} ({NATS} a row)"}
        names |= {f"{run}_low": f"{run.upper()}, 95 % from", f"{run}_high": f"{run.upper()}, to"}
    return Heads({**names, "best": f"best reachable ({NATS} a row)"})


def seeds_heads(labels: Sequence[str]) -> Heads:
    """Name the columns of many seeds: the median and the quartiles."""
    curves = {float(k): label for k, label in enumerate(labels)} | {2.0: "the run above"}
    return Heads(
        {
            "curve": "curve",
            "step": "step",
            "y": f"mean log-likelihood, median ({NATS} a row)",
            "low": "lower quartile",
            "high": "upper quartile",
        },
        words={"curve": curves},
    )


def race_heads(names: Sequence[str]) -> Heads:
    """Name the curves of all machines."""
    columns = {f"k{n}": f"{name} ({NATS} a row)" for n, name in enumerate(names)}
    return Heads({"step": "step", **columns, "best": f"best reachable ({NATS} a row)"})
