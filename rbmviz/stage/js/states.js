// All states of a small model, live: tiles, a landscape with the pushes of both phases, and a reading
// of one state. Puts the parts together; the run itself is on the server.

import { readTheme } from "./colour.js";
import { AWAY, listenToAbsence, listenToButtons, listenToKeys } from "./controls.js";
import { setAttribute, setText } from "./dom.js";
import { Landscape } from "./landscape.js";
import { _ } from "./language.js";
import { lookAt, tellLook } from "./look.js";
import { Player } from "./player.js";
import { blendFrames, decodeStates, largestOf } from "./state_frames.js";
import { StateChoices } from "./state_choices.js";
import { StateMarks, listenToPicture } from "./state_picking.js";
import { drawFound, drawState, stateSentence, writeState } from "./state_reading.js";
import { StateTiles } from "./state_tiles.js";
import { describeLandscape, describeTiles, writeAxis, writeLegend } from "./state_words.js";
import { buildStates } from "./states_dom.js";
import { brief, decimal, whole } from "./words.js";
import { pixelRatio } from "./zoom.js";

const PATH = "every-state"; // of the page
const TWEEN = 600; // milliseconds from the state before a step to the state after
const ORDER_EVERY = 1200; // milliseconds: tiles that always move could not be followed
const SLOW = 400; // milliseconds of waiting before a word is said
const STATES_HINT = matchMedia("(hover: none)").matches
  ? _("Touch a state to read it.")
  : _("Space plays, \u2192 makes one update. Point at a state to read it, click to keep it.");
const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");
/** Start and stop softly: a share of time to a share of the way. */
function eased(time) {
  const share = Math.min(1, Math.max(0, time));
  return share * share * (3 - 2 * share);
}

function haveSameData(one, other) {
  return one.count === other.count && one.data.every((p, state) => p === other.data[state]);
}

class States {
  constructor(parent, css) {
    this.host = parent.host ?? parent;
    const { root, find, canvas } = buildStates(parent, css);
    Object.assign(this, { root, find, canvas });
    this.tiles = new StateTiles(canvas("tiles"));
    this.land = new Landscape(canvas("land"));
    this.marks = new StateMarks(find);
    this.choices = new StateChoices(this, (name) => {
      // The order brings the tiles to other places; a list of modes below takes some of the room.
      if (name === "layout" || name === "spurious") this.#arrange(name === "spurious");
      else this.#paint();
      this.#tell();
    });
    this.selected = 0;
    this.chosen = -1; // by a person; else the state of the data that is most frequent is selected
    this.hovered = -1;
    this.notice = null;
    this.frame = null; // the frame on the screen, or the one that the picture moves to
    this.picture = null; // what is painted: a frame, or a blend of two
    this.toldAt = -Infinity;
    this.player = new Player({
      show: (frame, header) => this.#show(frame, header),
      changed: () => this.#showPlaying(),
      send: (request) => this.component.setTriggerValue("request", request),
    });
    this.#listen();
    setText(find("hint"), STATES_HINT);
    this.#showPlaying();
  }

  update(component) {
    this.component = component;
    this.#refreshTheme();
    if (!component.data) return;
    let message;
    try {
      message = decodeStates(component.data);
    } catch (error) {
      this.find("broken").hidden = false;
      setText(this.find("broken"), _("The picture could not be read: reload the page."));
      this.find("broken").title = String(error?.message ?? error);
      return;
    }
    this.find("broken").hidden = true;
    this.#openAs(message.header.look);
    this.player.receive(message);
    this.#showStatus();
  }

