/**
 * The capture time of a frame on the page's clock: the browser's `captureTime`, else calculated from the RTP time stamp
 * and the sidecar's newest frame. Chromium has a `captureTime` after some seconds, other browsers have none.
 */

const CLOCK_RATE = 90; // ticks of an RTP time stamp in a millisecond (RFC 6184, 8.2.1)
/** The resolution of Date.now(), in milliseconds. */
const READING_ERROR_MS = 1;
/** The error of a capture time that another machine's clock measured, in milliseconds. */
const CLOCK_ERROR_MS = 100;

/** The greatest plausible age of a frame, in milliseconds. An older frame's time is of another stream or clock. */
const MAX_AGE_MS = 10_000;

/**
 * A reading of the sidecar's clock by `get_stats`. `askedAt` and `answeredAt` are on the page's clock, in milliseconds.
 *
 * @typedef {object} ClockReading
 * @property {import("./contract.js").FrameTime} newestFrame
 * @property {number} wallMs the sidecar's wall clock at a moment between asking and answering
 * @property {number} askedAt
 * @property {number} answeredAt
 */

export class CaptureClock {
  #wallOrigin;
  /** @type {{rtpTimestamp: number, capturedAt: number} | undefined} */
  #reference;

  /** @param {() => number} [wallOrigin] this machine's wall clock at the page's time origin, milliseconds */
  constructor(wallOrigin = () => Date.now() - performance.now()) {
    this.#wallOrigin = wallOrigin;
  }

  /** @param {ClockReading} reading */
  learn({ newestFrame, wallMs, askedAt, answeredAt }) {
    const capturedAt = newestFrame.captured_wall_ms - this.#originOf(wallMs, askedAt, answeredAt);
    this.#reference = { rtpTimestamp: newestFrame.rtp_timestamp, capturedAt };
  }

  /**
   * @param {{captureTime?: number, rtpTimestamp?: number}} metadata of a received frame
   * @param {number} now
   * @returns {number | null} the capture time on the page's clock; null when it is unknown
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
   * The sidecar's wall clock at the page's time origin. It is this machine's clock if the reading allows that, because
   * both mostly run on one machine; else the reading is assigned to the middle between asking and answering.
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
