// What only the browser knows of a page, by its path ("" is the lab): the step on the screen, the view,
// the selected parameter ... A name that a page has not told yet is undefined.

// It outlives another language, which brings code of its own.
const looks = (globalThis.rbmvizLooks ??= { "": { step: 0, playing: false, view: "matrix", selected: "0,0" } });
export const look = looks[""]; // of the lab
const listeners = new Set();

export function lookAt(path) {
  return (looks[path] ??= { playing: false });
}

/** Note what changed on a page, and tell whoever wants to know. */
export function tellLook(changes, path = "") {
  const before = lookAt(path);
  const changed = Object.entries(changes).some(([name, value]) => before[name] !== value);
  if (!changed) return;
  Object.assign(before, changes);
  for (const listener of listeners) listener();
}

export function onLook(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
