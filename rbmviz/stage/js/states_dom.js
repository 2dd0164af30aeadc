// The elements of the page about all states, built once; see dom.js.

import { button } from "./dom.js";

const P_DATA = '<i>p</i><sub>data</sub>(<i>v</i>)';
const P_MODEL = '<i>p</i><sub>model</sub>(<i>v</i>)';
const LOG_P_TILDE = 'log <i class="tilde">p</i>(<i>v</i>)';

/** Rows of the reading: data-role, hue, what it is. */
const READING_ROWS = [
  ["log_p_tilde", "exact", `${LOG_P_TILDE}`],
  ["free_energy", "exact", "<i>F</i>(<i>v</i>)"],
  ["p_model", "exact", P_MODEL],
  ["p_data", "positive", P_DATA],
  ["frequency", "negative", '<span data-role="frequency-name">frequency</span>'],
  ["push_up", "positive", `push up, + ${P_DATA}`],
  ["push_down", "negative", `push down, \u2212 ${P_MODEL}`],
  ["push", "both", "both together"],
  ["change", "both", `next update, ${LOG_P_TILDE}`],
  ["change_p", "both", "next update, log <i>p</i>(<i>v</i>)"],
];

function choice(label, options) {
  const buttons = options.map(([action, text, hint], n) => button(action, text, hint, `aria-pressed="${n === 0}"`));
  return `<div class="views" role="group" aria-label="${label}">${buttons.join("")}</div>`;
}

const STATES_TRANSPORT = `
  <div class="transport">
    <div class="play" role="group" aria-label="Training">
    ${button("play", "<span data-role='play-label'>Play</span>", "Play or pause (space)", "class='primary' aria-pressed='false'")}
    ${button("step1", "+1", "One update (right arrow)", "aria-label='One update'")}
    ${button("step10", "+10", "Ten updates", "aria-label='Ten updates'")}
    ${button("step100", "+100", "A hundred updates", "aria-label='A hundred updates'")}
    ${button("step1000", "+1000", "A thousand updates", "aria-label='A thousand updates'")}
    </div>
    <div class="more">${button("restart", "Restart", "Back to step 0 of the same run")}</div>
    <div class="clock"><span>step <b data-role="step">0</b></span><span class="rate" data-role="rate"></span></div>
    ${choice("Order of the states", [
      ["hypercube", "Hypercube", "Neighbours differ in one unit, around the edges too"],
      ["energy", "By free energy", "The most probable state first"],
    ])}
  </div>`;

const TILES = `
  <section class="tiles">
    <h4><span data-role="tiles-title"></span></h4>
    <p class="key"><span class="exact fill">fill <i>p</i><sub>model</sub>, 0 to <b data-role="fill-top"></b></span>
      <span class="positive frame">frame <i>p</i><sub>data</sub></span>
      <span class="negative ring">ring <span data-role="samples-name">samples</span></span></p>
    <div class="room" data-role="tiles-room"><div class="board">
      <canvas data-canvas="tiles" role="img" tabindex="0"></canvas>
      <span data-role="flips"></span>
      <span class="mark selected" data-role="tile-selected" hidden></span>
      <span class="mark hovered" data-role="tile-hovered" hidden></span>
    </div></div>
  </section>`;

const READING = `
  <section class="reading">
    <div class="who"><canvas data-canvas="state" role="img"></canvas>
      <p><b data-role="bits"></b><span data-role="kind"></span></p></div>
    <dl>${READING_ROWS.map(
      ([role, hue, term]) =>
        `<div class="${hue}"><dt>${term}</dt><dd><output data-role="${role}" data-value="">\u2013</output></dd></div>`,
    ).join("")}</dl>
  </section>`;

const LAND = `
  <section class="land">
    <div class="head">
      ${choice("Height", [
        ["log", 'log <i class="tilde">p</i>', "Height is log p~(v)"],
        ["linear", "<i>p</i>", "Height is p(v)"],
      ])}
      ${choice("Arrows", [
        ["push", "Push", "What each phase asks for"],
        ["change", "What one step does", "The real change in the next update"],
      ])}
      ${button("spurious", "Find spurious modes", "Mark what the model believes in and the data never showed", "aria-pressed='false'")}
      <p data-role="said-push">If each ${LOG_P_TILDE} could move freely: <span class="nowrap">\u2202 mean log-likelihood
        / \u2202 ${LOG_P_TILDE}</span> = <span class="nowrap"><span class="positive">${P_DATA}</span> \u2212
        <span class="negative">${P_MODEL}</span></span></p>
      <p data-role="said-change" hidden>Weights are shared: the next update, <span data-role="step-name"></span> at learning
        rate <span data-role="rate-name"></span>, really moves all states, and log <i>Z</i> by <b data-role="log-z-change"></b>.</p>
    </div>
    <p class="key" data-role="legend-push">
      <span class="positive">\u2191 positive phase, + ${P_DATA}</span>
      <span class="negative">\u2193 negative phase, \u2212 ${P_MODEL} (exact)</span>
      <span class="negative ring">the same by <span data-role="estimate-name"></span></span>
      <span class="longest"></span></p>
    <p class="key" data-role="legend-change" hidden>
      <span class="positive">\u2191 ${LOG_P_TILDE} rises</span>
      <span class="negative">\u2193 ${LOG_P_TILDE} falls</span>
      <span class="longest"></span></p>
    <div class="plot">
      <span class="axis" data-role="axis-high"></span>
      <span class="axis" data-role="axis-low"></span>
      <div class="room" data-role="land-room">
        <canvas data-canvas="land" role="img" tabindex="0"></canvas>
        <span class="line" data-role="land-line" hidden></span>
      </div>
    </div>
    <p class="key order"><span data-role="order"></span><span data-role="hint"></span></p>
  </section>
  <section class="found" data-role="found" hidden>
    <h4>Spurious modes <small data-role="found-note"></small></h4>
    <div class="room" data-role="found-room"><canvas data-canvas="found" role="img"></canvas></div>
  </section>`;

/** Build the page's part of the stage below parent once and return {root, find, canvas}. */
export function buildStates(parent, css) {
  const root = document.createElement("div");
  root.className = "stage states";
  root.innerHTML = `<style>${css}</style>${STATES_TRANSPORT}
    <p class="verdict" data-role="verdict"></p>
    <p class="status" data-role="status" aria-live="polite"></p>
    <div class="space">${TILES}${READING}</div>${LAND}
    <p class="spoken" data-role="spoken" aria-live="polite"></p>
    <p class="broken" data-role="broken" role="alert" hidden></p>`;
  parent.append(root);
  const roles = new Map();
  for (const element of root.querySelectorAll("[data-role]")) roles.set(element.dataset.role, element);
  const canvas = (name) => root.querySelector(`canvas[data-canvas="${name}"]`);
  return { root, find: (role) => roles.get(role), canvas };
}
