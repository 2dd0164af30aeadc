"""How a page looks while it is presented, and inside another page (?embed=true).

js/present.js marks the document's root: data-present is the page, data-panels what is seen of the
lab, data-single the panel that is seen alone. Nothing is taken off the page: a widget that is not
drawn would forget its value.
"""


def _box(*keys: str) -> str:
    """Select what holds the containers of these keys, and takes their place on the page."""
    within = ", ".join(f".st-key-{key}" for key in keys)
    return f'[data-testid="stLayoutWrapper"]:has(> :is({within}))'


_LAB = '[data-present="lab"]'
_CHART = '[data-testid="stVegaLiteChart"]'
_GRID = '[data-testid="stFullScreenFrame"]:has(> .stDataFrame)'
_ALONE = ':is([data-single="terms"], [data-single="likelihood"]) .st-key-ledger'
_OF_LEDGER = ':not([data-panels~="terms"], [data-panels~="likelihood"])'

_WIDE = f'[data-testid="stHorizontalBlock"]:has({_CHART}, table)'  # one under the other


def _stacked(where: str) -> str:
    return f"""{where} {_WIDE} {{ flex-direction: column; }}
  {where} {_WIDE} > .stColumn {{ width: 100% !important; flex: 1 1 auto !important; }}"""


PRESENT_STYLE = f"""<style>
  {_box("driven")}, .st-key-lesson_show {{ display: none; }}
  {_box("presenter")} {{ position: absolute; width: 1px; height: 0; overflow: hidden; }}
  [data-present] :is(.stSidebar, .stAppHeader, {_box("more")}, .st-key-lesson_reveal)
      {{ display: none; }}
  [data-present] {_box("driven")} {{ display: flex; }}
  [data-present] .st-key-lesson_show {{ display: block; }}
  [data-present] .stApp {{ --rbmviz-sticky-top: 0; }}
  [data-present] .stMainBlockContainer {{ zoom: var(--rbmviz-zoom, 1); max-width: none;
      padding: 0.5rem 1.2rem calc(64px / var(--rbmviz-zoom, 1)); }}
  {_LAB}{_OF_LEDGER} {_box("ledger")},
  {_LAB}:not([data-panels~="terms"]) {_box("tracked")},
  {_LAB}:not([data-panels~="runs"]) {_box("runs")},
  {_LAB}:not([data-panels~="terms"]) .stColumn:has(> * > * > .st-key-ledger_terms),
  {_LAB}:not([data-panels~="likelihood"]) .stColumn:has(> * > * > .st-key-ledger_likelihood)
      {{ display: none; }}
  /* Charts and grids are measured on the screen, and then drawn in the magnified page. */
  [data-present] :is({_CHART}, {_GRID}) {{ width: calc(100% / var(--rbmviz-zoom, 1)) !important;
      overflow: visible; }}
  {_stacked("[data-present]")}
  [data-present] .st-key-both_gradients {_WIDE} {{ flex-flow: row wrap; }}
  [data-present] .st-key-both_gradients {_WIDE} > .stColumn
      {{ width: 46% !important; flex: 1 1 46% !important; }}
  :is([data-present] body, .streamlit-embedded) .st-key-draw_again button
      {{ padding-inline: 0.3rem; }}
  {_ALONE} {{ zoom: var(--rbmviz-chart, 1); }}
  {_ALONE} {_CHART}
      {{ width: calc(100% / var(--rbmviz-zoom, 1) / var(--rbmviz-chart, 1)) !important; }}
</style>"""
EMBED_STYLE = f"""<style>
  .streamlit-embedded .stMainBlockContainer {{ padding: 2.2rem 1rem 0.8rem; }}
  [data-present] .streamlit-embedded .stMainBlockContainer
      {{ padding: 0.5rem 1rem calc(60px / var(--rbmviz-zoom, 1)); }}
  @media (max-width: 1000px) {{
  {_stacked(".streamlit-embedded")}
  }}
</style>"""
