"""What all pages add to Streamlit's own style: less empty room, and numbers in a row."""

from rbmviz.pages.present_style import EMBED_STYLE, PRESENT_STYLE

_STYLE = """<style>
  .stApp { --rbmviz-sticky-top: 2.4rem; }
  .stMainBlockContainer { padding: 2.4rem 2rem 1rem; max-width: 1500px; }
  .stAppHeader { pointer-events: none; height: 2.4rem; min-height: 0; }
  .stAppHeader button { pointer-events: auto; }
  .stSidebar [data-testid="stSidebarHeader"] { height: 2.4rem; margin: 0; padding-bottom: 0; }
  .stSidebar [data-testid="stSidebarUserContent"] { padding-top: 0; }
  .stApp .rbmviz-facts { display: flex; flex-wrap: wrap; gap: 2px 28px; margin: 0; padding: 0;
                  font-size: 15px; }
  .rbmviz-facts div { display: flex; gap: 8px; }
  .rbmviz-facts dt { opacity: 0.75; }
  .rbmviz-facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
  .stApp :is([data-variant="pills"], [data-variant="segmented_control"],
      [data-testid="stSliderThumbValue"]):not(#none) { color: inherit; }
  .stApp :is([data-variant="pills"], [data-variant="segmented_control"],
      [data-testid="stSliderThumbValue"]) * { color: inherit; }
  [data-rbmviz-past] .st-key-tracked { opacity: 0.6; }
  .stApp [data-testid="stCaptionContainer"] { opacity: 0.85; color: inherit; }
  .stVerticalBlock:has(> [class*="st-key-table_of_"]) { position: relative; }
  .stVerticalBlock > [class*="st-key-table_of_"] { position: absolute; right: 0; bottom: 10px;
      width: auto; z-index: 1; }
  .stVerticalBlock > [class*="st-key-table_of_wiggle"] { bottom: -10px; } /* no title there */
  .stApp [class*="st-key-table_of_"] button { min-height: 24px; padding: 0 4px; color: inherit; }
  [class*="st-key-table_of_"] button p { font-size: 14px; line-height: 1.2; }
  @media (min-width: 641px) { .stAppHeader { background: none; } .rbmviz-swipe { display: none; } }
  /* Columns give way: what has no room beside its neighbour takes a row of its own. */
  @media (min-width: 641px) {
    .stMain .stColumn:has(:is(table[class^="rbmviz-"], .stMarkdown table))
        { min-width: min-content; }
    .stMain .stColumn:has([data-testid="stVegaLiteChart"]) { min-width: min(100%, 17.5rem); }
    .stMain .stColumn:has(.st-key-both_gradients) { min-width: min(100%, 36.5rem); }
    .stMain .stColumn:has(h3) { min-width: min(100%, 20rem); }
  }
  .stMain [data-testid="stLayoutWrapper"]:has(> .stHorizontalBlock > .stColumn
      table[class^="rbmviz-"]) { container-type: inline-size; } /* its tables ask for its width */
  @media (max-width: 640px) { .stMainBlockContainer { padding: 2.6rem 0.8rem 1rem; } }
</style>"""
PAGE_STYLE = _STYLE + PRESENT_STYLE + EMBED_STYLE
