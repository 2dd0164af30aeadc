// Plays frames at its own pace and asks for more when its queue runs low: a slow or hidden tab asks
// less, so the server is never ahead of what is watched.

const FRAMES_PER_SECOND = 40;
const FRAMES_WANTED = 16;
const ANSWER_WITHIN = 2000; // milliseconds; then the request counts as lost and is sent again
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
    this.shown = null; // the frame on screen
    this.header = null;
    this.painted = 0;
    this.pending = []; // commands the server has not acknowledged
    this.lastCommand = 0;
    this.askedAt = null; // when the request in flight was sent, or null
    this.seen = null; // run and seq of the newest message
    this.history = [];
    this.due = 0;
    this.animation = 0;
    this.watchdog = setInterval(() => this.#watch(), 500);
  }

  stop() {
    clearInterval(this.watchdog);
    cancelAnimationFrame(this.animation);
    this.playing = false;
  }

  /** Take a decoded message. */
  receive({ header, frames }) {
    const name = `${header.run} ${header.seq}`;
    if (name === this.seen) return;
    this.seen = name;
    this.header = header;
    if (header.client === this.client) this.pending = this.pending.filter(({ id }) => id > header.ack);
    if (this.pending.length === 0) this.askedAt = null;
    if (this.pending.some(({ kind }) => LEAVES_THE_PAST.has(kind))) return;

    const newRun = this.shown === null || header.run !== this.shown.run;
    if (newRun) {
      this.queue = [];
      this.history = [];
    }
    const settled = !this.pending.some(({ kind }) => kind === "play");
    if (settled && this.playing !== header.playing) this.#setPlaying(header.playing);
    if (!this.playing) {
      this.queue = [];
      if (frames.length) this.#paint(frames.at(-1));
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
    this.shown = frame;
    this.painted += 1;
    const time = performance.now();
    this.history.push({ time, step: frame.step });
    while (time - this.history[0].time > RATE_WINDOW) this.history.shift();
    this.show(frame, this.header);
  }

  #ask() {
    this.askedAt = performance.now();
    this.send({
      client: this.client,
      seq: this.header ? this.header.seq : -1,
      shown: this.shown ? this.shown.step : 0,
      want: this.playing ? FRAMES_WANTED : 1,
      commands: this.pending.map((command) => ({ ...command })),
    });
  }

  #watch() {
    const waiting = this.pending.length > 0 || (this.playing && this.queue.length === 0);
    if (!waiting) return;
    if (this.askedAt === null || performance.now() - this.askedAt > ANSWER_WITHIN) this.#ask();
  }
}
