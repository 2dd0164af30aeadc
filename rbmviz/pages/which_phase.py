"""Which phase is hard? Five Boltzmann machines side by side, and what each phase costs."""

import time
from dataclasses import asdict, replace

import streamlit as st

from rbmviz.language import N_, _
from rbmviz.pages.address import (
    open_address,
    opened_link,
    page_settings,
    put_settings,
    show_page_share,
    shown_value,
)
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.machine_panels import (
    show_costs,
    show_facts,
    show_likelihoods,
    show_overview,
    show_phases,
)
from rbmviz.pages.present import show_present
from rbmviz.pages.setting_widgets import show_setting
from rbmviz.pages.share import note_link
from rbmviz.pages.startup import FLUSH_SECONDS, collect_when_due, tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.pages.way import follow_where_a_way_ended, train_on_the_way
from rbmviz.run.requests import parse_request
from rbmviz.run.schedule import Course
from rbmviz.run.table import rows
from rbmviz.stage.component import load_stage_code, sent, tell_look
from rbmviz.studio.machine_race import MANY_UPDATES, Race
from rbmviz.studio.machine_settings import (
    KINDS,
    NEGATIVES,
    POSITIVES,
    RaceSettings,
    WhichPhaseSettings,
)
from rbmviz.studio.page_tables import PAGE_TABLES, WHICH

_key = PAGE_TABLES[WHICH].key
_ROWS = rows(WhichPhaseSettings)
_STORY = N_(
    "The **positive phase** clamps the data and sums over the hidden units; the **negative phase** "
    "sums over all. Couplings decide which is hard."
)
_STYLE = """<style>
  /* The chosen structure is as readable as the others. */
  .stApp [data-testid="stButtonGroup"] [aria-checked="true"] { color: inherit; font-weight: 650; }
  .stApp [data-testid="stButtonGroup"] [aria-checked="true"] * { color: inherit; }
  .stApp .st-key-race_bar .stButton button { min-width: 6rem; }
</style>"""
_GUIDE = N_("""
All five machines have the energy E(v, h) = −b·v − c·h − v·R·v − v·W·h − h·S·h. They differ in the
couplings they have (*Deep Learning*, section 18.1 and chapter 20).

- **Fully visible**: no hidden units. The positive phase is an average over the data: trivial. The
  negative phase is a sum over all states.
- **RBM**: given v, the hidden units are independent. The positive phase is tractable, one term a
  row, however many units there are.
- **Semi-restricted**: a small block of hidden units is coupled. Tractable still: the terms grow
  with the block, not with the layer.
- **General** and **deep**: hidden units are coupled through and through. Both phases are hard.

**How the terms are counted.** Sum some units state by state, so that those left are no longer
coupled: they are independent, and each is summed in closed form. k such units (filled in the
pictures) mean 2ᵏ terms, in each row of the data for the positive phase. **Hard** means that k grows
when all layers are doubled. Faint lines end at a clamped unit: they only shift a bias.

**When a phase is hard it is estimated.** Mean field takes the hidden units as independent; it gives
a lower bound L ≤ log p̃(v), and the **gap of L** is what it lacks. Gibbs chains draw one block of
units after another. Persistent chains go on from the last update. The **maps** show E[xᵢ xⱼ] of
every coupled pair, and E[xᵢ] on the diagonal. Their gap is approximate minus exact: blue or orange
where the approximation is too large in its phase. Deep machines are trained with mean field and
persistent chains (Salakhutdinov and Hinton, 2009).
""")


def _race() -> Race:
    """The race of this session; a new one begins as the address tells, on the way to its step."""
    if "race" not in st.session_state:
        link = opened_link(WHICH)
        told: WhichPhaseSettings = link.settings
        course = tuple((step, replace(told, **values).race) for step, values in link.course)
        if told.n_coupled > told.n_hidden:
            said = _("n_coupled {n_coupled} is more than n_hidden; using {n_hidden}.")
            note_link([said.format(n_coupled=told.n_coupled, n_hidden=told.n_hidden)])
        race = Race(course[0][1] if course else told.race)
        race.lead_to(told.step, Course(course) if course else None)
        st.session_state.race = race
    found: Race = st.session_state.race
    return found


