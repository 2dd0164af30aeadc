"""The derivation of the negative phase, line by line, with the numbers of a real model."""

import streamlit as st

from rbmviz.charts.alternative import (
    Curves,
    by_column,
    by_group,
    curves_in_words,
    values_in_words,
)
from rbmviz.charts.chart_table import BOTH_CURVES, DIFFERENCE_CURVE, STATE_TERMS, TOTAL
from rbmviz.charts.derivation import terms_columns, terms_spec, total_columns, total_spec
from rbmviz.charts.wiggle import difference_spec, wiggle_columns, wiggle_spec
from rbmviz.core.derivation import Line
from rbmviz.core.errors import TooManyUnitsError
from rbmviz.core.parameter import KINDS, Parameter
from rbmviz.core.phase import gradient
from rbmviz.language import N_, _
from rbmviz.language.numbers import decimal
from rbmviz.pages.address import (
    open_address,
    opened_link,
    page_settings,
    put_settings,
    show_page_share,
    shown_value,
)
from rbmviz.pages.chart import Columns, show_chart
from rbmviz.pages.derivation_conditions import show_conditions
from rbmviz.pages.derivation_text import Told, definition_list, fixed, style, table
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.model_choice import (
    chosen_case,
    show_import,
    show_model_choice,
    wait_for_the_lab,
)
from rbmviz.pages.present import show_present
from rbmviz.pages.setting_widgets import show_setting
from rbmviz.pages.share import note_link
from rbmviz.pages.startup import tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.run.model_case import ModelCase
from rbmviz.run.table import rows
from rbmviz.stage.component import load_stage_code, sent, show_maps, tell_look
from rbmviz.stage.maps import HeatMap, encode_maps
from rbmviz.studio.derivation import (
    Derivation,
    DerivationSettings,
    chosen_parameter,
    told_size,
    verdict,
)
from rbmviz.studio.page_tables import DERIVATION, PAGE_TABLES

_key = PAGE_TABLES[DERIVATION].key
_ROWS = rows(DerivationSettings)
_GUIDE = N_("""
Learning needs the gradient of log Z, and Z is a sum over all states. The derivation of *Deep
Learning*, section 18.1, turns this gradient into an **expectation under the model**, which samples
can estimate. Here every line of it is computed on one model, each line in its own way, for the
parameter θ that you choose. All must give the same number; **difference** says by how much
they do not.

- Point at a line: the panel it speaks of is outlined. **?** tells what a number is.
- **Wiggle θ** moves this one parameter by ε. The slope of log Z is the negative phase, the slope of
  log p̃ the positive phase, and the gradient is the slope of their difference.
- **What each state adds**: the outline is p(x), the filled part is p(x) times the slope of log p̃,
  which lies between 0 and 1.
- **x** can be one row of the data, or all of them: then log p(x) stands for the mean.
""")


def _derivation(case: ModelCase) -> Derivation:
    """What is known about the case; kept until another one is chosen."""
    kept = st.session_state.get("derivation")
    if not isinstance(kept, Derivation) or kept.case.rbm is not case.rbm:
        kept = Derivation(case)
        st.session_state.derivation = kept
    return kept


def _on_chosen() -> None:
    """Take the parameter that was clicked in the maps: "2,3", "b2" or "c3", not validated."""
    key = sent("derivation_maps", "chosen")
    if not isinstance(key, str):
        return
    kind = key[:1] if key[:1] in ("b", "c") else "W"
    digits = key.lstrip("bc").split(",")
    if not all(d.isdecimal() and len(d) <= 4 for d in digits):
        return
    numbers = [int(d) for d in digits]
    chosen = {"parameter": kind}
    chosen |= {"i": numbers[0]} if kind in ("W", "b") else {}
    chosen |= {"j": numbers[-1]} if kind in ("W", "c") else {}
    put_settings(DERIVATION, chosen)


def _note_what_is_not_in(case: ModelCase) -> None:
    """Say, once, that the address names a parameter or a row that the model does not have."""
    if "derivation_noted" in st.session_state:
        return
    told: DerivationSettings = opened_link(DERIVATION).settings
    theta = chosen_parameter(told.parameter, told.i, told.j, case)
    inside = {"i": theta.i, "j": theta.j, "row": min(told.row, len(case.v_data))}
    note_link(
        [
            _("{name} {given} is beyond the limit; using {high:,}.").format(
                name=name, given=getattr(told, name), high=value
            )
            for name, value in inside.items()
            if getattr(told, name) > value
        ]
    )
    st.session_state.derivation_noted = True