  /** Take what a link says that only the browser knows, once; what was seen here before goes first. */
  #openAs(told) {
    if (this.opened) return;
    this.opened = true;
    const before = lookAt(PATH);
    const look = before.layout ? before : told;
    this.chosen = Number(look.selected);
    this.choices.set(look);
  }

  /** Tell the link of the page what is seen. */
  #tell() {
    if (!this.frame) return;
    const { playing } = this.player;
    tellLook({ ...this.choices.values, selected: this.chosen, step: this.frame.step, playing }, PATH);
  }

  destroy() {
    this.player.stop();
    cancelAnimationFrame(this.animation);
    clearTimeout(this.telling);
    this.stopListening.forEach((stop) => stop());
    this.root.remove();
  }

  #listen() {
    const { player } = this;
    const command = (kind, n) => () => {
      this.notice = null;
      if (kind === "step") player.pause();
      player.command(kind, n);
      if (n >= 100) this.#tellWhenSlow(n);
    };
    const actions = {
      play: () => {
        this.notice = null;
        if (player.playing) player.pause();
        else player.play();
      },
      step1: command("step", 1),
      forward: command("step", 1), // by the right arrow
      step10: command("step", 10),
      step100: command("step", 100),
      step1000: command("step", 1000),
      restart: command("restart"),
      ...this.choices.actions,
    };
    listenToButtons(this.root, actions);
    const picked = {
      isReady: () => this.frame !== null,
      current: () => this.#current,
      hover: (state) => this.#hover(state),
      select: (state) => this.#select(state),
      spoken: () => setText(this.find("spoken"), stateSentence(this.frame, this.#current)),
    };
    listenToPicture(this.canvas("tiles"), this.tiles, picked);
    listenToPicture(this.canvas("land"), this.land, picked);
    const resized = new ResizeObserver(() => this.#arrange(true));
    resized.observe(this.root);
    const themed = setInterval(() => this.#refreshTheme(), 1000);
    this.stopListening = [
      listenToKeys(this.root, actions),
      listenToAbsence((reason) => this.#leave(reason)),
      () => resized.disconnect(),
      () => clearInterval(themed),
    ];
  }

  /** Say what is being done when the answer takes its time. */
  #tellWhenSlow(n) {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      if (this.player.pending.length === 0) return;
      this.waiting = this.notice = _("Making {n} updates, two seconds at most.", { n: whole(n) });
      this.#showStatus();
    }, SLOW);
  }

  #leave(reason) {
    if (!this.player.playing) return;
    this.player.pause();
    this.notice = AWAY[reason];
    this.#showStatus();
  }

  #hover(state) {
    if (state === this.hovered) return;
    this.hovered = state;
    this.#read();
  }

  #select(state) {
    if (state < 0) return;
    this.selected = this.chosen = state;
    this.#read();
    this.#tell();
  }

  #refreshTheme() {
    const theme = readTheme(this.host, this.theme);
    if (theme === this.theme) return;
    this.theme = theme;
    setAttribute(this.root, "data-theme", theme.dark ? "dark" : "light");
    const style = getComputedStyle(this.root);
    const hue = (name) => style.getPropertyValue(`--${name}`).trim();
    // --faint is a mixture that a canvas cannot read.
    this.hues = { faint: theme.dark ? "#333b47" : "#dfe3e8", border: hue("line") };
    for (const name of ["positive", "negative", "exact"]) this.hues[name] = hue(name);
    this.tiles.useTheme(theme, this.hues);
    this.land.useTheme(theme, this.hues);
    this.#arrange(true);
  }

  /** Take a frame of the player: at once while playing, else the picture moves to it. */
  #show(frame, header) {
    const before = this.frame;
    const isOther = !before || (before.run !== frame.run && !haveSameData(before.space, frame.space));
    this.frame = frame;
    if (isOther) {
      this.hovered = -1;
      if (before || this.chosen >= frame.space.count) this.chosen = -1;
      const first = frame.space.data.indexOf(largestOf(frame.space.data));
      this.selected = this.chosen < 0 ? first : this.chosen;
    }
    this.#tell();
    if (this.notice === this.waiting) this.notice = null;
    setAttribute(this.root, "data-many", frame.space.count > 1024 ? "true" : "false");
    setAttribute(this.root, "data-step", String(frame.step));
    setAttribute(this.root, "data-frames-painted", String(this.player.painted));
    setText(this.find("step"), whole(frame.step));
    const rate = this.player.updatesPerSecond();
    if (this.player.painted % 10 === 0 || rate === null) {
      setText(this.find("rate"), rate === null ? "" : _("{n} updates/s", { n: whole(rate) }));
    }
    const likelihood = decimal(frame.scalars.mean_log_likelihood, 3);
    setText(
      this.find("verdict"),
      `${frame.verdict} ${_("Mean log-likelihood {value} nats.", { value: likelihood })}`,
    );
    if (header.playing && !isOther) this.#follow(frame);
    else this.#tweenTo(frame, isOther);
    this.#showStatus();
  }

  /** While playing, frames follow each other closely; their order is renewed now and then only. */
  #follow(frame) {
    cancelAnimationFrame(this.animation);
    setAttribute(this.root, "data-tweening", "false");
    this.picture = frame;
    const now = performance.now();
    if (!(now - this.orderedAt < ORDER_EVERY)) {
      if (!this.#place(REDUCED.matches)) return;
      this.orderedAt = now;
    }
    this.tiles.move(eased((now - this.orderedAt) / TWEEN));
    this.#paint();
  }

  #tweenTo(frame, jump) {
    cancelAnimationFrame(this.animation);
    this.orderedAt = -Infinity;
    const from = this.picture;
    const still = jump || REDUCED.matches || !from;
    this.picture = still ? frame : from;
    if (!this.#place(still)) return;
    const begun = performance.now();
    const tick = (now) => {
      const share = still ? 1 : Math.min(1, Math.max(0, (now - begun) / TWEEN));
      this.picture = blendFrames(from, frame, eased(share));
      this.tiles.move(eased(share));
      setAttribute(this.root, "data-tweening", String(share < 1));
      this.#paint();
      if (share < 1) this.animation = requestAnimationFrame(tick);
    };
    tick(begun);
  }

  /** Give every state of the newest frame its place; false while there is no room yet. */
  #place(jump) {
    const tilesRoom = this.find("tiles-room");
    const landRoom = this.find("land-room");
    if (!this.frame || !this.theme || tilesRoom.clientWidth <= 0) return false;
    const ratio = pixelRatio(tilesRoom);
    const height = (element, name) => parseFloat(getComputedStyle(element).getPropertyValue(name));
    const room = (element, name) => ({ width: element.clientWidth, height: height(element, name) });
    this.tiles.arrange(this.frame, this.choices.layout, room(tilesRoom, "--tiles-height"), ratio, jump);
    this.land.arrange(this.frame, this.choices.layout, room(landRoom, "--land-height"), ratio);
    return true;
  }

  /** Lay out again for a new size, theme or order. */
  #arrange(jump) {
    if (this.frame) this.#tweenTo(this.frame, jump);
  }

  #paint() {
    const { frame, picture, theme } = this;
    if (!frame || !picture || !theme || !this.tiles.place) return;
    const { quantity, arrows, marksSpurious } = this.choices;
    this.tiles.paint(picture, marksSpurious);
    const axis = this.land.paint(picture, { quantity, arrows, marksSpurious });
    writeAxis(this.find, axis, quantity);
    writeLegend(this, frame, axis.longest, arrows);
    setText(this.find("fill-top"), brief(this.tiles.scaleOf(picture)));
    if (marksSpurious) drawFound(this.find, this.canvas("found"), frame, theme, this.hues);
    this.#read();
    const now = performance.now();
    if (!this.player.playing || now - this.toldAt > 1000) {
      this.toldAt = now;
      describeTiles(this.canvas("tiles"), frame);
      describeLandscape(this.canvas("land"), frame, arrows);
    }
  }

  get #current() {
    return this.hovered < 0 ? this.selected : this.hovered;
  }

  /** Mark the state under the pointer and the kept one, and write the numbers of one of them. */
  #read() {
    const { frame, find } = this;
    if (!frame || !this.tiles.goal) return;
    const state = this.#current;
    setAttribute(this.root, "data-selected", String(this.selected));
    setAttribute(this.root, "data-hover", this.hovered < 0 ? "" : String(this.hovered));
    this.marks.put(this.tiles, frame.space.nVisible, this.selected, this.hovered);
    find("land-line").hidden = false;
    find("land-line").style.left = `${this.land.middleOf(state)}px`;
    const key = `${state} ${frame.run} ${frame.step} ${this.theme.key}`;
    if (key === this.readKey) return;
    this.readKey = key;
    writeState(find, frame, state);
    drawState(this.canvas("state"), frame, state, this.theme, this.hues);
  }

  #showStatus() {
    const sent = this.player?.header?.notice;
    const status = this.find("status");
    setText(status, this.notice ?? sent?.text ?? "");
    status.hidden = status.textContent === "";
    setAttribute(status, "data-kind", this.notice ? "info" : (sent?.kind ?? "info"));
  }

  #showPlaying() {
    const { playing } = this.player ?? { playing: false };
    setAttribute(this.root, "data-playing", String(playing));
    setText(this.find("play-label"), playing ? _("Pause") : _("Play"));
    setAttribute(this.root.querySelector("[data-action=play]"), "aria-pressed", String(playing));
    if (!playing) setText(this.find("rate"), "");
    this.#showStatus();
    this.#tell();
  }
}

const statesOf = new WeakMap(); // parent element -> its States

/** Entry point: called on every data or theme change; the clean-up it returns is called at unmount. */
export function mountStates(component, css) {
  const { parentElement } = component;
  if (!statesOf.has(parentElement)) statesOf.set(parentElement, new States(parentElement, css));
  statesOf.get(parentElement).update(component);
  return () =>
    setTimeout(() => {
      if ((parentElement.host ?? parentElement).isConnected) return; // a newer call overtook this one
      statesOf.get(parentElement)?.destroy();
      statesOf.delete(parentElement);
    });
}