def _controls(settings: WhichPhaseSettings) -> None:
    """Draw the sidebar."""
    with st.sidebar:
        st.markdown("## rbmviz")
        for name, row in rows(RaceSettings).items():
            most = settings.n_hidden if name == "n_coupled" else None
            show_setting(row, _key(name), highest=most)


def _follow() -> None:
    put_settings(WHICH, asdict(_race().settings))


def _seen() -> tuple[object, ...]:
    """What a run of the fragment alone could miss."""
    values = tuple(st.session_state.get(_key(name)) for name, row in _ROWS.items() if not row.seen)
    return (*values, _race().playing)


def _transport(race: Race) -> None:
    """Draw the choice of a structure and the buttons; they act before anything is drawn."""
    bar = st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="bottom",
        gap="small",
        key="race_bar",
    )
    bar.segmented_control(
        _(_ROWS["structure"].label),
        list(KINDS),
        format_func=lambda kind: _(KINDS[kind]),
        key=_key("structure"),
        persist_state="session",
        label_visibility="collapsed",
        required=True,
        wrap=True,
    )
    row = bar.container(horizontal=True, gap="small", width="content")
    if race.playing:
        row.button(_("Pause"), key="race_pause", on_click=race.act, args=("pause",))
    else:
        row.button(_("Play"), key="race_play", on_click=race.act, args=("play",), type="primary")
    row.button(
        f"+{MANY_UPDATES}",
        key="race_many",
        on_click=race.act,
        args=("play", MANY_UPDATES),
        help=_("Make {many_updates} updates. Pause ends it before.").format(
            many_updates=MANY_UPDATES
        ),
    )
    row.button(_("Restart"), key="race_restart", on_click=race.act, args=("restart",))


def _on_pull() -> None:
    _race().receive(parse_request({"want": 1, "seq": sent("machine_maps", "pull") or -1}))


@st.fragment
def _live() -> None:
    """Train a little when the browser asks for it, and draw where all machines stand."""
    race = _race()
    answer = race.answer()
    # A widget change in the same moment as a pull runs this fragment alone.
    if _seen() != st.session_state.get("race_seen"):
        st.rerun()
    kind = shown_value(WHICH, "structure")
    standings = race.standings()
    left, right = st.columns([7, 3], gap="medium")
    with left:
        show_overview(race, standings, kind)
    with right:
        show_likelihoods(race)
    show_phases(race, standings[kind], race.approximation(kind), answer.seq, _on_pull)
    collect_when_due()
    show_facts(race, standings[kind], race.approximation(kind))
    tell_look(WHICH, {"step": race.step, "playing": race.playing}, key="which_look")


def show_which_phase() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE + _STYLE)
    open_address(WHICH)
    show_lesson_bar(WHICH)
    follow_where_a_way_ended(WHICH, _follow)
    settings: WhichPhaseSettings = page_settings(WHICH)
    put_settings(WHICH, {"n_coupled": settings.race.n_coupled})
    race = _race()
    race.apply(settings.race)
    _controls(settings)
    st.markdown(f"### {_('Which phase is hard?')}\n{_(_STORY)}")
    course = [(step, asdict(each)) for step, each in race.course.entries]
    goal = race.way[1] if race.way else None
    show_page_share(WHICH, settings, course=course, step=race.step, goal=goal)
    show_present(
        WHICH, _(settings.dataset),
        _("{n} units per hidden layer").format(n=settings.n_hidden),
        _("{n} coupled").format(n=settings.n_coupled),
        _("positive phase: {method}").format(method=_(POSITIVES[settings.positive])),
        _("negative phase: {method}").format(method=_(NEGATIVES[settings.negative])),
        _("learning rate {rate}").format(rate=f"{settings.learning_rate:g}"),
        _("seed {seed}").format(seed=settings.seed),
    )  # fmt: skip
    above = st.container()
    _transport(race)
    if race.notice:
        st.warning(race.notice.text)
    st.session_state.race_seen = _seen()
    _live()
    show_costs()
    with st.expander(_("What am I looking at?")):
        st.markdown(_(_GUIDE))
    load_stage_code()
    tidy_up()
    if race.way:
        with above:
            train_on_the_way(race, WHICH, _follow)
    if race.playing:
        # As in the lab: a run of the fragment must not overtake what this run still has to send.
        time.sleep(FLUSH_SECONDS)


show_which_phase()
