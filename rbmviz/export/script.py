"""A Python script that makes a run again with the library alone, and checks its numbers."""

import hashlib
import platform
from dataclasses import fields, is_dataclass
from itertools import pairwise

import numpy as np
import scipy

import rbmviz
from rbmviz.core.datasets import dataset_names
from rbmviz.core.rbm import RBM
from rbmviz.core.training import TrainingSettings
from rbmviz.run.run import Run
from rbmviz.run.settings import LabSettings

_HEAD = '''"""Make a run of rbmviz again: {title}, {label}, {steps}.

Run it with: python {file_name}
It needs numpy, scipy and rbmviz {version}; it trains, prints the numbers and checks them.
"""

import hashlib
import sys
from dataclasses import replace

import numpy as np

import rbmviz as rv

'''
_FINGERPRINT = '''

def fingerprint(*arrays):
    """Give one short name to numbers that are the same, bit for bit."""
    raw = b"".join(np.ascontiguousarray(array, "<f8").tobytes() for array in arrays)
    return hashlib.sha256(raw).hexdigest()[:16]


'''
_CHECK = """
print(f"step {{state.step:,}}")
wrong = 0
for name, value in found.items():
    same = value == expected[name]
    wrong += not same
    print(f"{{name}}: {{value}}" + ("" if same else f"   expected {{expected[name]}}"))
if wrong:
    sys.exit(
        f"{{wrong}} of {{len(found)}} numbers differ. Rounding depends on the versions and on the "
        "processor, and a sample that falls the other way changes what follows. The run was made "
        "with {versions}; OMP_NUM_THREADS=1 keeps to one thread."
    )
print("All numbers are the same, bit for bit.")
"""


def reproducing_script(run: Run, file_name: str = "rbmviz_run.py") -> str:
    """Write a script that trains from step 0 and takes each change of settings at its step.

    It prints mean log p~, and where they are known the exact log Z and mean log-likelihood, in
    nats, the length of the gradient's estimate, and a fingerprint of W, b and c; it exits with 1
    when one of them differs from the run's.
    """
    snapshot, schedule = run.snapshot, run.taken_schedule.entries
    first = schedule[0][1]
    exact = snapshot.log_z is not None
    changes = _changes(schedule)
    head = _HEAD.format(
        title=run.title,
        label=run.settings.label,
        steps=f"{snapshot.step:,} updates from seed {first.seed}",
        file_name=file_name,
        version=rbmviz.__version__,
    )
    lines = [_data(first), f"settings = {_call(changes[0][1])}", "state = rv.start(settings, v)"]
    for (_, before), (step, settings) in pairwise(changes):
        lines.append(_train_to(step))
        lines.append(f"settings = {_changed(before, settings)}  # as it was changed at this step")
        lines.append("state = rv.with_settings(state, settings)")
    lines.append(_train_to(snapshot.step))
    lines.append(
        f"moment = rv.take_snapshot(state, rv.train_step(state), exact={exact})\n"
        "gradient = rv.gradient(moment.positive, moment.negative.statistics)"
    )
    expected: dict[str, object] = {
        "W, b and c": f'"{fingerprint(snapshot.rbm)}"',
        "mean log p~, nats": snapshot.mean_log_p_tilde,
        "length of the gradient, estimated": float(_gradient_norm(run)),
    }
    found = {
        "W, b and c": "fingerprint(state.rbm.W, state.rbm.b, state.rbm.c)",
        "mean log p~, nats": "moment.mean_log_p_tilde",
        "length of the gradient, estimated": "float(np.linalg.norm(gradient.flat()))",
    }
    if exact:
        expected["log Z, nats, exact"] = snapshot.log_z
        expected["mean log-likelihood, nats, exact"] = snapshot.mean_log_likelihood
        found["log Z, nats, exact"] = "moment.log_z"
        found["mean log-likelihood, nats, exact"] = "moment.mean_log_likelihood"
    lines.append(_dictionary("found", found))
    lines.append(_dictionary("expected", {name: str(value) for name, value in expected.items()}))
    return (
        head.rstrip("\n")
        + "\n"
        + _FINGERPRINT
        + "\n".join(lines)
        + _CHECK.format(
            versions=f"numpy {np.__version__}, scipy {scipy.__version__} on {platform.machine()}"
        )
    )


def fingerprint(rbm: RBM) -> str:
    """Give one short name to parameters that are the same, bit for bit."""
    raw = b"".join(np.ascontiguousarray(a, "<f8").tobytes() for a in (rbm.W, rbm.b, rbm.c))
    return hashlib.sha256(raw).hexdigest()[:16]


def _gradient_norm(run: Run) -> float:
    positive, negative = run.snapshot.positive, run.snapshot.negative.statistics
    return float(np.linalg.norm(rbmviz.gradient(positive, negative).flat()))


def _changes(schedule: tuple[tuple[int, LabSettings], ...]) -> list[tuple[int, TrainingSettings]]:
    """Leave out what changed nothing: a parameter of an estimator that is not in use."""
    changes: list[tuple[int, TrainingSettings]] = []
    for step, settings in schedule:
        training = settings.training_settings()
        if not changes or training != changes[-1][1]:
            changes.append((step, training))
    return changes


def _train_to(step: int) -> str:
    return f"state = rv.train(state, {step} - state.step)"


def _data(settings: LabSettings) -> str:
    if settings.dataset in dataset_names():
        return f'v = rv.load_dataset("{settings.dataset}").v'
    rows = "\n".join("".join("01"[int(unit)] for unit in row) for row in settings.data.v)
    return (
        f'rows = """\n{rows}\n""".split()\n'
        "v = np.array([[int(unit) for unit in row] for row in rows], dtype=float)"
    )


def _dictionary(name: str, entries: dict[str, str]) -> str:
    lines = "".join(f'    "{key}": {value},\n' for key, value in entries.items())
    return f"{name} = {{\n{lines}}}"


def _changed(before: TrainingSettings, after: TrainingSettings) -> str:
    changed = (
        f"{spec.name}={_inline(getattr(after, spec.name))}"
        for spec in fields(after)
        if getattr(after, spec.name) != getattr(before, spec.name)
    )
    return f"replace(settings, {', '.join(changed)})"


def _call(settings: TrainingSettings) -> str:
    """Write the call that builds the settings, a line for each."""
    lines = (f"    {s.name}={_inline(getattr(settings, s.name))},\n" for s in fields(settings))
    return f"rv.TrainingSettings(\n{''.join(lines)})"


def _inline(value: object) -> str:
    """Write a value of the settings: a number, or the call that builds an estimator."""
    if not is_dataclass(value):
        return repr(value)
    inside = (f"{s.name}={getattr(value, s.name)!r}" for s in fields(value) if s.init)
    return f"rv.{type(value).__name__}({', '.join(inside)})"
