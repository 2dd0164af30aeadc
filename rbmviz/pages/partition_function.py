"""The partition function: why log Z is hard, what an estimate is worth, when it fails silently."""

import time
from typing import Any

import numpy as np
import streamlit as st

from rbmviz.core.errors import FloatArray
from rbmviz.core.log_z.path import LogZAlongBeta
from rbmviz.core.log_z.schedule import fixed_betas
from rbmviz.language import N_, _
from rbmviz.pages.address import open_address, page_settings, show_page_share
from rbmviz.pages.lesson_bar import show_lesson_bar
from rbmviz.pages.log_z_controls import show_sidebar, show_sliders
from rbmviz.pages.log_z_costs import about, ask, show_costs, stop
from rbmviz.pages.log_z_panels import (
    TABLE_STYLE,
    choose_inside,
    draw_axis,
    draw_path,
    draw_table,
    draw_weights,
)
from rbmviz.pages.model_choice import chosen_case, wait_for_the_lab
from rbmviz.pages.present import show_present
from rbmviz.pages.progress import with_progress
from rbmviz.pages.startup import tidy_up
from rbmviz.pages.style import PAGE_STYLE
from rbmviz.run.model_case import ModelCase
from rbmviz.stage.component import load_stage_code
from rbmviz.studio.log_z_methods import (
    ANNEALING,
    KINDS,
    LogZSettings,
    PartitionFunctionSettings,
)
from rbmviz.studio.log_z_study import LogZStudy, verdict
from rbmviz.studio.page_tables import PARTITION

SUDDEN_SECONDS = 0.3  # what is quicker shows no progress bar
LIVE_SECONDS = 0.4  # between two pictures of a run on its way

_SPOKEN = (  # of the core: schedules and base models within a line
    N_("linear"), N_("sigmoid"), N_("adaptive"),
    N_("data mean"), N_("visible biases"), N_("uniform"),
)  # fmt: skip

_GUIDE = N_("""
The **partition function** Z = Σ exp(−E(v, h)) makes probabilities of energies: it is a sum over
all states. Its logarithm, **log Z**, is what the negative phase is the gradient of. With n units in
the shorter layer the sum has 2ⁿ terms; for most models nobody can write it out. All numbers here
are in **nats** (natural logarithms).

- **Annealed importance sampling (AIS)** lets chains cool from a model whose log Z is known (β = 0)
  to this one (β = 1), and weighs each chain. The mean weight is Z on average; its logarithm tends
  to be too small, and too small is what you see with few temperatures.
- **Reverse AIS** starts at samples of this model and heats up: it tends to be too large. The
  **sandwich** takes both. Where they meet, log Z lies between them.
- **Bridge sampling** and **thermodynamic integration** use a ladder of temperatures that exchange
  states. The first sums ratios of neighbours, the second measures an area under a slope.
- The **mean-field bound** is never above log Z. **TAP** corrects it, and may be off either way.
- The **effective sample size** says how many chains carry the weight. A few: do not trust the
  estimate. But it knows only what the chains met. A valley that no chain has found leaves the
  weights even, the interval narrow, and the estimate wrong: choose *A valley nobody finds*.
- Every interval is therefore compared with what is **certain**: the sum over all states where they
  are few, else over the states that a search of the modes finds. That sum is never above log Z.
""")


def _study(case: ModelCase) -> LogZStudy:
    """What is known about the case; kept until another one is chosen."""
    kept = st.session_state.get("log_z_study")
    if not isinstance(kept, LogZStudy) or kept.case.rbm is not case.rbm:
        kept = LogZStudy(case)
        st.session_state.log_z_study = kept
    return kept


def show_partition_function() -> None:
    """Draw the page."""
    st.html(PAGE_STYLE + TABLE_STYLE)
    open_address(PARTITION)
    show_lesson_bar(PARTITION)
    chosen: PartitionFunctionSettings = page_settings(PARTITION)
    case = chosen_case(chosen.model, needs_rows=False, spins=chosen.of_spins)
    kinds = show_sidebar(chosen, case)
    title = _("What is Z, and can you trust it?")
    wait_for_the_lab(chosen.model, title)
    study, settings = _study(case), chosen.of_log_z(case.rbm)
    left, right = st.columns([5, 6], vertical_alignment="bottom", gap="medium")
    left.markdown(f"### {title}\n{_(case.description)}")
    with right:
        show_sliders(chosen)
    show_page_share(PARTITION, chosen)
    show_present(
        PARTITION, _(case.name), *(_(KINDS[kind]) for kind in kinds),
        _("{schedule} schedule").format(schedule=_(settings.schedule)),
        _("from the {base}").format(base=_(settings.base)),
    )  # fmt: skip
    if not kinds:
        st.info(_("Choose a method in the sidebar."))
    _Screen(study, kinds, settings, chosen).show()
    show_costs(study, settings)
    with st.expander(_("What am I looking at?")):
        st.markdown(_(_GUIDE))
    load_stage_code()
    tidy_up()


