// Leaving a page whose picture asks the server all the time.
//
// A request that the server answers in the name of a page that was left does harm: it brings the old
// page back, or it empties the new one, which then stays blank until the next rerun.

const EVERY = 100; // milliseconds
const FOR_SECONDS = 30; // a request is hardly ever longer on its way
const LEAVES_WITHIN = 3000; // milliseconds
const LINK = 'a[data-testid="stSidebarNavLink"]';
const IDLE =
  '[data-testid="stApp"][data-test-connection-state="CONNECTED"]' +
  '[data-test-script-state="notRunning"]';
const CONTENT = '[data-testid="stMain"] [data-testid="stElementContainer"]';

let leftAt = -Infinity;
let timer = null;
let until = 0;

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.(LINK);
    if (link && link.pathname !== location.pathname) leftAt = performance.now();
  },
  { capture: true },
);

/** True after a click on the link of another page, until that page is drawn. */
export const isLeaving = () => performance.now() - leftAt < LEAVES_WITHIN;

/** Draw pages anew that are emptied all the same; call it when a picture is taken down. */
export function mendEmptiedPages(parentElement) {
  setTimeout(() => {
    if ((parentElement.host ?? parentElement).isConnected) return; // still on the page
    until = performance.now() + 1000 * FOR_SECONDS;
    timer ??= setInterval(watch(), EVERY);
  });
}

function watch() {
  let wasEmpty = false;
  return () => {
    if (performance.now() > until) {
      clearInterval(timer);
      timer = null;
      return;
    }
    const isEmpty = document.querySelector(IDLE) !== null && !document.querySelector(CONTENT);
    if (isEmpty && wasEmpty) pressRerun();
    wasEmpty = isEmpty && !wasEmpty; // after a press it must be seen twice again
  };
}

/** Press the key that Streamlit has for a rerun. */
function pressRerun() {
  for (const type of ["keydown", "keyup"])
    document.dispatchEvent(new KeyboardEvent(type, { key: "r", code: "KeyR" }));
}
