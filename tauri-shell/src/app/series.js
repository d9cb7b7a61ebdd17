/** @typedef {{at: number, value: number}} Sample */

/** Samples of the last `windowMs`, at most `limit` of them. */
export class Series {
  /** @type {Sample[]} */
  samples = [];

  /** @param {{windowMs: number, limit: number}} bounds */
  constructor({ windowMs, limit }) {
    this.windowMs = windowMs;
    this.limit = limit;
  }

  /**
   * @param {number} at milliseconds of a clock that only goes forward
   * @param {number} value
   */
  add(at, value) {
    this.samples.push({ at, value });
    const oldest = at - this.windowMs;
    const first = this.samples.findIndex((sample) => sample.at >= oldest);
    this.samples.splice(0, Math.max(first, this.samples.length - this.limit));
  }

  clear() {
    this.samples.length = 0;
  }

  /** The median of the samples since `since`, null when there are none. @param {number} since */
  median(since) {
    const values = this.samples.flatMap(({ at, value }) => (at >= since ? [value] : [])).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? null;
  }
}
