"""The panels of the page Which phase is hard: table, curves, maps of both phases, costs."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from rbmviz.charts.alternative import by_group, curves_in_words
from rbmviz.charts.chart_table import MACHINE_COSTS, race_heads
from rbmviz.charts.machine_cost import machine_cost_columns, machine_cost_spec
from rbmviz.charts.machines import (
    OverviewRow,
    PhaseCell,
    graph_picture,
    likelihood_columns,
    overview_html,
    race_spec,
)
from rbmviz.core.boltzmann import MachineStatistics, PhaseCost
from rbmviz.core.errors import FloatArray
from rbmviz.language import _, ngettext
from rbmviz.language.numbers import decimal
from rbmviz.pages.chart import show_chart, words_while_playing
from rbmviz.pages.progress import with_progress
from rbmviz.stage.component import show_maps
from rbmviz.stage.maps import HeatMap, encode_pair_maps
from rbmviz.studio.machine_cost import (
    APPROXIMATE,
    N_ROWS,
    MachineCostPoint,
    measure_machine_costs,
    predicted_cost_seconds,
)
from rbmviz.studio.machine_race import SHOWN_SWEEPS, Approximation, Race, Standing
from rbmviz.studio.machine_settings import KINDS, hidden_layers, unit_names

CURVES_HEIGHT = 290
_RESOLVED = 5e-4  # nats; a smaller gap is called none


def show_overview(race: Race, standings: Mapping[str, Standing], kind: str) -> None:
    """Draw the table of all structures."""
    rows = [_overview_row(race, standing, kind) for standing in standings.values()]
    st.html(overview_html(rows))


def _overview_row(race: Race, standing: Standing, chosen: str) -> OverviewRow:
    structure = standing.state.machine.structure
    layers = hidden_layers(standing.kind, race.settings.n_hidden)
    cells = []
    for phase, (cost, verdict, seconds) in enumerate(
        zip(standing.costs, standing.verdicts, standing.seconds, strict=True)
    ):
        cut = structure.free_cut
        if phase == 0:
            cut = [structure.n_visible + unit for unit in structure.clamped_cut]
        spoken = (
            _(
                "{machine}, {n_visible} visible units clamped, hidden layers {layers}, "
                "{n} units summed state by state"
            )
            if phase == 0
            else _(
                "{machine}, {n_visible} visible units free, hidden layers {layers}, "
                "{n} units summed state by state"
            )
        ).format(
            machine=_(KINDS[standing.kind]),
            n_visible=structure.n_visible,
            layers=layers or _("none"),
            n=len(cut),
        )
        picture = graph_picture(structure, tuple(layers), phase == 0, tuple(cut))
        time = _("{seconds:.2g} ms measured").format(seconds=1000 * seconds)
        cells.append(PhaseCell(picture, spoken, verdict, _terms(cost), time))
    units = " + ".join(str(n) for n in (structure.n_visible, *layers))
    return OverviewRow(
        name=_(KINDS[standing.kind]),
        units=_("{n} units").format(n=units),
        positive=cells[0],
        negative=cells[1],
        log_likelihood=decimal(standing.log_likelihood),
        gap=_("none") if standing.gap < _RESOLVED else f"{standing.gap:.3f}",
        chosen=standing.kind == chosen,
    )


def _terms(cost: PhaseCost) -> str:
    """Say how many terms the sum has, with the power as a raised number."""
    if not cost.n_units:
        return _("nothing to sum")
    return f"2<sup>{cost.cut}</sup> = {2**cost.cut:,}"


def show_likelihoods(race: Race) -> None:
    """Draw the exact log-likelihood of all structures, step by step."""
    curves = race.curves()
    steps = curves.pop("step")
    best = race.settings.data.best_mean_log_likelihood
    columns = likelihood_columns(steps, list(curves.values()), best)
    kinds = tuple(map(_, KINDS.values()))
    spec = race_spec(kinds, CURVES_HEIGHT)
    points = {_(KINDS[k]): list(zip(steps, curve, strict=True)) for k, curve in curves.items()}
    title = _("Mean log-likelihood, exact, nats per row")
    words = (
        words_while_playing(title) if race.playing else curves_in_words(title, _("step"), points)
    )
    show_chart(st, columns, spec, words, race_heads(kinds), key="machine_curves")
    st.html(
        f'<div style="font-size:15px" data-testid="race-step" data-step="{race.step}">'
        f"{_('Step <b>{step:,}</b> of all five').format(step=race.step)}</div>"
    )


def show_phases(
    race: Race,
    standing: Standing,
    approximation: Approximation,
    seq: int,
    on_pull: Callable[[], None],
) -> None:
    """Draw both phases of a structure, exact and approximate, and the gaps.

    seq: of the answer, which the browser sends back when it has painted it.
    """
    settings, structure = race.settings, standing.state.machine.structure
    coupled = structure.adjacency | np.eye(len(structure.adjacency), dtype=bool)

    def shown(statistics: MachineStatistics) -> FloatArray:
        return np.where(coupled, statistics.pairs, np.nan)

    exact, negative = shown(standing.positive), shown(standing.negative)
    near, chains = shown(approximation.positive), shown(approximation.negative)
    upper = _("gibbs chains") if settings.positive == "gibbs" else _("mean field")
    hidden = structure.n_hidden
    maps = [
        HeatMap(_("Positive, exact"), _("E[x xᵀ], v clamped"), exact, "clamped", "positive"),
        HeatMap(
            _("Positive, {method}").format(method=upper) if hidden else _("Positive, data"),
            _("estimated") if hidden else _("nothing to estimate"),
            near,
            "clamped",
            "positive",
            bool(hidden),
        ),
        HeatMap(
            _("Gap"),
            _("{method} − exact").format(method=upper),
            near - exact,
            "signedClamped",
            "positive",
            least=1e-3,
        ),
        HeatMap(_("Negative, exact"), _("E[x xᵀ], all free"), negative, "share", "negative"),
        HeatMap(_("Negative, chains"), _("100 chains"), chains, "share", "negative", True),
        HeatMap(_("Gap"), _("chains − exact"), chains - negative, "signed", "negative", least=1e-3),
    ]
    names = unit_names(standing.kind, structure.n_visible, settings.n_hidden)
    pull = seq if race.playing else None
    message = encode_pair_maps(maps, names, structure.n_visible, pull)
    show_maps(message, key="machine_maps", on_pull=on_pull)


def show_facts(race: Race, standing: Standing, approximation: Approximation) -> None:
    """Write the bound beside what it bounds, and the times of the approximations."""
    facts = [
        (_("log p̃(v), exact"), decimal(standing.mean_log_p_tilde)),
        (_("bound L, mean field"), decimal(standing.bound)),
        (
            _("gap"),
            _("none") if standing.gap < _RESOLVED else _("{gap:.4f} nats").format(gap=standing.gap),
        ),
        (_("log Z, exact"), decimal(standing.log_z)),
    ]
    if standing.state.machine.n_hidden:
        n = standing.n_iterations
        rests = ngettext("{n} sweep", "{n} sweeps", n).format(n=n)
        facts.append(
            (
                _("mean field"),
                rests if standing.converged else _("{rests}, not converged").format(rests=rests),
            )
        )
    upper, lower = approximation.seconds
    n = 1 if race.settings.negative == "chains" else SHOWN_SWEEPS
    facts.append(
        (
            ngettext("{n} sweep of the chains", "{n} sweeps of the chains", n).format(n=n),
            f"{1000 * lower:.2g} ms",
        )
    )
    if race.settings.positive == "gibbs":
        facts.append((_("clamped chains"), f"{1000 * upper:.2g} ms"))
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    st.html(f'<dl class="rbmviz-facts" data-testid="facts">{cells}</dl>')


# ---- what each phase costs ----------------------------------------------------------------


def _stop() -> None:
    st.session_state.race_costs_asked = False


def _ask() -> None:
    st.session_state.race_costs_asked = True
    st.session_state.pop("race_costs", None)


def show_costs() -> None:
    """Measure on request, and draw the time of both phases against the number of units."""
    st.markdown(_("#### What each phase costs on this computer"))
    points: list[MachineCostPoint] | None = st.session_state.get("race_costs")
    if points is None and st.session_state.get("race_costs_asked"):
        place, found = st.empty(), []
        with place.container():
            seconds = max(predicted_cost_seconds(), 1.0)
            with_progress(
                _("Measuring both phases, about {seconds:.0f} s").format(seconds=seconds),
                lambda progress: found.extend(measure_machine_costs(progress)),
                "stop_race_costs",
                _stop,
            )
        place.empty()
        points = st.session_state.race_costs = found
        st.session_state.race_costs_asked = False
    if points is None:
        st.button(
            _("Measure: about {seconds:.0f} s").format(seconds=max(predicted_cost_seconds(), 1)),
            on_click=_ask,
            key="race_costs_ask",
        )
        return
    for place, phase, kind in zip(
        st.columns(2, gap="medium"), ("positive", "negative"), ("mean field", "gibbs"), strict=True
    ):
        names = {kind: _(name) for kind, name in (KINDS | APPROXIMATE).items()}
        mine = [point for point in points if point.phase == phase]
        columns = machine_cost_columns(
            [names[p.kind] for p in mine], [p.n_units for p in mine], [p.seconds for p in mine]
        )
        title = (
            _("Positive phase: seconds, v clamped")
            if phase == "positive"
            else (_("Negative phase: seconds, nothing clamped"))
        )
        spec = machine_cost_spec(title, tuple(map(_, KINDS.values())), _(APPROXIMATE[kind]))
        curves = by_group(columns, "name", "units", "seconds", {n: n for n in columns["name"]})
        words = curves_in_words(title, _("units"), curves)
        show_chart(place, columns, spec, words, MACHINE_COSTS, key=f"machine_costs_{phase}")
    st.caption(
        _(
            "CPU time, measured here. Units are shared evenly between the layers; the block of "
            "the semi-restricted machine keeps 3 units. The positive phase clamps {n_rows} rows. "
            "A line that climbs straight on this scale doubles again and again: it is hard. "
            "Dashed: approximations of the general machine."
        ).format(n_rows=N_ROWS)
    )
    st.button(_("Measure again"), on_click=_ask, key="race_costs_again")
