// Two hues mean one thing everywhere: the positive phase is blue, the negative phase orange.
// A ramp is 256 packed colours for ImageData, and one more (index 256) for "not a number".

const STOPS = {
  light: {
    positive: ["#eef4fa", "#9dc5e8", "#2a78bd", "#0b3f75"],
    negative: ["#fcf3ea", "#f5bd88", "#dd6f14", "#7c3400"],
    grows: ["#7fb2de", "#0f5596"],
    shrinks: ["#f0ab6c", "#b34a00"],
    unknown: "#c9ccd1",
  },
  dark: {
    positive: ["#152230", "#1f5080", "#5fa8ee", "#dcefff"],
    negative: ["#281b10", "#7d430f", "#f39a4d", "#ffe9d2"],
    grows: ["#2d6aa6", "#8cc6ff"],
    shrinks: ["#9a5416", "#ffb777"],
    unknown: "#4a4f57",
  },
};

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any CSS colour as [red, green, blue]. */
export function parseColour(text) {
  probe.fillStyle = "#ffffff";
  probe.fillStyle = text;
  probe.fillRect(0, 0, 1, 1);
  return Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
}

function luminance([red, green, blue]) {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

function pack([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Interpolate the stops evenly over 256 colours. */
export function makeRamp(stops, unknown) {
  const points = stops.map(parseColour);
  const colours = new Uint32Array(257);
  const isDark = new Uint8Array(257);
  for (let n = 0; n < 256; n++) {
    const place = (n / 255) * (points.length - 1);
    const left = Math.min(Math.floor(place), points.length - 2);
    const share = place - left;
    const mixed = points[left].map((from, c) => Math.round(from + share * (points[left + 1][c] - from)));
    colours[n] = pack(mixed);
    isDark[n] = luminance(mixed) < 0.5 ? 1 : 0;
  }
  colours[256] = pack(parseColour(unknown));
  return { colours, isDark, css: `linear-gradient(to right, ${stops.join(", ")})` };
}

/** Read Streamlit's theme from the host and make every ramp from it; the last theme when it is the same. */
export function readTheme(host, last) {
  const style = getComputedStyle(host);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const background = read("--st-background-color", "#ffffff");
  const text = read("--st-text-color", "#31333f");
  const key = `${background} ${text}`;
  if (key === last?.key) return last;
  const dark = luminance(parseColour(background)) < 0.5;
  const stops = dark ? STOPS.dark : STOPS.light;
  const ramp = (colours) => makeRamp(colours, stops.unknown);
  return {
    dark,
    background,
    text,
    font: read("--st-font", "sans-serif"),
    key,
    positive: ramp(stops.positive),
    negative: ramp(stops.negative),
    // Zero is the background's own tone: what does not move is not seen.
    difference: ramp([...[...stops.shrinks].reverse(), background, ...stops.grows]),
    ink: ramp([background, text]),
  };
}
