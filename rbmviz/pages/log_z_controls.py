"""The sidebar and the sliders of the page Partition function."""

import streamlit as st

from rbmviz.language import _
from rbmviz.pages.address import put_settings
from rbmviz.pages.model_choice import show_import, show_model_choice
from rbmviz.pages.setting_widgets import show_setting
from rbmviz.run.model_case import ModelCase
from rbmviz.run.models import CRITICAL
from rbmviz.run.presets import RING, TORUS
from rbmviz.run.table import rows
from rbmviz.studio.log_z_methods import KINDS, PartitionFunctionSettings
from rbmviz.studio.page_tables import PAGE_TABLES, PARTITION

_key = PAGE_TABLES[PARTITION].key
_ROWS = rows(PartitionFunctionSettings)
_SIZE = {TORUS: "side", RING: "spins"}


def show_sidebar(settings: PartitionFunctionSettings, case: ModelCase) -> list[str]:
    """Draw the sidebar; return the methods that are chosen for this model."""
    methods = settings.methods_name(case.rbm)
    with st.sidebar:
        st.markdown("## rbmviz")
        show_model_choice(PARTITION, without_data=True)
        if settings.model in _SIZE:
            _show(_SIZE[settings.model])
            _show("coupling", format_func=_coupling)
        _show(methods)
        _show("schedule")
        _show("base")
        show_import()
    chosen = getattr(settings, methods)
    return [kind for kind in KINDS if kind in chosen]


def show_sliders(settings: PartitionFunctionSettings) -> None:
    """Draw the sliders over chains and temperatures."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _show("chains")
        _show("temperatures")
        st.button(
            _("Redraw"),
            on_click=_draw_again,
            args=(settings,),
            key="log_z_redraw",
            help=_("Estimate again with other random numbers."),
        )


def _show(name: str, **more: object) -> None:
    show_setting(_ROWS[name], _key(name), **more)


def _coupling(K: float) -> str:
    return _("{K:.3f}, critical").format(K=K) if K == CRITICAL else f"{K:.2f}"


def _draw_again(settings: PartitionFunctionSettings) -> None:
    put_settings(PARTITION, {"draw": (settings.draw + 1) % (_ROWS["draw"].limits[1] + 1)})
