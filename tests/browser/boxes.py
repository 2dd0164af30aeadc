"""Where everything on a page lies: nothing may lie over anything, leave the page or be cut."""

from browser.chromium import PATIENCE
from playwright.sync_api import Page, TimeoutError

# With the sidebar open; below 768 pixels it closes by itself. At 150 % zoom 1440 pixels are 960.
WIDTHS = (1440, 1280, 960, 820, 641, 390, 360)

# Boxes of pictures, controls and lines of text that lie over each other or outside of the page,
# text whose end is hidden, and a chart or a heading that its neighbour leaves less room than a
# phone has. Left out: what is not seen, grids and tabs, which scroll by themselves, and the button
# for a chart's table, which has its place in the chart's corner.
FAULTS = r"""() => {
  const main = document.querySelector('.stMainBlockContainer');
  const page = document.querySelector('[data-testid=stMain]');
  const OUT = 'style, [popover], .spoken, input[type=range], .stDataFrame, [role=tablist], ' +
    'details:not([open]) > :not(summary)';
  const boxes = [], faults = [];
  const add = (node, what, box) => {
    if (box.width > 1 && box.height > 1) boxes.push({ node, what, box });
  };
  const look = (node) => {
    const { display, overflowX } = getComputedStyle(node);
    if (node.matches(OUT)) return;
    if (display !== 'contents' && !node.checkVisibility({ opacityProperty: true })) return;
    const isPicture = node.matches('canvas, img, svg, input, button');
    if (isPicture) add(node, node.nodeName.toLowerCase(), node.getBoundingClientRect());
    if (isPicture && !node.matches('button')) return;
    if (overflowX !== 'visible' && node.innerText?.trim() && node.clientWidth > 0
        && node.scrollWidth > node.clientWidth + 2)
      faults.push(`cut: ${node.innerText.slice(0, 30)}`);
    for (const child of node.childNodes) {
      if (child.nodeType !== Node.TEXT_NODE || !child.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(child);
      for (const box of range.getClientRects()) add(node, child.data.trim().slice(0, 30), box);
    }
    for (const child of [...node.children, ...(node.shadowRoot?.children ?? [])]) look(child);
  };
  look(main);
  if (page.scrollWidth > page.clientWidth + 1) faults.push('the page scrolls sideways');
  const room = main.getBoundingClientRect();
  for (const { what, box } of boxes)
    if (box.left < room.left - 1 || box.right > room.right + 1) faults.push(`outside: ${what}`);
  for (const node of main.querySelectorAll('[data-testid=stVegaLiteChart], .stMarkdown h3')) {
    const { width } = node.getBoundingClientRect();
    if (node.checkVisibility() && width < 240)
      faults.push(`narrow: ${node.matches('h3') ? node.innerText : 'a chart'}`);
  }
  const up = (node) => node.parentNode ?? node.host;
  const holds = (a, b) => { while (b && b !== a) b = up(b); return b === a; };
  const inChart = (a) => a.closest('[data-testid=stVegaLiteChart]');
  const ofTable = (a) => a.closest('[class*=st-key-table_of_]');
  for (const [n, a] of boxes.entries()) for (const b of boxes.slice(n + 1)) {
    const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
    const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
    if (width <= 2 || height <= 4) continue; // the lines of a text touch
    if (holds(a.node, b.node) || holds(b.node, a.node)) continue;
    if ((inChart(a.node) && ofTable(b.node)) || (inChart(b.node) && ofTable(a.node))) continue;
    faults.push(`${a.what} | ${b.what}`);
  }
  return faults;
}"""


AT_REST = """() => {
  const boxes = [...document.querySelectorAll('.stMainBlockContainer *')].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join();
  }).join(';');
  window.looks = boxes === window.boxes ? window.looks + 1 : 0;
  window.boxes = boxes;
  return window.looks >= 5;
}"""


def faults(page: Page) -> list[str]:
    """List what is wrong, each with the width of the window that it is wrong at."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} pixels: {fault}" for fault in faults_now(page)]
    return found


def faults_now(page: Page) -> list[str]:
    """List what is wrong once the page is at rest, and its charts have taken their new size."""
    page.wait_for_function(AT_REST, polling=50)
    try:
        page.wait_for_function(f"({FAULTS})().length === 0", timeout=1000 * PATIENCE)
    except TimeoutError:
        found: list[str] = page.evaluate(FAULTS)
        return found
    return []
