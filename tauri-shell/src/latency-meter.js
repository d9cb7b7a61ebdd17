/** Where the time of each frame goes on the viewer's side, over the last seconds. */

import { Percentiles } from "./percentiles.js";

/** @typedef {import("./percentiles.js").Spread} Spread */

/**
 * When something happened to a frame, on the page's clock in milliseconds; null where the browser does not tell.
 *
 * @typedef {object} FrameTimes
 * @property {number | null} capturedAt
 * @property {number | null} sentAt by the sidecar
 * @property {number | null} receivedAt its last packet was
 * @property {number | null} decodeMs how long it was decoded
 * @property {number | null} readyAt it was decoded, and handed over to be shown
 */

export class LatencyMeter {
  #total = new Percentiles();
  #network = new Percentiles();
  #decode = new Percentiles();
  #display = new Percentiles();

  /**
   * @param {number} shownAt
   * @param {FrameTimes} times
   */
  add(shownAt, { capturedAt, sentAt, receivedAt, decodeMs, readyAt }) {
    this.#total.add(shownAt, span(capturedAt, shownAt));
    this.#network.add(shownAt, span(sentAt, receivedAt));
    this.#decode.add(shownAt, decodeMs);
    this.#display.add(shownAt, span(readyAt, shownAt));
  }

  /**
   * From capture to the screen, and its last steps: from sent to received, decoded, and from decoded to shown.
   *
   * @param {number} now
   */
  spreads(now) {
    return {
      total: this.#total.spread(now),
      network: this.#network.spread(now),
      decode: this.#decode.spread(now),
      display: this.#display.spread(now),
    };
  }
}

/**
 * @param {number | null} from
 * @param {number | null} to
 */
function span(from, to) {
  return from === null || to === null ? null : Math.max(0, to - from);
}
