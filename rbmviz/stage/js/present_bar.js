// The bar below a presentation: where one is, back and on, the choice of panels, the way out.

import { setText } from "./dom.js";
import { _ } from "./language.js";
import { hasLesson } from "./present_lesson.js";

const TEXTS = {
  all: _("All panels"),
  bar: _("Presentation"),
  choose: _("Panels"),
  hint: _("Space plays, s explains one update, b black"),
  leave: _("Leave presentation (Esc)"),
  leaveShort: _("Leave"),
  leaveMore: _("\u00a0presentation (Esc)"),
  next: _("Next (Page Down)"),
  previous: _("Previous (Page Up)"),
  black: _("The screen is black. Press any key."),
  place: (n, of) => _("{n} of {of}", { n, of }),
};

const BAR = `
  <div class="bar" role="toolbar" aria-label="${TEXTS.bar}">
    <button type="button" data-do="previous" title="${TEXTS.previous}" aria-label="${TEXTS.previous}">\u2039</button>
    <span class="place" aria-live="polite"></span>
    <button type="button" data-do="next" title="${TEXTS.next}" aria-label="${TEXTS.next}">\u203a</button>
    <span class="said" aria-live="polite"></span>
    <span class="hint wide">${TEXTS.hint}</span>
    <details class="choice"><summary>${TEXTS.choose}</summary><fieldset></fieldset></details>
    <button type="button" data-do="leave" aria-label="${TEXTS.leave}">${TEXTS.leaveShort}<span class="wide">${TEXTS.leaveMore}</span></button>
  </div>
  <button type="button" class="black" data-do="light" aria-label="${TEXTS.black}" hidden></button>`;

export class PresenterBar {
  /** ask(name, value) is told what is pressed. */
  constructor(css, ask) {
    this.host = document.createElement("div");
    this.host.className = "rbmviz-presenter";
    const root = this.host.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${css}</style>${BAR}`;
    this.find = (selector) => root.querySelector(selector);
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      if (event.detail > 0) button.blur(); // then space plays again
      ask(button.dataset.do);
    });
    root.addEventListener("change", ({ target }) => ask("choose", { name: target.name, on: target.checked }));
  }

  remove() {
    this.host.remove();
  }

  /** Close the choice of panels; false when it was not open. */
  closeChoice() {
    const { open } = this.find(".choice");
    this.find(".choice").open = false;
    return open;
  }

  say(text) {
    setText(this.find(".said"), text);
  }

  show({ on, panels, shown, places, titles, isLab, isBlack }) {
    const app = document.querySelector(".stApp") ?? document.body; // which has the theme's colours
    if (on && this.host.parentElement !== app) app.append(this.host);
    if (!on) {
      this.say("");
      this.closeChoice();
      this.remove();
      return;
    }
    this.host.style.setProperty("--ground", getComputedStyle(app).backgroundColor);
    this.find(".choice").hidden = this.find(".hint").hidden = !isLab;
    const k = panels.indexOf(shown) + 1;
    const where = k > 0 ? `${TEXTS.place(k, panels.length)} \u00b7 ${titles[shown]}` : TEXTS.all;
    const place = isLab ? where : "";
    if (this.find(".place").textContent !== place) this.say("");
    setText(this.find(".place"), place);
    this.find("[data-do=previous]").disabled = isLab && k === 0 && places.length > 1 && !hasLesson();
    this.#fillChoice(panels, titles);
    this.find(".black").hidden = !isBlack;
    if (isBlack) this.find(".black").focus();
  }

  #fillChoice(panels, titles) {
    const set = this.find("fieldset");
    if (!set.childElementCount) {
      for (const [name, title] of Object.entries(titles)) {
        const label = document.createElement("label");
        const box = Object.assign(document.createElement("input"), { type: "checkbox", name });
        label.append(box, ` ${title}`);
        set.append(label);
      }
    }
    for (const box of set.querySelectorAll("input")) {
      box.checked = panels.includes(box.name);
      box.disabled = panels.length === 1 && box.checked;
    }
  }
}