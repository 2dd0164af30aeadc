// The sentence under the line: a story in slow motion, a notice, where one looks back, or a hint.

import { AWAY } from "./controls.js";
import { setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { whole } from "./words.js";

const HINT = matchMedia("(hover: none)").matches
  ? _("Touch a cell to read its numbers in all four pictures.")
  : _("Space plays, \u2192 makes one update. Point at a cell to read it, click to keep it.");
export class Status {
  constructor(find) {
    this.element = find("status");
    this.notice = null; // of the page itself; notices of the server come with its messages
    this.story = null;
  }

  /** Say why it was paused: "hidden" or "idle". */
  leave(reason) {
    this.notice = AWAY[reason];
  }

  show(player) {
    if (this.story !== null) return this.#write(this.story, "narration");
    if (this.notice !== null) return this.#write(this.notice, "info");
    if (player?.inPast) return this.#write(pastSentence(player), "hint");
    const sent = player?.header?.notice;
    return this.#write(sent?.text ?? player?.hint ?? HINT, sent?.kind ?? "hint");
  }

  #write(text, kind) {
    setText(this.element, text);
    setAttribute(this.element, "data-kind", kind);
  }
}

function pastSentence({ shown, live }) {
  const end = whole(live.step);
  return _("Looking back at step {step} of {end}. Play goes on from step {end}.", { step: whole(shown.step), end });
}
