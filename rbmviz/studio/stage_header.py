"""What the stage is told beside the frames: of the run as it plays, and of its recording."""

from collections.abc import Sequence
from typing import Any

from rbmviz.core.datasets import Dataset
from rbmviz.language import _
from rbmviz.run.exact_cost import ExactCost
from rbmviz.run.lab import LabAnswer
from rbmviz.run.own_data import OWN_NAME, is_own
from rbmviz.run.recording import Checkpoint
from rbmviz.run.settings import ROWS, LabSettings


def goal(data: Dataset) -> float | None:
    """The best reachable value, where reaching it is not mere memorising."""
    return data.best_mean_log_likelihood if data.is_complete else None


def live_header(answer: LabAnswer, exact: ExactCost) -> dict[str, Any]:
    """Describe an answer of the lab."""
    n_samples = len(answer.snapshots[0].negative.samples)
    header = {
        **answer.header,
        "recording_id": answer.recording_id,
        **_about(answer.settings, exact),
        **_how(answer.settings, n_samples),
    }
    if answer.recorded is not None:
        header["recording"] = recording_part(answer.recorded.sent, answer.recorded.serials)
    return header


def replay_header(checkpoints: Sequence[Checkpoint], settings: LabSettings) -> dict[str, Any]:
    """Describe a recording that is shown alone."""
    n_hidden = settings.n_hidden
    return {
        "seq": 1,
        "run": "recording",
        "recording_id": 1,
        "notice": None,
        "recording": recording_part(checkpoints, [each.serial for each in checkpoints]),
        **_about(settings, ExactCost(settings.data.n_visible, n_hidden)),
        **_how(settings, checkpoints[-1].n_samples),
    }


def recording_part(sent: Sequence[Checkpoint], serials: Sequence[int]) -> dict[str, Any]:
    """List the serial numbers of all checkpoints, and how those that are sent were made."""
    hows: list[dict[str, Any]] = []
    listed = []
    for each in sent:
        how = {**_how(each.settings, each.n_samples), "batch_size": each.batch_size}
        if how not in hows:
            hows.append(how)
        listed.append([each.serial, hows.index(how)])
    return {"serials": list(serials), "sent": listed, "hows": hows}


def _about(settings: LabSettings, exact: ExactCost) -> dict[str, Any]:
    data = settings.data
    return {
        "image_shape": list(data.image_shape),
        "n_rows": len(data.v),
        "best_mean_log_likelihood": goal(data),
        "exact": exact.offer,
        "driven": _driven(settings),
    }


def _driven(settings: LabSettings) -> dict[str, Any]:
    """Say what the sidebar drives, for when it is hidden."""
    data = settings.data
    values = [(said, getattr(settings, name)) for name, said in ROWS.items() if said.more]
    more = [said.in_words(value) for said, value in values if value != said.default]
    return {
        "data": _(OWN_NAME if is_own(settings.dataset) else settings.dataset),
        "units": _("{n_visible} visible, {n_hidden} hidden units").format(
            n_visible=data.n_visible, n_hidden=settings.n_hidden
        ),
        "more": [words for words in more if words],
        "seed": settings.seed,
    }


def _how(settings: LabSettings, n_samples: int) -> dict[str, Any]:
    negative = {
        "label": settings.label,
        "kind": settings.row.wire,
        "n_samples": n_samples,
    }
    return {"negative": negative, "learning_rate": settings.learning_rate}
