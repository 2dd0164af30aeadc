// A presentation: chosen panels alone, in huge type, turned by keys or a presenter's clicker. It only
// marks the document's root and hides by style, so that what is not seen goes on as before.

import { PresenterBar } from "./present_bar.js";
import { readAction, showsDialog } from "./present_keys.js";
import { hasLesson, lessonMove } from "./present_lesson.js";

const NARROWEST = [840, 525]; // CSS pixels that a presented page is laid out for, then magnified
const CHART = [510, 225]; // ... and one of the ledger's charts alone
const FIT_EVERY = 400; // milliseconds: a lesson above the stage leaves it more or less room
const MOST = 4;
const STAGE = '[class*="st-key-stage"]:not([class*="st-key-stage_code"])'; // in any language
const AROUND_CHART = 120;

// Pages come and go, and the presentation goes on: this is what it is, for as long as the tab lives.
const kept = (globalThis.rbmvizPresentation ??= { ask: null, on: false, panels: null, shown: "", current: null });

class Presentation {
  constructor(css) {
    this.bar = new PresenterBar(css, (name, value) => this.#do(name, value));
    this.isBlack = false;
    kept.current?.remove();
    kept.current = this;
    const onKey = (event) => this.#onKey(event);
    const onSize = () => this.#apply();
    window.addEventListener("keydown", onKey, true); // before the page's own keys
    window.addEventListener("resize", onSize);
    const watch = setInterval(() => this.#fit(), FIT_EVERY);
    this.stopListening = () => {
      clearInterval(watch);
      window.removeEventListener("keydown", onKey, true);
      window.removeEventListener("resize", onSize);
    };
  }

  /** Take what the server says: of the panels there are, of the link, and of the button. */
  update({ data }) {
    if (!data) return;
    this.data = data;
    if (data.ask !== kept.ask) {
      kept.ask = data.ask;
      kept.on = data.on;
      if (kept.panels === null) Object.assign(kept, { panels: data.panels, shown: data.shown });
    }
    this.#apply();
  }

  /** Leave with the page; when presenting, only once the next page has its own: no key is lost. */
  leavePage() {
    if (kept.current !== this || !kept.on) this.remove();
  }

  remove() {
    this.stopListening();
    this.bar.remove();
  }

  get #isLab() {
    return this.data?.page === "lab";
  }

  /** The places that one can turn to: all panels together, when there are several, and each of them. */
  get #places() {
    return kept.panels.length > 1 ? ["", ...kept.panels] : kept.panels;
  }

  #do(name, value) {
    if (name === "enter") kept.on = true;
    else if (name === "leave") kept.on = this.bar.closeChoice();
    else if (name === "black") this.isBlack = true;
    else if (name === "next") this.#turn(1);
    else if (name === "previous") this.#turn(-1);
    else if (name === "place" && this.#isLab) this.#show(this.#places[value]);
    else if (name === "choose") this.#choose(value.name, value.on);
    this.#apply();
  }

  #onKey(event) {
    if (!this.data) return;
    if (this.isBlack) {
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      this.isBlack = false;
      this.#apply();
    } else {
      const action = readAction(event, kept.on, this.#isLab || hasLesson()); // with shift, the stage's
      if (!action || showsDialog()) return;
      this.#do(...action);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #turn(by) {
    const lesson = lessonMove(by);
    if (lesson) {
      this.bar.say(lesson.said);
      return;
    }
    if (!this.#isLab) {
      const main = document.querySelector(".stMain");
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      main?.scrollBy({ top: by * 0.8 * main.clientHeight, behavior: isStill ? "instant" : "smooth" });
      return;
    }
    const places = this.#places;
    this.#show(places[Math.min(Math.max(places.indexOf(kept.shown) + by, 0), places.length - 1)]);
  }

  #show(place) {
    if (place === undefined) return;
    kept.shown = place;
    document.querySelector(".stMain")?.scrollTo(0, 0);
  }

  #fit() {
    if (kept.on && this.#isLab) setSizes();
  }

  #choose(name, isOn) {
    const others = kept.panels.filter((panel) => panel !== name);
    if (!isOn && others.length === 0) return; // one has to stay
    const order = Object.keys(this.data.titles);
    kept.panels = isOn ? [...others, name] : others;
    if (isOn) kept.panels.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  }

  #apply() {
    if (!this.data) return;
    if (!this.#places.includes(kept.shown)) kept.shown = this.#places[0];
    const { titles, page } = this.data;
    mark(kept.on ? { page, panels: kept.shown ? [kept.shown] : kept.panels, single: kept.shown } : null);
    writeAddress(kept.on);
    this.bar.show({ ...kept, places: this.#places, titles, isLab: this.#isLab, isBlack: this.isBlack });
  }
}

/** Mark the document's root with what is to be seen; present.css, the page and the stage follow. */
function mark(wanted) {
  const root = document.documentElement;
  if (!wanted) {
    for (const name of ["present", "panels", "single"]) delete root.dataset[name];
    for (const name of ["zoom", "chart", "room"]) root.style.removeProperty(`--rbmviz-${name}`);
    return;
  }
  setSizes();
  Object.assign(root.dataset, { present: wanted.page, panels: wanted.panels.join(" ") });
  if (wanted.single) root.dataset.single = wanted.single;
  else delete root.dataset.single;
}

/** Set how much the page is magnified, and what height is left for the stage. */
function setSizes() {
  const root = document.documentElement;
  const { innerWidth: width, innerHeight: height } = window;
  const fit = (wide, high) => Math.min(Math.max(Math.min(wide, high), 1), MOST);
  const zoom = fit(width / NARROWEST[0], height / NARROWEST[1]);
  const chart = fit((width / zoom - 40) / CHART[0], (height / zoom - AROUND_CHART) / CHART[1]);
  const set = (name, value) => {
    const text = value.toFixed(3);
    if (root.style.getPropertyValue(`--rbmviz-${name}`) !== text) root.style.setProperty(`--rbmviz-${name}`, text);
  };
  set("zoom", zoom);
  set("chart", chart);
  const top = document.querySelector(STAGE)?.getBoundingClientRect().top ?? 0;
  const above = root.dataset.present ? top + (document.querySelector(".stMain")?.scrollTop ?? 0) : 0;
  set("room", Math.round((height - above) / zoom / 8) * 8 + 16);
}

/** Keep the presentation in the address, without an entry in the history. */
function writeAddress(isOn) {
  const others = location.search.slice(1).split("&").filter((part) => part && !/^(present|panel)(=|$)/.test(part));
  const own = isOn ? [`present=${kept.panels.join(",")}`, kept.shown && kept.panels.length > 1 ? `panel=${kept.shown}` : ""] : [];
  const query = [...others, ...own].filter(Boolean).join("&");
  const address = `${location.pathname}${query ? `?${query}` : ""}`;
  if (address !== location.pathname + location.search) history.replaceState(history.state, "", address);
}

const presentations = new WeakMap(); // parent element -> its Presentation

/** Entry point: called on every data or theme change; the clean-up it returns is called at unmount. */
export function mountPresentation(component, css) {
  const { parentElement } = component;
  if (!presentations.has(parentElement)) presentations.set(parentElement, new Presentation(css));
  presentations.get(parentElement).update(component);
  return () =>
    setTimeout(() => {
      if ((parentElement.host ?? parentElement).isConnected) return; // a newer call overtook this one
      presentations.get(parentElement)?.leavePage();
      presentations.delete(parentElement);
    });
}
