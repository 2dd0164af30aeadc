// What only the browser knows of the lab: the step on the screen, the view, the selected parameter.

export const look = { step: 0, playing: false, view: "matrix", selected: "0,0" };
const listeners = new Set();

/** Note what changed, and tell whoever wants to know. */
export function tellLook(changes) {
  const changed = Object.entries(changes).some(([name, value]) => look[name] !== value);
  if (!changed) return;
  Object.assign(look, changes);
  for (const listener of listeners) listener();
}

export function onLook(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
