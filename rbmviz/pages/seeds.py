"""Many seeds: the same training again and again, in a part of the page that works by itself.

Each run of the part does a little of the work, so that the stage goes on between two of them. The
buttons are outside of it: a click on what is redrawn in that moment would be lost.
"""

import streamlit as st

from rbmviz.charts.alternative import by_group, curves_in_words
from rbmviz.charts.chart_table import seeds_heads
from rbmviz.charts.ledger import ledger_columns
from rbmviz.charts.runs import seeds_columns, seeds_spec
from rbmviz.language import _
from rbmviz.pages.chart import show_chart
from rbmviz.run.difference import Difference, run_label
from rbmviz.run.lab import Lab
from rbmviz.run.settings import LabSettings
from rbmviz.studio.many_seeds import (
    DEFAULT_SEEDS,
    DEFAULT_UPDATES,
    SEEDS,
    UPDATES,
    ManySeeds,
    SeedsPlan,
    why_not,
)

WORK_SECONDS, WORK_EVERY = 0.2, 0.3  # in each run of this part, and between two


def show_many_seeds(lab: Lab, difference: Difference | None) -> None:
    """Draw the controls, and the part that works: while there is work it runs again by itself."""
    work: ManySeeds | None = st.session_state.get("seeds_work")
    busy = work is not None and not work.done
    with st.expander(_("Many seeds"), expanded=work is not None):
        _controls(work, busy, _settings(lab.settings, difference), difference)
        if work is not None:
            part = st.fragment(_part, run_every=WORK_EVERY if busy else None)
            part(lab, work, difference)


def _controls(
    work: ManySeeds | None,
    busy: bool,
    settings: tuple[LabSettings, ...],
    difference: Difference | None,
) -> None:
    st.caption(
        _(
            "One run can be lucky. This trains the settings of the lab from many seeds, "
            "and of run B "
            "where there is one, and draws their exact mean log-likelihood: median and middle half."
        )
    )
    if reason := why_not(settings[0]):
        st.info(reason)
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    # A visit to another page makes Streamlit forget the fields
    st.session_state.setdefault("seeds_count", work.plan.n_seeds if work else DEFAULT_SEEDS)
    st.session_state.setdefault("seeds_updates", work.plan.n_updates if work else DEFAULT_UPDATES)
    left.number_input(
        _("Number of seeds"),
        *SEEDS,
        step=10,
        key="seeds_count",
        persist_state="session",
        disabled=busy,
    )
    middle.number_input(
        _("Updates of each"),
        *UPDATES,
        step=1000,
        key="seeds_updates",
        persist_state="session",
        disabled=busy,
    )
    if busy:
        right.button(_("Cancel"), key="seeds_cancel", width="stretch", on_click=_cancel)
    else:
        right.button(
            _("Run"),
            key="seeds_run",
            width="stretch",
            type="primary",
            disabled=bool(reason),
            on_click=_begin,
            args=(settings, difference),
        )


def _part(lab: Lab, work: ManySeeds, difference: Difference | None) -> None:
    """Work a little, and draw the progress and the picture."""
    if not work.done:
        work.advance(WORK_SECONDS)
        st.progress(
            work.share,
            text=_("Training {n} seeds: {share:.0%}").format(n=work.plan.n_seeds, share=work.share),
        )
        if work.done:
            st.rerun()  # the whole page: it says how often this part runs, and draws the buttons
    _picture(lab, work, _settings(lab.settings, difference))


def _settings(settings: LabSettings, difference: Difference | None) -> tuple[LabSettings, ...]:
    return (settings, difference.applied_to(settings)) if difference else (settings,)


def _begin(settings: tuple[LabSettings, ...], difference: Difference | None) -> None:
    """Start the work; the numbers were clamped by nobody yet."""
    if len(settings) == 2 and difference:
        labels = tuple(
            f"{name}: {run_label(one, difference.name)}"
            for name, one in zip("AB", settings, strict=True)
        )
    else:
        labels = (_("median of {label}").format(label=settings[0].label),)
    try:
        plan = SeedsPlan(
            settings,
            labels,
            n_seeds=int(_clamped(st.session_state.get("seeds_count"), SEEDS, DEFAULT_SEEDS)),
            n_updates=int(
                _clamped(st.session_state.get("seeds_updates"), UPDATES, DEFAULT_UPDATES)
            ),
        )
    except ValueError:
        return  # the settings changed in the same moment; the page says what does not fit
    st.session_state.seeds_work = ManySeeds(plan)


def _clamped(value: object, limits: tuple[int, int], default: int) -> int:
    if not isinstance(value, int | float) or value != value:
        return default
    return int(min(max(value, limits[0]), limits[1]))


def _cancel() -> None:
    if (work := st.session_state.get("seeds_work")) is not None:
        work.stop(_("Cancelled."))


def _picture(lab: Lab, work: ManySeeds, settings: tuple[LabSettings, ...]) -> None:
    """Draw what is known so far, and say what it belongs to."""
    plan = work.plan
    notes = [work.ended] if work.ended else []
    if work.done and plan.settings != settings:
        notes.append(_("The settings have changed since: this picture belongs to those before."))
    st.caption(" ".join(notes) or _belongs_to(plan))
    steps = work.steps
    if not steps:
        return
    run: tuple[list[float | None], list[float | None]] = ([], [])
    same = plan.settings[0] == lab.settings
    if same:  # the run above is one of the seeds, as far as its settings stayed
        record = ledger_columns(lab.curves(), None)
        points = zip(record["step"], record["log_likelihood"], strict=True)
        kept = [(x, y) for x, y in points if y is not None and x <= plan.n_updates]
        run = ([x for x, y in kept], [y for x, y in kept])
    columns = seeds_columns(steps, work.curves, run)
    spec = seeds_spec(plan.labels, plan.n_seeds, same)
    names = {
        float(k): _("median of {label}").format(label=label) for k, label in enumerate(plan.labels)
    }
    curves = by_group(columns, "curve", "step", "y", names)
    words = curves_in_words(
        _("Mean log-likelihood of {n_seeds} seeds, nats").format(n_seeds=plan.n_seeds),
        "step",
        curves,
    )
    show_chart(st, columns, spec, words, seeds_heads(plan.labels), key="seeds_chart")


def _belongs_to(plan: SeedsPlan) -> str:
    first = plan.settings[0]
    return _("{name}, {n_hidden} hidden units, seeds {first} to {last}.").format(
        name=first.data.name,
        n_hidden=first.n_hidden,
        first=first.seed,
        last=first.seed + plan.n_seeds - 1,
    )
