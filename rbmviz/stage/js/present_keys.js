// The keys of a presentation. Clickers send PageDown and PageUp, some of them b or . for a black
// screen, and Escape.

const TURNS = { PageDown: "next", PageUp: "previous", ArrowRight: "next", ArrowLeft: "previous" };
const OTHERS = { Escape: "leave", p: "leave", b: "black", ".": "black" };
const TYPING =
  "input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=combobox]";
const WANTS_ARROWS = "input, canvas[tabindex], [role=slider], [role=radio], [role=tab], [role=radiogroup]";

/** Read what a key asks for as [name, value], null when it is not for us. */
export function readAction(event, isOn, turnsByArrows) {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return null;
  const path = event.composedPath().filter((node) => node instanceof Element);
  const isAt = (selector) => path.some((node) => node.matches(selector));
  if (isAt(TYPING)) return null;
  if (!isOn) return key === "p" && !event.repeat ? ["enter"] : null;
  if (key.startsWith("Arrow") && (!turnsByArrows || isAt(WANTS_ARROWS))) return null;
  if (TURNS[key]) return [TURNS[key]];
  if (event.repeat) return null;
  if (OTHERS[key]) return [OTHERS[key]];
  return /^\d$/.test(key) ? ["place", Number(key)] : null;
}

/** Say whether something lies over the page that wants the keys itself. */
export function showsDialog() {
  return document.querySelector('[role="dialog"], [data-baseweb="popover"] [role="listbox"]') !== null;
}
