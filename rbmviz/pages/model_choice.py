"""The choice among the models, the same on all pages about one model."""

import streamlit as st

from rbmviz.language import _, language
from rbmviz.pages.controls import follow
from rbmviz.pages.lab_link import the_lab
from rbmviz.pages.model_upload import imported_model, show_upload
from rbmviz.pages.way import train_on_the_way
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import LAB_MODEL, UPLOADED, Spins, load_model, model_labels, with_rows
from rbmviz.studio.page_tables import LAB, PAGE_TABLES


def show_model_choice(path: str, *, without_data: bool = False) -> None:
    """Draw the list of the models; without_data: also those that have none."""
    labels = model_labels(without_data=without_data)
    if imported_model() is None:
        del labels[UPLOADED]
    st.selectbox(
        _("Model"),
        list(labels),
        format_func=lambda name: _(labels.get(name, str(name))),
        key=PAGE_TABLES[path].key("model"),
        persist_state="session",
    )


def show_import() -> None:
    """Draw the part of the sidebar that a model from a file comes in by."""
    with st.expander(_("Import a model")):
        show_upload()


def chosen_case(name: str, *, needs_rows: bool = True, spins: Spins | None = None) -> ModelCase:
    """Give the model of that name.

    needs_rows: a model that came without data gets rows, where there are any that fit.
    """
    if name == LAB_MODEL:
        return _lab_case()
    imported = imported_model()
    if name == UPLOADED and imported is not None:
        return _imported_with_rows(imported) if needs_rows else imported
    return load_model(name, spins)


def wait_for_the_lab(name: str, title: str) -> None:
    """Train the lab to the step that the address names, where its model is the one to be shown.

    title: of the page, above the progress.
    """
    if name != LAB_MODEL:
        return
    lab = the_lab()
    if lab.way:
        st.markdown(f"### {title}")
        remedy = _("In the lab, Play and +100 go on from there.")
        train_on_the_way(lab, LAB, lambda: follow(lab.settings), remedy)
    if lab.notice and lab.notice.kind == "warning":
        st.warning(lab.notice.text)


def _lab_case() -> ModelCase:
    """Make a case of the lab's run where it stands; the same object while it stands there."""
    lab = the_lab()
    state, settings = lab.state, lab.settings
    kept_for, kept = st.session_state.get("lab_case", (None, None))
    # Other settings keep the model, but not its batch and its description.
    if kept is None or kept_for != (settings, state.step, language()) or kept.rbm is not state.rbm:
        data = settings.data
        cursor = state.cursor if state.cursor < len(data.v) else 0
        kept = ModelCase(
            model_labels()[LAB_MODEL],
            _("{name}, {n_hidden} hidden units, after {step:,} updates of {label}.").format(
                name=data.name,
                n_hidden=settings.n_hidden,
                step=state.step,
                label=settings.label,
            ),
            state.rbm,
            state.v_data,
            state.v_data[state.order[cursor : cursor + settings.batch_size]],
            data.image_shape,
        )
        st.session_state.lab_case = ((settings, state.step, language()), kept)
    return kept


def _imported_with_rows(case: ModelCase) -> ModelCase:
    kept_for, kept = st.session_state.get("imported_with_rows", (None, None))
    if kept_for is not case:
        kept = with_rows(case)
        st.session_state.imported_with_rows = (case, kept)
    return kept
