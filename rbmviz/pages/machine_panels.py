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
            f"{KINDS[standing.kind]}, {structure.n_visible} visible units "
            f"{'clamped' if phase == 0 else 'free'}, hidden layers {layers or 'none'}, "
            f"{len(cut)} units summed state by state"
        )
        picture = graph_picture(structure, tuple(layers), phase == 0, tuple(cut))
        time = f"{1000 * seconds:.2g} ms measured"
        cells.append(PhaseCell(picture, spoken, verdict, _terms(cost), time))
    units = " + ".join(str(n) for n in (structure.n_visible, *layers))
    return OverviewRow(
        name=KINDS[standing.kind],
        units=f"{units} units",
        positive=cells[0],
        negative=cells[1],
        log_likelihood=_nats(standing.log_likelihood),
        gap="none" if standing.gap < _RESOLVED else f"{standing.gap:.3f}",
        chosen=standing.kind == chosen,
    )


def _terms(cost: PhaseCost) -> str:
    """Say how many terms the sum has, with the power as a raised number."""
    if not cost.n_units:
        return "nothing to sum"
    return f"2<sup>{cost.cut}</sup> = {2**cost.cut:,}"


def _nats(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def show_likelihoods(race: Race) -> None:
    """Draw the exact log-likelihood of all structures, step by step."""
    curves = race.curves()
    steps = curves.pop("step")
    best = race.settings.data.best_mean_log_likelihood
    columns = likelihood_columns(steps, list(curves.values()), best)
    spec = race_spec(tuple(KINDS.values()), CURVES_HEIGHT)
    points = {KINDS[k]: list(zip(steps, curve, strict=True)) for k, curve in curves.items()}
    title = "Mean log-likelihood, exact, nats a row"
    words = words_while_playing(title) if race.playing else curves_in_words(title, "step", points)
    show_chart(st, columns, spec, words, race_heads(tuple(KINDS.values())), key="machine_curves")
    st.html(
        f'<div style="font-size:15px" data-testid="race-step" data-step="{race.step}">'
        f"Step <b>{race.step:,}</b> of all five</div>"
    )


def show_phases(
    race: Race, standing: Standing, approximation: Approximation, on_pull: Callable[[], None]
) -> None:
    """Draw both phases of a structure, exact and approximate, and the gaps."""
    settings, structure = race.settings, standing.state.machine.structure
    coupled = structure.adjacency | np.eye(len(structure.adjacency), dtype=bool)

    def shown(statistics: MachineStatistics) -> FloatArray:
        return np.where(coupled, statistics.pairs, np.nan)

    exact, negative = shown(standing.positive), shown(standing.negative)
    near, chains = shown(approximation.positive), shown(approximation.negative)
    upper = "Gibbs chains" if settings.positive == "gibbs" else "Mean field"
    hidden = structure.n_hidden
    maps = [
        HeatMap("Positive, exact", "E[x xᵀ], v clamped", exact, "clamped", "positive"),
        HeatMap(
            f"Positive, {upper.lower()}" if hidden else "Positive, data",
            "estimated" if hidden else "nothing to estimate", near,
            "clamped", "positive", bool(hidden),
        ),
        HeatMap("Gap", f"{upper.lower()} − exact", near - exact, "signedClamped", "positive",
                least=1e-3),
        HeatMap("Negative, exact", "E[x xᵀ], all free", negative, "share", "negative"),
        HeatMap("Negative, chains", "100 chains", chains, "share", "negative", True),
        HeatMap("Gap", "chains − exact", chains - negative, "signed", "negative", least=1e-3),
    ]  # fmt: skip
    names = unit_names(standing.kind, structure.n_visible, settings.n_hidden)
    pull = race.seq if race.playing else None
    message = encode_pair_maps(maps, names, structure.n_visible, pull)
    show_maps(message, key="machine_maps", on_pull=on_pull)


def show_facts(race: Race, standing: Standing, approximation: Approximation) -> None:
    """Write the bound beside what it bounds, and the times of the approximations."""
    facts = [
        ("log p̃(v), exact", _nats(standing.mean_log_p_tilde)),
        ("bound L, mean field", _nats(standing.bound)),
        ("gap", "none" if standing.gap < _RESOLVED else f"{standing.gap:.4f} nats"),
        ("log Z, exact", _nats(standing.log_z)),
    ]
    if standing.state.machine.n_hidden:
        rests = f"{standing.n_iterations} sweep{'s' if standing.n_iterations > 1 else ''}"
        facts.append(("mean field", rests if standing.converged else f"{rests}, not at rest"))
    upper, lower = approximation.seconds
    sweeps = "1 sweep" if race.settings.negative == "chains" else f"{SHOWN_SWEEPS} sweeps"
    facts.append((f"{sweeps} of the chains", f"{1000 * lower:.2g} ms"))
    if race.settings.positive == "gibbs":
        facts.append(("clamped chains", f"{1000 * upper:.2g} ms"))
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
    st.markdown("#### What each phase costs on this computer")
    points: list[MachineCostPoint] | None = st.session_state.get("race_costs")
    if points is None and st.session_state.get("race_costs_asked"):
        place, found = st.empty(), []
        with place.container():
            seconds = max(predicted_cost_seconds(), 1.0)
            with_progress(
                f"Measuring both phases, about {seconds:.0f} s",
                lambda progress: found.extend(measure_machine_costs(progress)),
                "stop_race_costs",
                _stop,
            )
        place.empty()
        points = st.session_state.race_costs = found
        st.session_state.race_costs_asked = False
    if points is None:
        st.button(
            f"Measure: about {max(predicted_cost_seconds(), 1):.0f} s", on_click=_ask,
            key="race_costs_ask",
        )  # fmt: skip
        return
    for place, phase, kind in zip(
        st.columns(2, gap="medium"), ("positive", "negative"), ("mean field", "gibbs"), strict=True
    ):
        names = KINDS | APPROXIMATE
        mine = [point for point in points if point.phase == phase]
        columns = machine_cost_columns(
            [names[p.kind] for p in mine], [p.n_units for p in mine], [p.seconds for p in mine]
        )
        title = "Positive phase: seconds, v clamped" if phase == "positive" else (
            "Negative phase: seconds, nothing clamped"
        )  # fmt: skip
        spec = machine_cost_spec(title, tuple(KINDS.values()), APPROXIMATE[kind])
        curves = by_group(columns, "name", "units", "seconds", {n: n for n in columns["name"]})
        words = curves_in_words(title, "units", curves)
        show_chart(place, columns, spec, words, MACHINE_COSTS, key=f"machine_costs_{phase}")
    st.caption(
        f"CPU time, measured here. Units are shared evenly between the layers; the block of the "
        f"semi-restricted machine keeps 3 units. The positive phase clamps {N_ROWS} rows. A line "
        "that climbs straight on this scale doubles again and again: it is hard. Dashed: "
        "approximations of the general machine."
    )
    st.button("Measure again", on_click=_ask, key="race_costs_again")
