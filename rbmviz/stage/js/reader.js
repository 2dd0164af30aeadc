// What the browser brings of its reader: what it keeps from visit to visit, and a file of the same site.

const ITEM_PREFIX = "rbmviz."; // how the names of all items begin
const MOST_ITEMS = 200;
const LONGEST_ITEM = 2000; // characters
const FILE_BYTES = 32768;
const FETCH_PATIENCE = 15000; // milliseconds

const readers = new WeakMap(); // parent element -> what it has sent
// What this tab has written, and the last order to forget: it outlives another language, and a server.
const memory = (globalThis.rbmvizReader ??= { written: {}, forgot: "" });

function allItems() {
  return Object.keys(localStorage).filter((key) => key.startsWith(ITEM_PREFIX));
}

function readAll() {
  const items = allItems().map((key) => [key.slice(ITEM_PREFIX.length), localStorage.getItem(key)]);
  return Object.fromEntries(items.filter(([, text]) => text.length <= LONGEST_ITEM).slice(0, MOST_ITEMS));
}

/** Keep items of a name and a text, each once: another tab may have newer ones. An empty text takes one away. */
function keep(items) {
  for (const [name, text] of Object.entries(items)) {
    if (memory.written[name] === text) continue;
    memory.written[name] = text;
    if (text) localStorage.setItem(ITEM_PREFIX + name, text);
    else localStorage.removeItem(ITEM_PREFIX + name);
  }
}

function forget(order) {
  if (!order || order === memory.forgot) return;
  Object.assign(memory, { written: {}, forgot: order });
  for (const key of allItems()) localStorage.removeItem(key);
}

/** Read the beginning of an answer, and no more of it than a lesson may have. */
async function textOf(answer) {
  const stream = answer.body.getReader();
  const parts = [];
  for (let n = 0; n <= FILE_BYTES; n += parts.at(-1).length) {
    const { done, value } = await stream.read();
    if (done) break;
    parts.push(value);
  }
  stream.cancel();
  const text = await new Blob(parts).text();
  return text.slice(0, FILE_BYTES + 1);
}

async function fetchText(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) return "";
  try {
    const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(FETCH_PATIENCE) });
    const isPage = /html/.test(answer.headers.get("content-type")); // what many sites send for no file at all
    return answer.ok && !isPage ? await textOf(answer) : "";
  } catch {
    return "";
  }
}

/** Ask, keep and fetch as the server says. What was kept is sent first: the server joins it with its own. */
export function mountReader({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  if (!readers.has(parentElement)) readers.set(parentElement, {});
  const reader = readers.get(parentElement);
  try {
    if (!data.asks) Object.assign(reader, { sent: false, waits: false });
    else if (!reader.sent) {
      const found = readAll();
      Object.assign(reader, { sent: true, waits: Object.keys(found).length > 0 });
      if (reader.waits) setTriggerValue("found", found);
    }
    if (!reader.waits) {
      forget(data.forget);
      keep(data.items);
    }
  } catch {
    // A browser may forbid to keep anything: then nothing outlives the page.
  }
  const { path } = data;
  if (path && reader.path !== path) fetchText(path).then((text) => setTriggerValue("fetched", { path, text }));
  reader.path = path;
}
