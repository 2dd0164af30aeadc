// The stage while it is presented: which of its panels are seen, in what size. present.js writes on
// the document's root what is to be shown; the stage, in its shadow tree, takes it over from there.

import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { whole } from "./words.js";

const MARKS = ["data-present", "data-panels", "data-single", "style"]; // the style holds the size
const PHASES = ["gradient", "positive", "negative", "exact"];
const AROUND = { maps: 262, one: 232, samples: 215 }; // CSS pixels that all but the pictures take
const IN_OVERVIEW = 330;
const LEAST = 110;

/** Call changed() whenever the presentation has changed the stage; return how to stop. */
export function followPresentation(root, changed) {
  const follow = () => {
    if (dress(root)) changed();
  };
  const observer = new MutationObserver(follow);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: MARKS });
  follow();
  return () => observer.disconnect();
}

/** Write on the stage what it has to show; true when that is something else than before. */
function dress(root) {
  const page = document.documentElement;
  const { present, panels = "", single = "" } = page.dataset;
  const isOn = present === "lab";
  const height = Number(page.style.getPropertyValue("--rbmviz-room")) || 0;
  const dressed = isOn ? `${panels} ${single} ${height}` : "";
  if (dressed === (root.dataset.dressed ?? "")) return false;
  setAttribute(root, "data-dressed", isOn ? dressed : null);
  setAttribute(root, "data-single", isOn && single ? single : null);
  const shown = new Set(panels.split(" "));
  let columns = 0;
  for (const name of PHASES) {
    const itself = shown.has(name);
    const off = [itself || shown.has("maps") ? "" : "map", itself || shown.has("samples") ? "" : "samples"];
    const isOff = !off.includes("");
    columns += isOff ? 0 : 1;
    const panel = root.querySelector(`.panel[data-panel="${name}"]`);
    setAttribute(panel, "data-off", isOn ? (isOff ? "all" : off.join("")) : null);
  }
  const isEquation = shown.has("maps") || shown.has("samples") || PHASES.slice(0, 3).every((name) => shown.has(name));
  setAttribute(root, "data-signs-off", isOn && !isEquation ? "" : null);
  setAttribute(root, "data-facts-off", isOn && !shown.has("facts") ? "" : null);
  const size = (name, pixels) => {
    if (isOn) root.style.setProperty(name, `${Math.round(pixels)}${name === "--columns" ? "" : "px"}`);
    else root.style.removeProperty(name);
  };
  const around = single === "maps" ? AROUND.maps : AROUND.one;
  size("--columns", Math.max(columns, 1));
  size("--picture-height", single ? Math.max(height - around, LEAST) : Math.min(Math.max(height - IN_OVERVIEW, LEAST), 240));
  size("--samples-height", single ? Math.max(height - AROUND.samples, 98) : 98);
  size("--tile", single ? 84 : 42);
  return true;
}

/** Say in one line what the hidden controls drive. */
export function tellDriven(element, { driven, negative, learning_rate: rate }, step) {
  if (!driven) return;
  const { data, units, more, seed } = driven;
  const parts = [data, units, negative.label, _("learning rate {rate}", { rate }), ...more, _("seed {seed}", { seed })];
  setText(element, [...parts, _("step {step}", { step: whole(step) })].join(" \u00b7 "));
}
