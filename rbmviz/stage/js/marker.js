// A line in the ledger's charts at the recorded step on the stage: the charts are next to it in the
// same document, and their axes tell where a step lies. No request, and no chart is drawn again.

const CHARTS = ["terms", "likelihood"]
  .map((name) => `.stVerticalBlock:has(> .st-key-table_of_${name}) > * .vega-embed`)
  .join(", ");
const SETTLED_AFTER = 300; // milliseconds: a chart that changes its size is drawn after the stage
const MOVED = /translate\(([-\d.]+)/;
const LABEL = /^([\d.]+)([kMG]?)$/; // as ledger.py formats the steps of its axis
const TIMES = { "": 1, k: 1e3, M: 1e6, G: 1e9 };

export class LedgerMarker {
  constructor() {
    this.step = null;
    this.timer = 0;
  }

  /** Mark a step, or none. */
  show(step) {
    if (step === null && this.step === null) return;
    this.step = step;
    // What stands below the charts is of the step where the run is: it fades.
    document.documentElement.toggleAttribute("data-rbmviz-past", step !== null);
    this.place();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.place(), SETTLED_AFTER);
  }

  place() {
    for (const chart of document.querySelectorAll(CHARTS)) {
      const at = this.step === null ? null : placeOf(chart, this.step);
      const line = chart.querySelector(":scope > [data-marker]") ?? (at && newLine(chart));
      if (!line) continue;
      line.hidden = at === null;
      if (at === null) continue;
      line.dataset.marker = String(this.step);
      Object.assign(line.style, { left: `${at.left}px`, top: `${at.top}px`, height: `${at.height}px` });
    }
  }

  end() {
    clearTimeout(this.timer);
    this.show(null);
    clearTimeout(this.timer);
  }
}

function newLine(chart) {
  const line = document.createElement("div");
  line.dataset.marker = "";
  line.setAttribute("aria-hidden", "true");
  line.style.cssText =
    "position: absolute; width: 2px; margin-left: -1px; background: currentColor; opacity: 0.75; pointer-events: none;";
  chart.append(line);
  return line;
}

/** Where a step lies in a chart, in pixels of its box; null when its axis does not tell. */
function placeOf(chart, step) {
  const ticks = ticksOf(chart);
  const plot = chart.querySelector("svg path.background")?.getBoundingClientRect();
  if (!ticks || !plot) return null;
  const [first, last] = ticks;
  const box = chart.getBoundingClientRect();
  const x = first.x + ((step - first.step) * (last.x - first.x)) / (last.step - first.step);
  if (!(x >= -2 && x <= plot.width + 2)) return null;
  return { left: plot.left - box.left + x, top: plot.top - box.top, height: plot.height };
}

/** Two ticks of the axis of steps, which is the first; those at its ends are moved a little inside. */
function ticksOf(chart) {
  const labels = chart.querySelector("svg .role-axis-label")?.querySelectorAll("text") ?? [];
  const ticks = [...labels].map((text) => {
    const [, digits, times] = LABEL.exec(text.textContent) ?? [];
    return { step: Number(digits) * TIMES[times], x: Number(MOVED.exec(text.getAttribute("transform"))?.[1]) };
  });
  const inner = ticks.length > 3 ? ticks.slice(1, -1) : ticks;
  const two = [inner[0], inner.at(-1)];
  return inner.length > 1 && two.every(({ step, x }) => Number.isFinite(step) && Number.isFinite(x)) ? two : null;
}
