"""Kept runs and recordings in the lab: a table to compare, open, rename and delete, and files."""

from functools import partial

import streamlit as st

from rbmviz.export.recordings import recording_page
from rbmviz.language import ENGLISH, N_, _, language, speaking
from rbmviz.language.numbers import decimal
from rbmviz.pages.controls import follow
from rbmviz.run.kept_runs import MAX_NAME, MAX_RUNS, KeptRun, differing
from rbmviz.run.lab import Lab
from rbmviz.run.run_file import MAX_RECORDING_BYTES, read_run, write_run

_MAX_UPLOAD_MB = min(10, MAX_RECORDING_BYTES // 2**20)
_WIDTHS = [2.6, 1.4, 2.2, 2.2, 3, 3]
_HEADS = [
    N_("Name"),
    N_("Step"),
    N_("Log-likelihood"),
    N_("log Z"),
    N_("What differs from the run on the stage"),
]


def show_recording_upload(lab: Lab) -> None:
    """Draw the uploader in the sidebar; a readable file is put on the stage."""
    with st.sidebar.expander(_("Open a recording")):
        st.file_uploader(
            _("A recording (.npz)"),
            type=["npz"],
            key="recording_file",
            max_upload_size=_MAX_UPLOAD_MB,
            on_change=_open_file,
            args=(lab,),
            help=_(
                "Saved under *Runs and recordings*, here or elsewhere. It is put on the stage "
                "where it ended. Training goes on from the state in the file, bit for bit; a "
                "fork at an earlier step is trained again from step 0."
            ),
        )
        if error := st.session_state.get("recording_error"):
            st.error(error)


def show_runs(lab: Lab, *, two: bool) -> None:
    """Draw the kept runs, and what keeps and saves them; two: there is a run B."""
    with st.expander(_("Runs and recordings")):
        st.caption(
            _(
                "Up to {max_runs} runs are kept: those you keep, and runs replaced by a newer one. "
                "You can replay an opened run, and continue it from its last step."
            ).format(max_runs=MAX_RUNS)
        )
        _show_buttons(lab, two)
        runs = list(lab.runs)
        if not runs:
            return
        for column, head in zip(st.columns(_WIDTHS), _HEADS, strict=False):
            column.markdown(f"**{_(head)}**")
        for run in runs:
            _show_run(lab, run)


def _show_buttons(lab: Lab, two: bool) -> None:
    with st.container(horizontal=True):
        st.button(_("Keep this run"), key="keep_run", on_click=lab.keep)
        if two:
            st.button(_("Keep run B"), key="keep_rival", on_click=lab.keep, kwargs={"second": True})
        st.download_button(
            _("Save the recording (.npz)"),
            partial(_file, lab),  # it runs later, in a thread that knows no session
            file_name="rbmviz-recording.npz",
            mime="application/octet-stream",
            on_click="ignore",
            help=_("Opens here again, under *Open a recording* in the sidebar."),
        )
        st.download_button(
            _("Save as a page (.html)"),
            partial(_page, lab, language()),
            file_name="rbmviz-recording.html",
            mime="text/html",
            on_click="ignore",
            help=_("One page that plays in any current browser, without a server or a network."),
        )


def _show_run(lab: Lab, kept: KeptRun) -> None:
    columns = st.columns(_WIDTHS, vertical_alignment="center")
    key = f"run_name_{kept.id}"
    columns[0].text_input(
        _("Name of {run}").format(run=kept.run.name),
        kept.run.name,
        max_chars=MAX_NAME,
        key=key,
        label_visibility="collapsed",
        on_change=_rename,
        args=(lab, kept.id, key),
    )
    columns[1].markdown(f"{kept.run.step:,}")
    likelihood, log_z = _numbers(kept)
    columns[2].markdown(likelihood)
    columns[3].markdown(log_z)
    columns[4].markdown(differing(kept.run.settings, lab.settings) or _("nothing"))
    with columns[5].container(horizontal=True, gap="small"):  # without room one below the other
        st.button(_("Open"), key=f"open_{kept.id}", on_click=_open, args=(lab, kept.id))
        st.button(_("Delete"), key=f"delete_{kept.id}", on_click=lab.runs.delete, args=(kept.id,))


def _numbers(kept: KeptRun) -> tuple[str, str]:
    """Write the last log-likelihood and log Z of a run; what is estimated says so."""
    known = kept.numbers
    if known is None:
        return "–", "–"
    log_p = known.mean_log_p_tilde
    if known.log_z is not None:
        return _exact(log_p - known.log_z), _exact(known.log_z)
    if known.log_z_estimate is not None:
        estimate = known.log_z_estimate
        return _estimated(log_p - estimate), _estimated(estimate)
    return "–", "–"


def _exact(value: float) -> str:
    return _("{value} exact").format(value=decimal(value, 3))


def _estimated(value: float) -> str:
    return _("{value} estimated").format(value=decimal(value, 2))


# ---- what the buttons do --------------------------------------------------------------------


def _rename(lab: Lab, number: int, key: str) -> None:
    lab.runs.rename(number, str(st.session_state.get(key, "")))


def _open(lab: Lab, number: int) -> None:
    run = lab.runs.get(number)
    if run is not None:
        lab.open_run(run)
        follow(lab.settings)


def _open_file(lab: Lab) -> None:
    """Read what was uploaded; a file that cannot be read says why beside the uploader."""
    st.session_state.recording_error = None
    file = st.session_state.get("recording_file")
    if file is None:
        return
    try:
        lab.open_run(read_run(file.getvalue()))
    except ValueError as error:  # also of a run that diverges at once
        st.session_state.recording_error = str(error)
        return
    follow(lab.settings)


def _file(lab: Lab) -> bytes:
    return write_run(lab.copy_of_run())


def _page(lab: Lab, spoken: str = ENGLISH) -> bytes:
    """Write the page in the language of who asked; this thread knows no session."""
    with speaking(spoken):
        return recording_page(lab.copy_of_run())
