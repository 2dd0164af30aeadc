// Plays frames at its own pace and asks for more when its queue runs low: a slow or hidden tab asks
// less, so the server is never ahead of what is watched.

import { isLeaving } from "./leaving.js";
import { Memory } from "./memory.js";
import { Recorded } from "./recorded.js";

const FRAMES_PER_SECOND = 40;
const FRAMES_WANTED = 16;
const ANSWER_WITHIN = 2000; // milliseconds, at least; then a request counts as lost and is sent again
const LONGEST_WAIT = 15000; // milliseconds, however busy the server is
const RECORDING_AFTER = 250; // milliseconds of rest before the recording is asked for
const RATE_WINDOW = 1500; // milliseconds over which updates per second are measured

// While one of these is not carried out, frames that arrive belong to a past we have left.
const LEAVES_THE_PAST = new Set(["pause", "restart", "new_seed"]);

export class Player {
  /** show(frame, header) paints; changed() is called when playing changed; send(request) asks the server. */
  constructor({ show, changed, send }) {
    this.show = show;
    this.changed = changed;
    this.send = send;
    this.client = Math.random().toString(36).slice(2, 12);
    this.queue = [];
    this.batch = FRAMES_WANTED;
    this.playing = false;
    this.live = null; // the newest frame that was on the screen
    this.sent = null; // the header of the newest message
    this.now = new Memory(); // what is known of the run where it stands
    this.recorded = new Recorded();
    this.past = null; // {frame, index, memory} while looking back
    this.painted = 0;
    this.pending = []; // commands the server has not acknowledged
    this.lastCommand = 0;
    this.askedAt = null; // when the request in flight was sent, or null
    this.patience = ANSWER_WITHIN; // grows with the time that answers take
    this.seen = null; // run and seq of the newest message
    this.history = [];
    this.due = 0;
    this.animation = 0;
    this.watchdog = setInterval(() => this.#watch(), 500);
  }

  /** The frame on the screen. */
  get shown() {
    return this.past?.frame ?? this.live;
  }

  get header() {
    return this.past ? { ...this.sent, ...this.past.frame.how } : this.sent;
  }

  get memory() {
    return this.past?.memory ?? this.now;
  }

  get inPast() {
    return this.past !== null;
  }

  /** The place of the frame on the screen in the recording, or -1. */
  get index() {
    return this.past?.index ?? -1;
  }

  /** Look back at a recorded frame; the last one is where the run stands. */
  seek(index) {
    this.pause();
    const { frames } = this.recorded;
    const place = Math.min(Math.max(index, 0), frames.length - 1);
    const frame = frames[place];
    if (!this.live) return;
    const isNow = !frame || frame.step >= this.live.step;
    this.past = isNow ? null : { frame, index: place, memory: this.recorded.memoryAt(place) };
    this.show(this.shown, this.header);
  }

  #leavePast() {
    if (!this.past) return;
    this.past = null;
    this.show(this.shown, this.header);
  }

  stop() {
    clearInterval(this.watchdog);
    clearTimeout(this.resting);
    cancelAnimationFrame(this.animation);
    this.playing = false;
  }

  /** Take a decoded message. */
  receive({ header, frames, past }) {
    const name = `${header.run} ${header.seq}`;
    if (name === this.seen) return;
    if (this.sent && header.seq < this.sent.seq) return; // Streamlit may hand on an older one later
    this.seen = name;
    this.sent = header;
    const isRecorded = header.recording_id !== undefined; // some pages keep no recording
    if (isRecorded && header.recording_id !== this.recorded.id) this.recorded.forget(header.recording_id);
    if (past) this.recorded.take(past.serials, past.frames);
    if (header.client === this.client) this.pending = this.pending.filter(({ id }) => id > header.ack);
    if (this.pending.length === 0) this.#answered();
    if (this.pending.some(({ kind }) => LEAVES_THE_PAST.has(kind))) return;

    const newRun = this.live === null || header.run !== this.live.run;
    if (newRun) {
      this.queue = [];
      this.history = [];
      this.past = null;
    }
    const settled = !this.pending.some(({ kind }) => kind === "play");
    if (settled && this.playing !== header.playing) this.#setPlaying(header.playing);
    if (!this.playing) {
      this.queue = [];
      if (frames.length) this.#paint(frames.at(-1));
      if (isRecorded) this.#rest(past !== null && this.recorded.complete);
      return;
    }
    if (frames.length) this.batch = frames.length;
    this.queue.push(...frames);
    if (newRun && this.queue.length) this.#paint(this.queue.shift());
  }

