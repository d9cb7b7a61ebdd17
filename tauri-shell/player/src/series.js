/** @typedef {{at: number, value: number}} Sample */

/** The samples of the last `windowMs`, at most `limit` of them. */
export class Series {
  /** @type {Sample[]} */
  samples = [];

  /** @param {{windowMs: number, limit: number}} bounds */
  constructor({ windowMs, limit }) {
    this.windowMs = windowMs;
    this.limit = limit;
  }

  /**
   * @param {number} at milliseconds on a monotonic clock
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

  /** The values of the samples after `since`, in ascending order. @param {number} since */
  sortedAfter(since) {
    return this.samples.flatMap(({ at, value }) => (at > since ? [value] : [])).sort((a, b) => a - b);
  }

  /** The median of the samples after `since`; null without samples. @param {number} since */
  medianAfter(since) {
    const values = this.sortedAfter(since);
    return values[Math.floor(values.length / 2)] ?? null;
  }
}
