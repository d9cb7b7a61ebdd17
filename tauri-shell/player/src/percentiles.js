import { Series } from "./series.js";

/**
 * The median and the 95th percentile; null without values.
 *
 * @typedef {{p50: number | null, p95: number | null}} Spread
 */

/** @type {Spread} */
export const UNKNOWN = { p50: null, p95: null };

/** Percentiles of the values of the last `windowMs`, of at most the newest `limit` values. */
export class Percentiles {
  #series;
  #windowMs;

  /** @param {{windowMs?: number, limit?: number}} [bounds] */
  constructor({ windowMs = 10_000, limit = 600 } = {}) {
    this.#windowMs = windowMs;
    this.#series = new Series({ windowMs, limit });
  }

  /**
   * @param {number} at milliseconds on a monotonic clock
   * @param {number | null} value null, an unknown value, is ignored
   */
  add(at, value) {
    if (value !== null) this.#series.add(at, value);
  }

  /**
   * By nearest rank, like the sidecar's percentiles.
   *
   * @param {number} now
   * @returns {Spread}
   */
  spread(now) {
    const values = this.#series.sortedAfter(now - this.#windowMs);
    if (!values.length) return UNKNOWN;
    const rank = (/** @type {number} */ share) => /** @type {number} */ (values[Math.ceil(share * values.length) - 1]);
    return { p50: rank(0.5), p95: rank(0.95) };
  }
}
