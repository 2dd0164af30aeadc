// The elements of the stage, built once. What changes carries a data-role and is found by find().

import { _ } from "./language.js";

const P = '<i class="p">p</i>';
const P_TILDE = '<i class="p tilde">p</i>';
const OF_V = "(<i>v</i>)";
const GRAD = "<span>\u2207</span>";

const PANELS = [
  {
    name: "gradient",
    operator: "",
    term: `${GRAD} log ${P}${OF_V}`,
    spoken: _("gradient of log p of v"),
    meaning: _("gradient: how each parameter moves"),
    samples: "weights",
  },
  {
    name: "positive",
    operator: "=",
    term: `${GRAD} log ${P_TILDE}${OF_V}`,
    spoken: _("gradient of log p tilde of v"),
    meaning: _("positive phase \u00b7 data"),
    samples: "data",
  },
  {
    name: "negative",
    operator: "\u2212",
    term: `${GRAD} log <i>Z</i>`,
    spoken: _("gradient of log Z"),
    meaning: _("negative phase \u00b7 model"),
    samples: "samples",
  },
  {
    name: "exact",
    operator: "",
    term: `${GRAD} log <i>Z</i>`,
    spoken: _("gradient of log Z, exactly"),
    meaning: _("exact negative phase"),
    samples: "states",
  },
];

export function button(action, label, hint, extra = "") {
  return `<button type="button" data-action="${action}" title="${hint}" ${extra}>${label}</button>`;
}

const NUMBER = '<span class="number">(18.4)</span>';
const ASK = ` <button type="button" class="ask" data-action="exact" data-role="exact-ask" hidden>${_("Compute now")}</button>`;

const TRANSPORT = `
  <p class="driven" data-role="driven"></p>
  <div class="transport">
    <div class="play" role="group" aria-label="${_("Training")}">
    ${button("play", `<span data-role="play-label">${_("Play")}</span>`, _("Play or pause (space)"), "class='primary' aria-pressed='false'")}
    ${button("step1", "+1", _("One update (right arrow)"), `aria-label="${_("One update")}"`)}
    ${button("step10", "+10", _("Ten updates"), `aria-label="${_("Ten updates")}"`)}
    ${button("step100", "+100", _("A hundred updates"), `aria-label="${_("A hundred updates")}"`)}
    </div>
    <div class="more">
    ${button("slow", _("Slow motion"), _("One update, explained in five stages (s)"), "aria-pressed='false'")}
    ${button("restart", _("Restart"), _("Replay the very same run"))}
    ${button("new_seed", _("New seed"), _("A new run from other random numbers"))}
    </div>
    <div class="clock"><span>${_("step")} <b data-role="step">0</b></span><span class="rate" data-role="rate"></span></div>
    <div class="views" role="group" aria-label="${_("View")}">
      ${button("matrix", _("Matrix"), _("Statistics as a matrix"), "aria-pressed='true'")}
      ${button("images", _("Images"), _("One image for each hidden unit"), "aria-pressed='false'")}
    </div>
  </div>
  <div class="timeline">
    <canvas data-role="line"></canvas>
    <input type="range" data-role="seek" aria-label="${_("Look back along the run")}" min="0" max="0" value="0" disabled>
  </div>
  <div class="below">
    <p class="status" data-role="status" aria-live="polite"></p>
    ${button("fork", _("Fork here"), _("Train on from this step with one setting changed"), "class='ask' data-role='fork' hidden")}
  </div>`;

function panel({ name, operator, term, spoken, meaning, samples }) {
  const sign = operator ? `<span class="operator">${operator}</span>` : "";
  return `
  <section class="panel" data-panel="${name}">
    <header>
      <h3>${sign}<span class="term" role="img" aria-label="${spoken}">${term}</span>${name === "negative" ? NUMBER : ""}</h3>
      <p><span data-role="${name}-meaning">${meaning}</span>${name === "exact" ? ASK : ""}</p>
    </header>
    <div class="picture">
      <div class="board">
        <canvas data-canvas="${name}" role="img" tabindex="0"></canvas>
        <span class="mark selected" data-role="${name}-selected"></span>
        <span class="mark hovered" data-role="${name}-hovered"></span>
        <span class="axis visible-axis" data-role="${name}-visible">${_("visible unit i")}</span>
        <span class="axis hidden-axis" data-role="${name}-hidden">${_("hidden unit j")}</span>
        <span class="axis margin-v" data-role="${name}-margin-v">v</span>
        <span class="axis margin-h" data-role="${name}-margin-h">h</span>
        <div class="missing" data-role="${name}-missing" hidden></div>
      </div>
    </div>
    <div class="scale"><span data-role="${name}-low"></span><span class="bar" data-role="${name}-bar"></span><span
      data-role="${name}-high"></span></div>
    <p class="value">${sign}<output data-role="${name}" data-value="">\u2013</output> <small data-role="${name}-note"></small></p>
    <div class="samples">
      <h4><span data-role="${samples}-title"></span><small data-role="${samples}-note"></small></h4>
      <canvas data-canvas="${samples}" role="img"></canvas>
      <p class="missing-samples" data-role="${samples}-missing" hidden></p>
    </div>
  </section>`;
}

/** Build the stage below parent once and return {root, find, findAll}. */
export function buildStage(parent, css) {
  const root = document.createElement("div");
  root.className = "stage";
  const style = css ? `<style>${css}</style>` : "";
  root.innerHTML = `${style}${TRANSPORT}
    <div class="equation">${PANELS.map(panel).join("")}</div>
    <dl class="facts" data-role="facts"></dl>
    <p class="spoken" data-role="spoken" aria-live="polite"></p>
    <p class="broken" data-role="broken" role="alert" hidden></p>`;
  parent.append(root);
  const roles = new Map();
  for (const element of root.querySelectorAll("[data-role]")) roles.set(element.dataset.role, element);
  return { root, find: (role) => roles.get(role) };
}

/** Write text only when it changed, so that nothing is laid out again for nothing. */
export function setText(element, text) {
  if (element.textContent === text) return;
  if (element.firstChild) element.firstChild.nodeValue = text;
  else element.textContent = text;
}

/** The same for an attribute; null removes it. */
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
