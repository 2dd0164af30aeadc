// What a person does: transport buttons, keys, leaving the tab, going away.

import { _ } from "./language.js";

export const AWAY = {
  hidden: _("Paused while this tab was hidden. Press Play to go on."),
  idle: _("Paused after ten idle minutes. Press Play to go on."),
};

const IDLE_AFTER = 10 * 60 * 1000; // milliseconds
const TYPING = "input, textarea, select, button, a, summary, canvas, [contenteditable], [role=slider], [role=tab]";

/** Call actions[name]() for the buttons of root; return nothing, they live as long as root. */
export function listenToButtons(root, actions) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (!button) return;
    // After a mouse click the keys shall mean the transport again, not "press this button once more".
    if (event.detail > 0) button.blur();
    actions[button.dataset.action]?.();
  });
}

/** Space, the left and the right arrow and s anywhere on the page, unless something there wants the key itself. */
export function listenToKeys(root, actions) {
  const keys = { " ": "play", ArrowLeft: "back", ArrowRight: "forward", s: "slow" };
  const onKey = (event) => {
    const action = keys[event.key];
    if (!actions[action] || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!event.key.startsWith("Arrow") && event.repeat) return;
    const path = event.composedPath().filter((node) => node instanceof Element);
    const ours = path.includes(root);
    const wanted = path.some((node) => node.matches(TYPING));
    // Our own pictures leave these keys free; our buttons leave all but space, which presses them;
    // the line to look back along moves by the arrows.
    const free =
      ours &&
      (path[0].matches("canvas") ||
        (path[0].matches("button") && event.key !== " ") ||
        (path[0].matches("[type=range]") && !event.key.startsWith("Arrow")));
    if (wanted && !free) return;
    event.preventDefault();
    actions[action]();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** Call onAway("hidden" | "idle") when nobody watches any more. */
export function listenToAbsence(onAway) {
  let lastSeen = performance.now();
  const seen = () => (lastSeen = performance.now());
  const hidden = () => document.visibilityState === "hidden" && onAway("hidden");
  const events = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];
  const options = { capture: true, passive: true };
  for (const name of events) document.addEventListener(name, seen, options);
  document.addEventListener("visibilitychange", hidden);
  const timer = setInterval(() => {
    if (performance.now() - lastSeen > IDLE_AFTER) onAway("idle");
  }, 5000);
  return () => {
    for (const name of events) document.removeEventListener(name, seen, options);
    document.removeEventListener("visibilitychange", hidden);
    clearInterval(timer);
  };
}