def _choose(case: ModelCase, settings: DerivationSettings) -> tuple[Parameter, int]:
    """Draw the choice of the parameter and of x; what another model has not is brought inside."""
    theta = chosen_parameter(settings.parameter, settings.i, settings.j, case)
    n_rows = len(case.v_data)
    row = min(settings.row, n_rows)
    put_settings(DERIVATION, {"i": theta.i, "j": theta.j, "row": row})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            _("Parameter θ"),
            KINDS,
            key=_key("parameter"),
            persist_state="session",
            required=True,
            width="content",
        )
        for name, highest, other in (
            ("i", case.rbm.n_visible - 1, "c"),
            ("j", case.rbm.n_hidden - 1, "b"),
        ):
            show_setting(
                _ROWS[name],
                _key(name),
                highest=highest,
                width=96,
                disabled=settings.parameter == other,
            )
        help_of_row = _("Which row of the data x is, 1 to {n_rows}. 0: all of them, and the mean.")
        show_setting(
            _ROWS["row"],
            _key("row"),
            highest=n_rows,
            width=96,
            help=help_of_row.format(n_rows=n_rows),
        )
    return theta, row


def _numbers(found: Derivation, theta: Parameter, row: int, sampled: Line) -> dict[str, Told]:
    """Write every number of the table, and how far each is from the line it must equal."""
    g = found.gradient(theta, row)
    lines = {line.equation: line for line in found.lines(theta)}
    exact = lines["18.12"].value
    told = {
        "gradient": Told(
            fixed(g.log_likelihood), told_size(g.log_likelihood - (g.positive - g.negative))
        ),
        "positive": Told(fixed(g.positive), told_size(g.positive - g.positive_difference)),
        "negative": Told(fixed(-g.negative), told_size(g.negative - exact)),
    }
    for equation, line in lines.items():
        told[equation] = Told(fixed(line.value), told_size(line.value - exact))
    told["samples"] = Told(
        f"{fixed(sampled.value, 4)} ± {1.96 * sampled.standard_error:.4f}",
        told_size(sampled.value - exact),
        exact=False,
    )
    return told


@st.fragment
def _wiggle(found: Derivation, theta: Parameter, row: int) -> None:
    """Draw the slider and both charts: the slider runs this part alone."""
    show_setting(
        _ROWS["epsilon"],
        _key("epsilon"),
        label=_("Wiggle {name} by ε").format(name=theta.name),
    )
    epsilon = shown_value(DERIVATION, "epsilon")
    at = found.slopes(theta, row, epsilon)
    columns = wiggle_columns(
        found.wiggle(theta, row),
        epsilon,
        {
            "log_z": at.log_z,
            "log_p": at.log_p_tilde,
            "log_likelihood": at.log_p_tilde - at.log_z,
        },
        {"log_z": at.negative, "log_p": at.positive, "log_likelihood": at.gradient},
    )
    slope = _("gradient here")
    if epsilon != 0:
        moved = decimal(epsilon, 1, signed=True)
        slope = _("gradient at {place}").format(place=f"{theta.name} {moved}")
    st.html(
        definition_list(
            [
                (
                    _("slope of log p̃"),
                    fixed(at.positive, 6),
                    _("The positive phase at this place: nats per unit, equation 18.4, exact."),
                ),
                (
                    _("slope of log Z"),
                    fixed(at.negative, 6),
                    _(
                        "The negative phase at this place: "
                        "nats per unit, equation 18.12, exact, from the moved model."
                    ),
                ),
                (
                    slope,
                    fixed(at.gradient, 6),
                    _(
                        "The slope of log p(x): their "
                        "difference, nats per unit, equation 18.4, exact."
                    ),
                ),
            ]
        )
    )
    both, one = {"log_p": _("mean log p̃"), "log_z": _("log Z")}, {"log_likelihood": _("log p")}
    with st.container(key="derivation_both"):
        words = curves_in_words(
            _("Both terms, change in nats"), _("epsilon"), _curves(columns, both)
        )
        show_chart(st, columns, wiggle_spec(), words, BOTH_CURVES, key="wiggle")
    with st.container(key="derivation_difference"):
        words = curves_in_words(_("Their difference"), _("epsilon"), _curves(columns, one))
        show_chart(st, columns, difference_spec(), words, DIFFERENCE_CURVE, key="wiggle_difference")
    tell_look(DERIVATION, {"epsilon": _ROWS["epsilon"].written(epsilon)}, key="derivation_look")


