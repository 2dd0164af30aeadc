// The live canvas of grad log p(v) = grad log p~(v) - grad log Z: puts the parts together.

import { decodeMessage } from "./decode.js";
import { readTheme } from "./colour.js";
import { buildStage, setAttribute, setText } from "./dom.js";
import { _ } from "./language.js";
import { parameterIndex, parameterKey, parameterSentence, whole } from "./words.js";
import { tellLook } from "./look.js";
import { isLate } from "./memory.js";
import { Player } from "./player.js";
import { Status } from "./status.js";
import { LedgerMarker } from "./marker.js";
import { Timeline } from "./timeline.js";
import { Panels } from "./panels.js";
import { SampleGrids } from "./samples.js";
import { Facts, writeParameter } from "./numbers.js";
import { Narration } from "./narration.js";
import { followPresentation, tellDriven } from "./presented.js";
import { listenToAbsence, listenToButtons, listenToKeys } from "./controls.js";

export class Stage {
  constructor(parent, css, makePlayer = (hooks) => new Player(hooks)) {
    this.host = parent.host ?? parent;
    const stage = buildStage(parent, css);
    this.root = stage.root;
    this.find = stage.find;
    this.view = "matrix";
    this.selected = 0;
    this.hovered = -1;
    this.status = new Status(this.find);
    this.describedAt = -Infinity;
    this.run = null; // of the frame on the screen
    this.panels = new Panels(stage, (index) => this.hover(index), (index) => this.select(index));
    this.samples = new SampleGrids(stage);
    this.facts = new Facts(this.find);
    this.narration = new Narration(
      (text, name) => this.#narrate(text, name),
      () => this.player.command("step", 1),
    );
    this.marker = new LedgerMarker();
    this.timeline = new Timeline(
      stage,
      () => this.player.pause(),
      (index) => this.#seek(index),
    );
    this.player = makePlayer({
      show: (frame, header) => this.#show(frame, header),
      changed: () => this.#showPlaying(),
      send: (request) => this.component.setTriggerValue("request", request),
    });
    this.#listen();
    this.#showPlaying();
  }

  get memory() {
    return this.player.memory;
  }

  /** Show the first frame of a player that has one from the start. */
  begin() {
    this.#refreshTheme();
    this.player.seek(0);
  }

  /** Take what Streamlit passes on every data or theme change. */
  update(component) {
    this.component = component;
    this.#refreshTheme();
    const { data } = component;
    if (!data) return;
    let message;
    try {
      message = decodeMessage(data);
    } catch (error) {
      this.#break(error);
      return;
    }
    this.find("broken").hidden = true;
    this.player.receive(message);
    this.#openAs(message.header.look);
    // A message can bring a notice or a shorter answer without a new frame.
    this.#showHeader(message.header);
  }

