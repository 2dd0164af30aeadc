// A recording without a server: the stage plays, scrubs and reads what one file holds.

import { decodeMessage } from "./decode.js";
import { _ } from "./language.js";
import { Recorded } from "./recorded.js";
import { Stage } from "./stage.js";

const CHECKPOINTS_PER_SECOND = 12;
const CHECKPOINTS_PER_SECOND_STILL = 2; // for those who asked for less motion

const REPLAY_HINT = matchMedia("(hover: none)").matches
  ? _("Drag along the line. Touch a cell to read its numbers in all four pictures.")
  : _("Space plays, \u2190 and \u2192 go from one recorded step to the next. Point at a cell to read it.");

/** Stands in for the player: the same questions, answered from the recording. */
class Replay {
  constructor({ show, changed }, { header, past }) {
    this.show = show;
    this.changed = changed;
    this.sent = header;
    this.recorded = new Recorded();
    this.recorded.forget(header.recording_id);
    this.recorded.take(past.serials, past.frames);
    this.index = 0;
    this.painted = 0;
    this.playing = false;
  }

  get shown() {
    return this.recorded.frames[this.index] ?? null;
  }

  get header() {
    return { ...this.sent, ...this.shown?.how };
  }

  get memory() {
    return this.recorded.memoryAt(this.index);
  }

  get hint() {
    return REPLAY_HINT;
  }

  get inPast() {
    return false; // all there is is past
  }

  updatesPerSecond() {
    return null;
  }

  stop() {
    clearInterval(this.timer);
  }

  play() {
    if (this.playing) return;
    if (this.index === this.recorded.frames.length - 1) this.seek(0);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.timer = setInterval(() => this.#next(), 1000 / (still ? CHECKPOINTS_PER_SECOND_STILL : CHECKPOINTS_PER_SECOND));
    this.#setPlaying(true);
  }

  pause() {
    if (!this.playing) return;
    clearInterval(this.timer);
    this.#setPlaying(false);
  }

  command(kind, value = 0) {
    if (kind === "step") this.seek(this.index + value);
    if (kind === "restart") this.seek(0);
  }

  seek(index) {
    this.index = Math.min(Math.max(index, 0), this.recorded.frames.length - 1);
    this.painted += 1;
    this.show(this.shown, this.header);
  }

  #next() {
    this.seek(this.index + 1);
    if (this.index === this.recorded.frames.length - 1) this.pause();
  }

  #setPlaying(playing) {
    this.playing = playing;
    this.changed();
  }
}

async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Build a stage below parent from a gzipped message in base64. */
export async function mountReplay(parent, css, text) {
  const message = decodeMessage(await unpacked(text));
  const stage = new Stage(parent, css, (hooks) => new Replay(hooks, message));
  stage.root.dataset.replay = "";
  stage.root.querySelector("[data-action=step1]").title = _("Next recorded step (right arrow)");
  stage.root.querySelector("[data-action=step1]").textContent = _("Next");
  stage.root.querySelector("[data-action=restart]").textContent = _("From the start");
  stage.begin();
  return stage;
}
