/**
 * The middle of some values and what all but the worst keep below; null as long as there are none.
 *
 * @typedef {{p50: number | null, p95: number | null}} Spread
 */

/** @type {Spread} */
export const UNKNOWN = { p50: null, p95: null };

/** Percentiles of the values of the last `windowMs`, the newest `limit` of them. */
export class Percentiles {
  #windowMs;
  #limit;
  /** @type {{at: number, value: number}[]} */
  #samples = [];

  /** @param {{windowMs?: number, limit?: number}} [bounds] */
  constructor({ windowMs = 10_000, limit = 600 } = {}) {
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  /**
   * @param {number} at milliseconds of a clock that only goes forward
   * @param {number | null} value nothing is counted where nothing is known
   */
  add(at, value) {
    if (value === null) return;
    this.#samples.push({ at, value });
    this.#forget(at, this.#samples.length - this.#limit);
  }

  /**
   * By nearest rank, as the sidecar's are.
   *
   * @param {number} now
   * @returns {Spread}
   */
  spread(now) {
    this.#forget(now, 0);
    if (!this.#samples.length) return UNKNOWN;
    const values = this.#samples.map(({ value }) => value).sort((a, b) => a - b);
    const rank = (/** @type {number} */ share) => /** @type {number} */ (values[Math.ceil(share * values.length) - 1]);
    return { p50: rank(0.5), p95: rank(0.95) };
  }

  /**
   * @param {number} now
   * @param {number} tooMany
   */
  #forget(now, tooMany) {
    const first = this.#samples.findIndex(({ at }) => at > now - this.#windowMs);
    this.#samples.splice(0, first < 0 ? this.#samples.length : Math.max(first, tooMany));
  }
}
