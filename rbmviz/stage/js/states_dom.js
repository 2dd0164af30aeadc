// The elements of the page about all states, built once; see dom.js.

import { button } from "./dom.js";
import { _ } from "./language.js";

const DATA = `<i>p</i><sub>${_("data")}</sub>`;
const MODEL = `<i>p</i><sub>${_("model")}</sub>`;
const P_DATA = `${DATA}(<i>v</i>)`;
const P_MODEL = `${MODEL}(<i>v</i>)`;
const LOG_P_TILDE = 'log <i class="tilde">p</i>(<i>v</i>)';

/** Rows of the reading: data-role, hue, what it is. */
const READING_ROWS = [
  ["log_p_tilde", "exact", `${LOG_P_TILDE}`],
  ["free_energy", "exact", "<i>F</i>(<i>v</i>)"],
  ["p_model", "exact", P_MODEL],
  ["p_data", "positive", P_DATA],
  ["frequency", "negative", '<span data-role="frequency-name"></span>'],
  ["push_up", "positive", _("push up, {term}", { term: `+ ${P_DATA}` })],
  ["push_down", "negative", _("push down, {term}", { term: `\u2212 ${P_MODEL}` })],
  ["push", "both", _("both together")],
  ["change", "both", _("next update, {term}", { term: LOG_P_TILDE })],
  ["change_p", "both", _("next update, {term}", { term: "log <i>p</i>(<i>v</i>)" })],
];

function choice(label, options) {
  const buttons = options.map(([action, text, hint], n) => button(action, text, hint, `aria-pressed="${n === 0}"`));
  return `<div class="views" role="group" aria-label="${label}">${buttons.join("")}</div>`;
}

const STATES_TRANSPORT = `
  <div class="transport">
    <div class="play" role="group" aria-label="${_("Training")}">
    ${button("play", `<span data-role="play-label">${_("Play")}</span>`, _("Play or pause (space)"), "class='primary' aria-pressed='false'")}
    ${button("step1", "+1", _("One update (right arrow)"), `aria-label="${_("One update")}"`)}
    ${button("step10", "+10", _("Ten updates"), `aria-label="${_("Ten updates")}"`)}
    ${button("step100", "+100", _("A hundred updates"), `aria-label="${_("A hundred updates")}"`)}
    ${button("step1000", "+1000", _("A thousand updates"), `aria-label="${_("A thousand updates")}"`)}
    </div>
    <div class="more">${button("restart", _("Restart"), _("Back to step 0 of the same run"))}</div>
    <div class="clock"><span>${_("step")} <b data-role="step">0</b></span><span class="rate" data-role="rate"></span></div>
    ${choice(_("Order of the states"), [
      ["hypercube", _("Hypercube"), _("Neighbours differ in one unit, around the edges too")],
      ["energy", _("By free energy"), _("The most probable state first")],
    ])}
  </div>`;

const TILES = `
  <section class="tiles">
    <h4><span data-role="tiles-title"></span></h4>
    <p class="key"><span class="exact fill">${_("fill {p}, 0 to {top}", {
      p: MODEL,
      top: '<b data-role="fill-top"></b>',
    })}</span>
      <span class="positive frame">${_("frame {p}", { p: DATA })}</span>
      <span class="negative ring">${_("ring {samples}", { samples: '<span data-role="samples-name"></span>' })}</span></p>
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
      ${choice(_("Height"), [
        ["log", 'log <i class="tilde">p</i>', _("Height is log p~(v)")],
        ["linear", "<i>p</i>", _("Height is p(v)")],
      ])}
      ${choice(_("Arrows"), [
        ["push", _("Push"), _("What each phase asks for")],
        ["change", _("What one step does"), _("The real change in the next update")],
      ])}
      ${button("spurious", _("Find spurious modes"), _("Mark what the model believes in and the data never showed"), "aria-pressed='false'")}
      <p data-role="said-push">${_("If each {term} could move freely:", { term: LOG_P_TILDE })} <span
        class="nowrap">${_("\u2202 mean log-likelihood / \u2202 {term}", { term: LOG_P_TILDE })}</span> = <span class="nowrap"><span class="positive">${P_DATA}</span> \u2212
        <span class="negative">${P_MODEL}</span></span></p>
      <p data-role="said-change" hidden>${_("Weights are shared: the next update, {step} at learning rate {rate}, really moves all states, and {log_z} by {change}.", {
        step: '<span data-role="step-name"></span>',
        rate: '<span data-role="rate-name"></span>',
        log_z: "log <i>Z</i>",
        change: '<b data-role="log-z-change"></b>',
      })}</p>
    </div>
    <p class="key" data-role="legend-push">
      <span class="positive">\u2191 ${_("positive phase, {term}", { term: `+ ${P_DATA}` })}</span>
      <span class="negative">\u2193 ${_("negative phase, {term} (exact)", { term: `\u2212 ${P_MODEL}` })}</span>
      <span class="negative ring">${_("the same by {name}", { name: '<span data-role="estimate-name"></span>' })}</span>
      <span class="longest"></span></p>
    <p class="key" data-role="legend-change" hidden>
      <span class="positive">\u2191 ${_("{term} rises", { term: LOG_P_TILDE })}</span>
      <span class="negative">\u2193 ${_("{term} falls", { term: LOG_P_TILDE })}</span>
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
    <h4>${_("Spurious modes")} <small data-role="found-note"></small></h4>
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