  /** Take the view and the selected parameter of a link, once. */
  #openAs(look) {
    if (this.opened || !this.player.shown) return;
    this.opened = true;
    if (!look) return;
    const { nVisible, nHidden } = this.player.shown;
    this.select(parameterIndex(look.selected, nVisible, nHidden));
    if (look.view !== this.view) this.#setView(look.view);
  }

  destroy() {
    this.player.stop();
    this.narration.end();
    this.marker.end();
    this.stopListening.forEach((stop) => stop());
    this.root.remove();
  }

  hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    setAttribute(this.root, "data-hover", this.#key(index));
    this.panels.mark("hovered", index);
    this.#showParameter();
  }

  select(index) {
    this.selected = index;
    setAttribute(this.root, "data-selected", this.#key(index));
    tellLook({ selected: this.#key(index) });
    this.panels.mark("selected", index);
    this.#showParameter();
  }

  #key(index) {
    const { shown } = this.player;
    return shown ? parameterKey(index, shown.nVisible, shown.nHidden) : "";
  }

  #listen() {
    const { player, narration } = this;
    const steps = (n) => () => {
      narration.end();
      this.status.notice = null;
      player.pause();
      player.command("step", n);
    };
    const fresh = (kind) => () => {
      narration.end();
      this.status.notice = null;
      player.command(kind);
    };
    const actions = {
      play: () => {
        narration.end();
        this.status.notice = null;
        if (player.playing) player.pause();
        else player.play();
      },
      step1: steps(1),
      forward: () => (player.inPast ? this.#seek(player.index + 1) : actions.step1()),
      back: () => this.#seek((player.index < 0 ? player.recorded.frames.length - 1 : player.index) - 1),
      fork: () => player.command("fork", player.shown.step),
      step10: steps(10),
      step100: steps(100),
      restart: fresh("restart"),
      new_seed: fresh("new_seed"),
      exact: () => {
        narration.end();
        this.status.notice = null;
        player.pause();
        player.command("exact");
      },
      matrix: () => this.#setView("matrix"),
      images: () => this.#setView("images"),
      slow: () => {
        if (narration.running) return narration.end();
        player.pause();
        if (player.shown) narration.start(player.shown, player.header);
      },
    };
    listenToButtons(this.root, actions);
    this.root.addEventListener("keydown", (event) => this.#onCanvasKey(event));
    const resized = new ResizeObserver(() => this.#arrange());
    resized.observe(this.root);
    const themed = setInterval(() => this.#refreshTheme(), 1000); // a theme can change without a call
    this.stopListening = [
      listenToKeys(this.root, actions),
      followPresentation(this.root, () => this.#arrange()),
      listenToAbsence((reason) => this.#leave(reason)),
      () => resized.disconnect(),
      () => clearInterval(themed),
    ];
  }

  #onCanvasKey(event) {
    if (!event.target.matches?.("canvas[tabindex]") || !this.player.shown) return;
    const from = this.hovered < 0 ? this.selected : this.hovered;
    if (event.key.startsWith("Arrow")) {
      this.hover(this.panels.neighbour(from, event.key));
      setText(this.find("spoken"), parameterSentence(this.player.shown, this.hovered, this.memory.exact));
    } else if (event.key === "Enter") this.select(from);
    else return;
    event.preventDefault();
  }

  #seek(index) {
    this.narration.end();
    this.status.notice = null;
    this.panels.scale.reset(); // far apart in the run the gradients differ much in size
    this.player.seek(index);
  }

  #leave(reason) {
    if (!this.player.playing) return;
    this.player.pause();
    this.status.leave(reason);
    this.status.show(this.player);
  }

  #setView(view) {
    this.view = view;
    tellLook({ view });
    for (const name of ["matrix", "images"]) {
      const button = this.root.querySelector(`[data-action="${name}"]`);
      setAttribute(button, "aria-pressed", String(name === view));
    }
    this.#arrange();
  }

  #refreshTheme() {
    const theme = readTheme(this.host, this.theme);
    if (theme === this.theme) return;
    this.theme = theme;
    setAttribute(this.root, "data-theme", theme.dark ? "dark" : "light");
    const style = getComputedStyle(this.root);
    const hue = (name) => style.getPropertyValue(`--${name}`).trim();
    const hues = { positive: hue("positive"), negative: hue("negative"), exact: hue("exact"), border: hue("line") };
    this.hues = hues;
    this.panels.useTheme(theme);
    this.samples.useTheme(theme, hues);
    this.#paint();
  }

  /** Lay out again for a new size or view, and paint what is on screen. */
  #arrange() {
    if (!this.player.shown) return;
    this.samples.measure();
    this.marker.show(this.marker.step);
    this.#paint();
  }

  #show(frame, header) {
    if (frame.run !== this.run) {
      this.run = frame.run;
      this.narration.end(); // it told of another run
      this.panels.scale.reset();
      if (this.selected >= frame.positive.length - 1) this.selected = 0;
    }
    this.#paint();
    const { root, player } = this;
    setAttribute(root, "data-step", String(frame.step));
    setAttribute(root, "data-frames-painted", String(player.painted));
    setAttribute(root, "data-past", player.inPast ? String(player.index) : null);
    setText(this.find("step"), whole(frame.step));
    tellDriven(this.find("driven"), header, frame.step);
    this.marker.show(player.inPast ? frame.step : null);
    tellLook({ step: frame.step, playing: player.playing });
    const rate = player.updatesPerSecond();
    // The rate is written now and then: a number that changes 40 times a second cannot be read.
    if (player.painted % 10 === 0 || rate === null) {
      setText(this.find("rate"), rate === null ? "" : _("{n} updates/s", { n: whole(rate) }));
    }
    this.facts.write(this.memory, header, frame.step, player.playing);
    this.#showHeader(header);
  }

  #paint() {
    const frame = this.player?.shown;
    if (!frame) return;
    const known = this.memory.exact;
    const arranged = this.panels.arrange(frame, this.view, this.theme);
    this.panels.paint(frame, known);
    this.samples.paint(frame, this.player.header, this.memory.states, this.player.playing);
    this.#drawTimeline();
    if (arranged) {
      this.select(this.selected);
      this.panels.mark("hovered", this.hovered);
    }
    this.#showParameter();
    const now = performance.now();
    if (!this.player.playing || now - this.describedAt > 1000) {
      this.describedAt = now;
      this.panels.describe(frame, known);
    }
  }

  #drawTimeline() {
    const { recorded, index, playing } = this.player;
    setAttribute(this.root, "data-recorded", String(recorded.frames.length));
    this.timeline.draw(recorded.frames, index, { theme: this.theme, hues: this.hues, playing });
  }

  #showParameter() {
    const { shown, header } = this.player;
    if (!shown) return;
    const index = this.hovered < 0 ? this.selected : this.hovered;
    writeParameter(this.find, shown, this.memory.exact, index, {
      isExactMethod: header.negative.kind === "exact",
      isAbsent: header.negative.kind === "none",
      playing: this.player.playing,
    });
  }

  #showHeader(header) {
    const { kind, label } = header.negative;
    if (this.player.shown) tellDriven(this.find("driven"), header, this.player.shown.step);
    const how = label.replaceAll("-", "\u2011"); // a label shall not break at its hyphen
    setText(this.find("negative-meaning"), _("negative phase \u00b7 model, {how}", { how }));
    setAttribute(this.root, "data-negative", kind === "exact" ? "exact" : "estimated");
    const known = this.memory.exact;
    const onRequest = header.exact.every === 0;
    const { shown, playing } = this.player;
    const late = known && shown && isLate(known, shown.step, playing);
    setAttribute(this.root, "data-exact", !known ? "missing" : late ? "stale" : "known");
    this.find("exact-ask").hidden = !onRequest || this.player.inPast;
    this.find("fork").hidden = !this.player.inPast;
    const missing = this.find("exact-missing");
    missing.hidden = known !== null;
    setText(missing, header.exact.reason || _("Not computed yet."));
    this.status.show(this.player);
  }

  #showPlaying() {
    const { playing } = this.player ?? { playing: false };
    setAttribute(this.root, "data-playing", String(playing));
    tellLook({ playing });
    setText(this.find("play-label"), playing ? _("Pause") : _("Play"));
    setAttribute(this.root.querySelector("[data-action=play]"), "aria-pressed", String(playing));
    if (!playing) setText(this.find("rate"), "");
    this.status.show(this.player);
  }

  #narrate(text, name) {
    setAttribute(this.root, "data-narrate", name);
    const slow = this.root.querySelector("[data-action=slow]");
    setAttribute(slow, "aria-pressed", String(name !== null));
    this.status.story = text;
    this.status.show(this.player);
  }

  #break(error) {
    const broken = this.find("broken");
    broken.hidden = false;
    setText(broken, _("The picture could not be read: reload the page."));
    broken.title = String(error?.message ?? error);
  }
}

const stages = new WeakMap(); // parent element -> its Stage

/** Entry point: called on every data or theme change; the clean-up it returns is called at unmount. */
export function mount(component, css) {
  const { parentElement } = component;
  if (!stages.has(parentElement)) stages.set(parentElement, new Stage(parentElement, css));
  stages.get(parentElement).update(component);
  // Streamlit may also run the clean-up of a call that a newer one overtook, while the stage is still
  // on the page; only a stage that has left the page is taken down.
  return () =>
    setTimeout(() => {
      const host = parentElement.host ?? parentElement;
      if (host.isConnected) return;
      stages.get(parentElement)?.destroy();
      stages.delete(parentElement);
    });
}
