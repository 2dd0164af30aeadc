// What the browser brings of its reader: what it keeps from visit to visit, and a file of the same site.

const PREFIX = "rbmviz.";
const MOST = 200; // items
const LONGEST = 2000; // characters of one
const FILE_BYTES = 32768;
const FETCH_PATIENCE = 15000; // milliseconds

const readers = new WeakMap(); // parent element -> what it has sent

function readAll() {
  const found = {};
  for (let n = 0; n < localStorage.length && Object.keys(found).length < MOST; n += 1) {
    const key = localStorage.key(n);
    const text = key.startsWith(PREFIX) ? localStorage.getItem(key) : "";
    if (text && text.length <= LONGEST) found[key.slice(PREFIX.length)] = text;
  }
  return found;
}

/** Keep items of a name and a text; an empty text takes one away. Others stay, of another tab perhaps. */
function keep(items) {
  for (const [name, text] of Object.entries(items)) {
    if (text) localStorage.setItem(PREFIX + name, text);
    else localStorage.removeItem(PREFIX + name);
  }
}

async function fetchText(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) return { path, text: "" };
  try {
    const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(FETCH_PATIENCE) });
    const isPage = /html/.test(answer.headers.get("content-type")); // what many sites send for no file at all
    const text = answer.ok && !isPage ? await answer.text() : "";
    return { path, text: text.slice(0, FILE_BYTES + 1) };
  } catch {
    return { path, text: "" };
  }
}

/** Ask, keep and fetch as the server says. What was kept is sent first: the server joins it with its own. */
export function mountReader({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  if (!readers.has(parentElement)) readers.set(parentElement, { sent: false, waits: false, path: "" });
  const reader = readers.get(parentElement);
  try {
    if (data.asks && !reader.sent) {
      const found = readAll();
      reader.sent = true;
      reader.waits = Object.keys(found).length > 0;
      if (reader.waits) setTriggerValue("found", found);
    }
    if (!data.asks) reader.waits = false;
    if (!reader.waits) keep(data.items);
  } catch {
    // A browser may forbid to keep anything: then nothing outlives the page.
  }
  if (data.path && reader.path !== data.path) {
    reader.path = data.path;
    fetchText(data.path).then((found) => setTriggerValue("fetched", found));
  }
}
