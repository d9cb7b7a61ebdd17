/**
 * When a frame was captured, on the page's clock: as the browser tells it, else from its RTP time stamp and what the
 * sidecar tells of its newest frame. Chromium needs some seconds before it tells, others never do.
 */

const CLOCK_RATE = 90; // ticks of an RTP time stamp in a millisecond (RFC 6184, 8.2.1)
/** Wall clocks are read in whole milliseconds. */
const READING_ERROR_MS = 1;
/** Of a capture time that comes from another machine's clock. */
const CLOCK_ERROR_MS = 100;

/** Milliseconds; a frame that is older, or comes from the future, was told of another stream or by another clock. */
const MAX_AGE_MS = 10_000;

/**
 * What was asked of the sidecar, and when it was asked and answered on the page's clock.
 *
 * @typedef {object} ClockReading
 * @property {import("./contract.js").FrameTime} newestFrame
 * @property {number} wallMs the sidecar's wall clock in between
 * @property {number} askedAt
 * @property {number} answeredAt
 */

export class CaptureClock {
  #wallOrigin;
  /** @type {{rtpTimestamp: number, capturedAt: number} | undefined} */
  #reference;

  /** @param {() => number} [wallOrigin] what this machine's wall clock showed when the page's clock was 0 */
  constructor(wallOrigin = () => Date.now() - performance.now()) {
    this.#wallOrigin = wallOrigin;
  }

  /** @param {ClockReading} reading */
  learn({ newestFrame, wallMs, askedAt, answeredAt }) {
    const capturedAt = newestFrame.captured_wall_ms - this.#originOf(wallMs, askedAt, answeredAt);
    this.#reference = { rtpTimestamp: newestFrame.rtp_timestamp, capturedAt };
  }

  /**
   * @param {{captureTime?: number, rtpTimestamp?: number}} metadata of a frame that is there
   * @param {number} now
   * @returns {number | null} on the page's clock; null when it is not known
   */
  capturedAt({ captureTime, rtpTimestamp }, now) {
    const known = [captureTime, this.#calculate(rtpTimestamp)];
    return known.find((at) => at !== undefined && at <= now + CLOCK_ERROR_MS && now - at <= MAX_AGE_MS) ?? null;
  }

  /** @param {number | undefined} rtpTimestamp */
  #calculate(rtpTimestamp) {
    if (rtpTimestamp === undefined || !this.#reference) return undefined;
    const ticks = (rtpTimestamp - this.#reference.rtpTimestamp) | 0; // the stamp wraps at 2³²
    return this.#reference.capturedAt + ticks / CLOCK_RATE;
  }

  /**
   * What the sidecar's wall clock showed when the page's clock was 0: the same as this machine's if that can be, for they
   * mostly are on one machine, else as the middle of asking and answering says.
   *
   * @param {number} wallMs
   * @param {number} askedAt
   * @param {number} answeredAt
   */
  #originOf(wallMs, askedAt, answeredAt) {
    const ours = this.#wallOrigin();
    const isOurs = ours >= wallMs - answeredAt - READING_ERROR_MS && ours <= wallMs - askedAt + READING_ERROR_MS;
    return isOurs ? ours : wallMs - (askedAt + answeredAt) / 2;
  }
}
