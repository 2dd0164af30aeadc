// Patterns of 0/1 pixels and their text, as run/own_data.py writes it. Nothing here is drawn.

const PATTERN_TEXT = /^own\.(\d{1,3})x(\d{1,3})\.(\d{1,4})\.([\w-]+)$/;

export class Patterns {
  /** rows: one Uint8Array of height * width pixels each, at least one. */
  constructor(height, width, rows) {
    Object.assign(this, { height, width, rows });
  }

  /** Read a text; null when it is none. */
  static read(text) {
    const found = PATTERN_TEXT.exec(text);
    if (!found) return null;
    const [height, width, count] = found.slice(1, 4).map(Number);
    const bytes = atob(found[4].replaceAll("-", "+").replaceAll("_", "/"));
    const size = height * width;
    const bit = (n) => (bytes.charCodeAt(n >> 3) >> (7 - (n & 7))) & 1;
    const rows = Array.from({ length: count }, (_, k) => Uint8Array.from({ length: size }, (_, n) => bit(k * size + n)));
    return new Patterns(height, width, rows);
  }

  write() {
    const size = this.height * this.width;
    const bytes = new Uint8Array(Math.ceil((this.rows.length * size) / 8));
    this.rows.forEach((row, k) =>
      row.forEach((on, n) => {
        const place = k * size + n;
        if (on) bytes[place >> 3] |= 128 >> (place & 7);
      }),
    );
    const bits = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    return `own.${this.height}x${this.width}.${this.rows.length}.${bits}`;
  }

  copy() {
    return new Patterns(this.height, this.width, this.rows.map((row) => row.slice()));
  }

  /** The same pictures with more or fewer lines and columns: cut, or with pixels that are off. */
  resized(height, width) {
    const moved = (row) =>
      Uint8Array.from({ length: height * width }, (_, n) => {
        const i = Math.floor(n / width);
        const j = n % width;
        return i < this.height && j < this.width ? row[i * this.width + j] : 0;
      });
    return new Patterns(height, width, this.rows.map(moved));
  }
}
