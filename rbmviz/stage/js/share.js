// The link to what is on the screen: copied, shown as a code, and kept in the address bar.

import { _ } from "./language.js";
import { lookAt, onLook } from "./look.js";
import { setText } from "./dom.js";

// Milliseconds: browsers refuse more than some hundred changes a minute
const ADDRESS_EVERY = 600;
const ADDRESS_EVERY_PLAYING = 3000;
const KEPT = /^(embed|present=|panel=)/; // what Streamlit and present.js keep there

const SHARE_HTML = `
  <div class="buttons">
    <button type="button" data-share="copy">${_("Copy link")}</button>
    <button type="button" data-share="qr">${_("QR code")}</button>
  </div>
  <input type="text" readonly hidden aria-label="${_("Link to this state")}" />
  <p class="status" data-role="share-status" aria-live="polite"></p>`;

class Share {
  constructor(parent, css) {
    this.root = document.createElement("div");
    this.root.className = "share";
    this.root.innerHTML = `<style>${css}</style>${SHARE_HTML}`;
    parent.append(this.root);
    this.field = this.root.querySelector("input");
    this.status = this.root.querySelector("[data-role=share-status]");
    this.timer = 0;
    this.root.querySelector("[data-share=copy]").addEventListener("click", () => this.#copy());
    this.root.querySelector("[data-share=qr]").addEventListener("click", () => {
      this.component.setTriggerValue("qr", this.#link());
    });
    this.news = null; // the step that the server tells, until the page shows it
    this.stopListening = onLook(() => {
      this.news = null;
      this.#keepAddress();
    });
  }

  update(component) {
    this.component = component;
    const { query: before, step } = this.data ?? {};
    this.data = component.data ?? { path: "", paths: [], query: "", notes: "", usual: {}, step: null, goal: null };
    if (this.data.step !== step) this.news = this.data.step;
    if (before !== undefined && before !== this.data.query) {
      this.field.hidden = true; // it was another link
      setText(this.status, "");
    }
    this.#keepAddress(before !== this.data.query);
  }

  destroy() {
    this.stopListening();
    clearTimeout(this.timer);
    this.root.remove();
  }

  /** The query: the server's part, and what is on the screen. */
  #query() {
    const { query, usual, goal } = this.data;
    const look = this.#look;
    const seen = { ...look, step: look.playing ? look.step : (goal ?? this.news ?? look.step) };
    const own = Object.keys(usual).filter((name) => seen[name] !== undefined && String(seen[name]) !== usual[name]);
    const start = query || (own.length ? "v=1" : "");
    return [start, ...own.map((name) => `${name}=${seen[name]}`)].filter(Boolean).join("&");
  }

  get #look() {
    return lookAt(this.data.path);
  }

  /** Say whether the browser is still at this page: on the way to another one the address is ahead. */
  get #isHere() {
    const name = location.pathname.replace(/\/$/, "").split("/").pop();
    return this.data.path ? name === this.data.path : !this.data.paths.includes(name);
  }

  #link() {
    const query = this.#query();
    return `${location.origin}${location.pathname}${query ? `?${query}` : ""}`;
  }

  async #copy() {
    const link = this.#link();
    const copied = await this.#toClipboard(link);
    this.field.hidden = copied;
    this.field.value = link;
    if (!copied) this.field.select();
    const notes = this.data.notes ? ` ${this.data.notes}` : "";
    setText(this.status, `${copied ? _("Copied.") : _("Copy it from here:")}${notes}`);
    this.root.dataset.link = link;
  }

  async #toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No permission, or a page without HTTPS: the old way needs a selected field.
      this.field.hidden = false;
      this.field.value = text;
      this.field.select();
      return document.execCommand("copy");
    }
  }

  /** Write the link into the address bar, without a new entry in the history and without a request. */
  #keepAddress(atOnce = false) {
    const isPlaying = this.#look.playing && !atOnce;
    if (this.timer && (isPlaying || !this.isSlow)) return;
    clearTimeout(this.timer);
    this.isSlow = isPlaying;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (!this.root.isConnected || !this.#isHere) return;
      const kept = location.search.slice(1).split("&").filter((part) => KEPT.test(part));
      const query = [this.#query(), ...kept].filter(Boolean).join("&");
      const address = `${location.pathname}${query ? `?${query}` : ""}`;
      if (address !== location.pathname + location.search) history.replaceState(history.state, "", address);
    }, isPlaying ? ADDRESS_EVERY_PLAYING : ADDRESS_EVERY);
  }
}

const shares = new WeakMap(); // parent element -> its Share

/** Entry point: called on every data or theme change; the clean-up it returns is called at unmount. */
export function mountShare(component, css) {
  const { parentElement } = component;
  if (!shares.has(parentElement)) shares.set(parentElement, new Share(parentElement, css));
  shares.get(parentElement).update(component);
  return () =>
    setTimeout(() => {
      if ((parentElement.host ?? parentElement).isConnected) return; // a newer call overtook this one
      shares.get(parentElement)?.destroy();
      shares.delete(parentElement);
    });
}