def _curves(columns: Columns, names: dict[str, str]) -> Curves:
    """Take the curves, without tangents and points, from the columns of a wiggle."""
    drawn = [n for n, what in enumerate(columns["what"]) if what == "curve"]
    kept = {name: [column[n] for n in drawn] for name, column in columns.items()}
    return by_group(kept, "name", "epsilon", "nats", names)


def _draw_again(settings: DerivationSettings) -> None:
    put_settings(DERIVATION, {"draw": (settings.draw + 1) % (_ROWS["draw"].limits[1] + 1)})


def _terms(found: Derivation, theta: Parameter, sampled: Line) -> None:
    """Draw the sum over all states term by term, and the average over samples."""
    slope = found.response(theta).slope
    left, right = st.columns(2, gap="medium")
    with left.container(key="derivation_terms"):
        columns = terms_columns(found.table, slope)
        words = values_in_words(_("What each state adds"), columns["state"], columns["term"])
        show_chart(st, columns, terms_spec(), words, STATE_TERMS, key="terms")
    with right.container(key="derivation_total"):
        columns = total_columns(found.table, slope)
        curves = by_column(columns, "n", {"total": _("total")})
        words = curves_in_words(_("The running total"), _("number of states"), curves)
        show_chart(st, columns, total_spec(), words, TOTAL, key="total")
        st.caption(
            _("{n:,} states. Of n samples: {verdict}").format(
                n=len(found.table.p),
                verdict=verdict(found.lines(theta)[-1], sampled),
            )
        )


def _maps(found: Derivation, theta: Parameter, row: int) -> None:
    positive, negative = found.phases(row)
    who = _("mean over the data") if row == 0 else _("row {row} of the data").format(row=row)
    maps = [
        HeatMap(
            _("Gradient"),
            _("positive − negative phase"),
            gradient(positive, negative),
            "signedClamped",
            least=1e-3,
        ),
        HeatMap(_("Positive phase"), who, positive, "clamped", hue="positive"),
        HeatMap(_("Negative phase"), _("exact, a sum over all states"), negative, hue="negative"),
    ]
    show_maps(encode_maps(maps, selected=theta), "derivation_maps", on_chosen=_on_chosen)


def show_derivation() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE + style())
    open_address(DERIVATION)
    show_lesson_bar(DERIVATION)
    settings: DerivationSettings = page_settings(DERIVATION)
    with st.sidebar:
        st.markdown("## rbmviz")
        show_model_choice(DERIVATION)
        show_setting(_ROWS["samples"], _key("samples"))
        st.button(
            _("Draw again"),
            on_click=_draw_again,
            args=(settings,),
            key="draw_samples",
            width="stretch",
        )
        show_import()
    title = _("Why is ∇ log Z an expectation?")
    wait_for_the_lab(settings.model, title)
    case = chosen_case(settings.model)
    _note_what_is_not_in(case)
    left, right = st.columns([6, 5], vertical_alignment="bottom", gap="medium")
    left.markdown(f"### {title}\n{_(case.description)}")
    show_page_share(DERIVATION, settings)
    samples = _("{n} samples").format(n=settings.samples)
    show_present(DERIVATION, _(case.name), samples)
    try:
        found = _derivation(case)
    except TooManyUnitsError as error:
        st.warning(
            _(
                "The derivation sums every visible state, one by one. {error} Choose a preset, or "
                "train a smaller data set in the lab, such as bars-and-stripes 4x4."
            ).format(error=error)
        )
    else:
        with right:
            theta, row = _choose(case, settings)
        sampled = found.estimate(theta, settings.samples, settings.draw)
        left, right = st.columns([6, 5], gap="medium")
        with left:
            st.html(table(_numbers(found, theta, row, sampled), theta.name, ""))
        with right:
            _wiggle(found, theta, row)
        _terms(found, theta, sampled)
        _maps(found, theta, row)
    with st.container(key="derivation_condition"):
        show_conditions()
    with st.expander(_("What am I looking at?")):
        st.markdown(_(_GUIDE))
    load_stage_code()
    tidy_up()


show_derivation()