class _Screen:
    """The upper half of the page: places that are drawn again whenever something is found."""

    def __init__(
        self,
        study: LogZStudy,
        kinds: list[str],
        settings: LogZSettings,
        chosen: PartitionFunctionSettings,
    ) -> None:
        self.study, self.kinds, self.settings, self.chosen = study, kinds, settings, chosen
        self.inside: str | None = None

    def show(self) -> None:
        """Draw what is known, then find the rest under a progress bar."""
        self.bar = st.empty()  # or the question whether to begin
        left, right = st.columns([6, 5], gap="medium")
        self.axis, self.table = left.empty(), right.empty()
        self.note = left.empty()
        self.excess, self.trouble = st.empty(), st.container()
        self.inside = choose_inside(self.kinds, self.chosen.inside)
        self.says = st.empty()
        left, right = st.columns(2, gap="medium")
        self.weights, self.path = left.empty(), right.empty()
        missing = self.study.missing(self.kinds, self.settings)
        if not missing:
            self.draw(last=True)
            return
        seconds = sum(self.study.seconds(kind, self.settings) for kind in missing)
        what = (self.settings, tuple(self.kinds))
        begins = self.study.may_begin(seconds, what)
        self.draw(last=not begins)
        if not begins:
            self.bar.container().button(  # in a container the bar takes its place at once
                _("Estimate log Z: {time}").format(time=about(seconds)),
                on_click=ask,
                args=[what],
                key="log_z_go",
            )
            return
        missing.sort(key=lambda kind: self.study.seconds(kind, self.settings))  # quick ones first
        for n, kind in enumerate(missing):
            self._find(
                kind,
                _("{method} ({n} of {of})").format(method=_(KINDS[kind]), n=n + 1, of=len(missing)),
            )
            self.draw(last=n == len(missing) - 1)
        self.bar.empty()

    def _find(self, kind: str, text: str) -> None:
        """Run a method; quick ones without a bar."""
        try:
            if self.study.seconds(kind, self.settings) <= SUDDEN_SECONDS:
                self.study.run(kind, self.settings)
                return
            with self.bar.container():
                live = _Live(self, kind)
                with_progress(
                    text,
                    lambda progress: self.study.run(
                        kind,
                        self.settings,
                        lambda share, log_w: (progress(share), live(share, log_w)),
                    ),
                    f"log_z_stop_{kind}",
                    stop,
                )
        except (ValueError, ArithmeticError) as error:  # a model that a method cannot take
            self.trouble.warning(
                _("{method} gives no number here: {error}").format(
                    method=_(KINDS[kind]), error=error
                )
            )

    def draw(self, last: bool) -> None:
        """Draw everything that is known by now; last: nothing follows."""
        study, settings = self.study, self.settings
        if not self.kinds:
            return
        draw_axis(self.axis, study, self.kinds, settings, last)
        draw_table(self.table, study, self.kinds, settings)
        notes = []
        if study.truth:
            notes.append(_("Green: {how}.").format(how=_(study.truth.how)))
        notes.append(
            _(
                "Bars: 95 % intervals. ▶ a bound, ◇ no interval; a number with an arrow is off the "
                "axis."
            )
        )
        if study.precision == "float32" and any(kind in ANNEALING for kind in self.kinds):
            notes.append(
                _("Chains in float32, as the model is large: off by some 1e-3 nats at most.")
            )
        if self.chosen.chains != settings.n_chains:
            notes.append(
                _("At most {n_chains} chains at this size, to save memory.").format(
                    n_chains=settings.n_chains
                )
            )
        self.note.caption(" ".join(notes))
        doubts = [text for kind in self.kinds if (text := study.excess(kind, settings))]
        doubts += [
            text
            for kind in self.kinds
            if kind != self.inside and (text := study.refutation(kind, settings))
        ]  # that of the method looked into stands with its weights
        if doubts:
            self.excess.warning(" ".join(doubts))
        found = self.inside and study.get(self.inside, settings)
        if self.inside and found:
            self.says.markdown(verdict(self.inside, found, study.truth))
            draw_weights(self.weights, self.inside, found, study.truth, last)
            draw_path(self.path, found.along, study.truth, last)


class _Live:
    """Pictures of a run on its way."""

    def __init__(self, screen: _Screen, kind: str) -> None:
        self.screen, self.on = screen, kind in ("ais", "sandwich")
        self.of_all = 0.5 if kind == "sandwich" else 1.0  # its first half is AIS
        self.text: Any = None  # made when there is something to say, so that it is below the bar
        self.shown = time.monotonic()
        self.seen: list[tuple[float, float]] = []

    def __call__(self, share: float, log_weights: FloatArray) -> None:
        """Write log Z of the temperature that the chains have reached, and draw the path so far."""
        if not self.on or not log_weights.size:
            return
        top = float(log_weights.max())
        w = np.exp(log_weights - top)
        log_z = top + float(np.log(w.mean()))
        share = min(share / self.of_all, 1.0)
        beta = self._beta(share)
        if beta is not None:
            self.seen.append((beta, log_z))
        if time.monotonic() - self.shown < LIVE_SECONDS:
            return
        self.shown = time.monotonic()
        self.text = self.text or st.empty()
        effective = float(w.sum() ** 2 / (w @ w))
        at = (
            f"β = {beta:.3f}"
            if beta is not None
            else _("{share:.0%} of the way").format(share=share)
        )
        self.text.markdown(
            _(
                "At {at}: log Z of β = {log_z:.2f}, estimated; effective {effective:.3g} of {size} "
                "chains."
            ).format(at=at, log_z=log_z, effective=effective, size=log_weights.size)
        )
        if len(self.seen) > 1:
            betas, values = (np.array(column) for column in zip(*self.seen, strict=True))
            slope = np.gradient(values, betas)
            draw_path(
                self.screen.path, LogZAlongBeta(betas, values, slope), self.screen.study.truth
            )

    def _beta(self, share: float) -> float | None:
        """Give the temperature at a share of the way; the adaptive schedule tells none."""
        settings = self.screen.settings
        if settings.schedule == "adaptive":
            return None
        betas = fixed_betas(settings.schedule, settings.n_betas)
        return float(betas[min(round(share * (len(betas) - 1)), len(betas) - 1)])


show_partition_function()
