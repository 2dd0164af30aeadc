// What a person chooses to see of all states; the server knows nothing of it.

import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";

const CHOICES = {
  layout: ["hypercube", "energy"],
  quantity: ["log", "linear"],
  arrows: ["push", "change"],
};
const ORDERS = {
  hypercube: _("Along the Gray code: each state is one flip of one unit from the one beside it."),
  energy: _("By free energy, the most probable first, on a logarithmic scale of ranks."),
};

export class StateChoices {
  /** changed(name) is called after a choice: "layout", "quantity", "arrows" or "spurious". */
  constructor({ root, find }, changed) {
    this.root = root;
    this.find = find;
    this.marksSpurious = false;
    this.actions = {
      spurious: () => {
        this.marksSpurious = !this.marksSpurious;
        this.#show();
        changed("spurious");
      },
    };
    for (const [name, values] of Object.entries(CHOICES)) {
      this[name] = values[0];
      for (const value of values) {
        this.actions[value] = () => {
          if (this[name] === value) return;
          this[name] = value;
          this.#show();
          changed(name);
        };
      }
    }
    this.#show();
  }

  /** What is chosen, as a link has it. */
  get values() {
    return { layout: this.layout, quantity: this.quantity, arrows: this.arrows, spurious: this.marksSpurious ? "on" : "off" };
  }

  /** Choose what a link says. */
  set({ spurious, ...others }) {
    this.marksSpurious = spurious === "on";
    for (const [name, values] of Object.entries(CHOICES)) {
      if (values.includes(others[name])) this[name] = others[name];
    }
    this.#show();
  }

  #show() {
    const { root, find } = this;
    const press = (action, isPressed) =>
      setAttribute(root.querySelector(`[data-action="${action}"]`), "aria-pressed", String(isPressed));
    for (const [name, values] of Object.entries(CHOICES)) {
      setAttribute(root, `data-${name}`, this[name]);
      for (const value of values) press(value, value === this[name]);
    }
    press("spurious", this.marksSpurious);
    setAttribute(root, "data-spurious", this.marksSpurious ? "on" : "off");
    find("found").hidden = !this.marksSpurious;
    for (const value of CHOICES.arrows) {
      find(`legend-${value}`).hidden = this.arrows !== value;
      find(`said-${value}`).hidden = this.arrows !== value;
    }
    setText(find("order"), ORDERS[this.layout]);
  }
}