  play() {
    if (this.playing) return;
    this.#setPlaying(true);
    this.command("play");
  }

  pause() {
    if (!this.playing) return;
    this.queue = [];
    this.#setPlaying(false);
    this.command("pause");
  }

  /** Send a command at once; it is repeated with every request until the server acknowledges it. */
  command(kind, value = null) {
    if (kind !== "pause") this.#leavePast();
    if (LEAVES_THE_PAST.has(kind)) this.queue = [];
    this.pending.push({ id: ++this.lastCommand, kind, value });
    this.#ask();
  }

  /** Measured from painted frames: parameter updates for each second of watching. */
  updatesPerSecond() {
    if (!this.playing || this.history.length < 2) return null;
    const first = this.history[0];
    const last = this.history.at(-1);
    return last.time - first.time < 300 ? null : ((last.step - first.step) * 1000) / (last.time - first.time);
  }

  #setPlaying(playing) {
    this.playing = playing;
    this.history = [];
    cancelAnimationFrame(this.animation);
    if (playing) {
      this.due = performance.now();
      this.animation = requestAnimationFrame((now) => this.#tick(now));
    }
    this.changed();
  }

  #tick(now) {
    if (!this.playing) return;
    this.animation = requestAnimationFrame((next) => this.#tick(next));
    if (this.askedAt === null && this.queue.length <= this.batch / 2) this.#ask();
    if (now < this.due - 4 || this.queue.length === 0) return;
    this.#paint(this.queue.shift());
    // A late frame is not made up for by hurrying: the clock starts again.
    this.due = now - this.due > 100 ? now : this.due + 1000 / FRAMES_PER_SECOND;
  }

  #paint(frame) {
    this.live = frame;
    this.now.take(frame);
    this.painted += 1;
    const time = performance.now();
    this.history.push({ time, step: frame.step });
    while (time - this.history[0].time > RATE_WINDOW) this.history.shift();
    this.show(this.shown, this.header);
  }

  /** When nothing has moved for a moment, ask for what is new of the recording. */
  #rest(isComplete) {
    clearTimeout(this.resting);
    if (isComplete || !this.live || this.live.step === 0) return;
    const ask = () => {
      if (this.playing) return;
      if (this.askedAt !== null) this.resting = setTimeout(ask, RECORDING_AFTER);
      else this.#ask(this.recorded.newest);
    };
    this.resting = setTimeout(ask, this.recorded.complete ? RECORDING_AFTER : 0);
  }

  #ask(recorded = null) {
    this.askedAt = performance.now();
    if (isLeaving()) return;
    this.send({
      client: this.client,
      seq: this.sent ? this.sent.seq : -1,
      shown: this.live ? this.live.step : 0,
      recorded,
      want: this.playing ? FRAMES_WANTED : 1,
      commands: this.pending.map((command) => ({ ...command })),
    });
  }

  #answered() {
    if (this.askedAt !== null) this.#waitFor(3 * (performance.now() - this.askedAt));
    this.askedAt = null;
  }

  #waitFor(milliseconds) {
    this.patience = Math.min(Math.max(milliseconds, ANSWER_WITHIN), LONGEST_WAIT);
  }

  #watch() {
    const waiting = this.pending.length > 0 || (this.playing && this.queue.length === 0);
    if (!waiting) return;
    if (this.askedAt !== null && performance.now() - this.askedAt <= this.patience) return;
    if (this.askedAt !== null) this.#waitFor(2 * this.patience); // repeating into a full queue fills it
    this.#ask();
  }
}
