/** The latency of the last seconds' frames, by steps, on the viewer's side. */

import { Percentiles } from "./percentiles.js";

/** @typedef {import("./percentiles.js").Spread} Spread */

/**
 * The times of a frame on the page's clock, in milliseconds; null where they are unknown.
 *
 * @typedef {object} FrameTimes
 * @property {number | null} capturedAt
 * @property {number | null} sentAt by the sidecar
 * @property {number | null} receivedAt the arrival of its last packet
 * @property {number | null} decodeMs the decoding time
 * @property {number | null} readyAt the end of its decoding
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
   * The latency from capture to the screen, and of its last steps: sent to received, decoding, decoded to shown.
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
