/**
 * The quality of a viewer's picture, good, fair or poor, with its cause: the processor, the network or the camera. The
 * sidecar judges by its own figures (sidecar/statistics/quality.py); this module adds the page's.
 */

import { ratesBetween } from "./stats-reader.js";

/** @typedef {import("./contract.js").Quality} Quality */
/** @typedef {Quality["level"]} Level */

/** Milliseconds between two readings. */
const EVERY_MS = 2000;
/** The time for which the quality must be worse, or better, before the shown level changes, so that it does not flicker. */
const WORSE_AFTER_MS = 1000;
const BETTER_AFTER_MS = 3000;
/** The shares of received pictures that were dropped from which the quality is fair, or poor. */
const DROPPED_SHARE = { fair: 0.05, poor: 0.25 };
const TOO_BUSY = "This page is too slow for the pictures. Close other programs, or choose a smaller picture.";

const DECODES_NOTHING =
  "This page receives the picture but cannot decode it. Choose a smaller picture, or open the page in another browser.";
const RECEIVES_NOTHING = "No picture arrives. A network cable, or a place nearer to the access point, may help.";

/** @type {Level[]} */
const LEVELS = ["good", "fair", "poor"];
/** @type {Quality} */
const GOOD = { level: "good", reason: null, hint: null };

/** @param {Quality} quality */
function rank({ level }) {
  return LEVELS.indexOf(level);
}

/**
 * The quality by the page's figures: whether it shows the pictures that it receives.
 *
 * @param {import("./stats-reader.js").Rates} rates
 * @returns {Quality | null} null before there are two readings
 */
export function judgeViewer({ fps, bitrate, dropRatio }) {
  if (fps === null) return null;
  if (!fps && !dropRatio) {
    return bitrate
      ? { level: "poor", reason: "cpu", hint: DECODES_NOTHING }
      : { level: "poor", reason: "network", hint: RECEIVES_NOTHING };
  }
  if (dropRatio === null || dropRatio < DROPPED_SHARE.fair) return GOOD;
  return { level: dropRatio < DROPPED_SHARE.poor ? "fair" : "poor", reason: "cpu", hint: TOO_BUSY };
}

/**
 * The worse of both ends' judgements; of equal ones the sidecar's, which has more figures.
 *
 * @param {Quality | null} sidecar
 * @param {Quality | null} viewer null without evidence
 * @returns {Quality | null} null without a connection, and while one end has no evidence that the picture is good
 */
export function worseOf(sidecar, viewer) {
  if (!sidecar) return null;
  if (!viewer) return sidecar.level === "good" ? null : sidecar;
  return rank(viewer) > rank(sidecar) ? viewer : sidecar;
}

/** Changes the level only after another one has held for some time. */
export class SteadyQuality {
  /** @type {Quality | undefined} */
  #shown;
  /** @type {{since: number, isWorse: boolean} | undefined} */
  #other;

  /**
   * @param {Quality | null} judged the quality at this moment; null without evidence
   * @param {number} now milliseconds
   * @returns {Quality | null} the quality to show
   */
  update(judged, now) {
    const shown = this.#shown;
    if (!judged) {
      this.#shown = this.#other = undefined;
      return null;
    }
    if (!shown || judged.level === shown.level) return this.#show(judged);
    const isWorse = rank(judged) > rank(shown);
    if (this.#other?.isWorse !== isWorse) this.#other = { since: now, isWorse };
    const wait = isWorse ? WORSE_AFTER_MS : BETTER_AFTER_MS;
    return now - this.#other.since >= wait ? this.#show(judged) : shown;
  }

  /** @param {Quality} quality */
  #show(quality) {
    this.#other = undefined;
    return (this.#shown = quality);
  }
}

/** Judges a view's quality every 2 s until `end`. */
export class QualityWatch {
  #read;
  #onQuality;
  #timer;
  #steady = new SteadyQuality();
  /** @type {import("./stats-reader.js").Counters | undefined} */
  #previous;
  #isReading = false;
  #isOver = false;
  /** @type {Quality | null} */
  #reported = null;

  /**
   * @param {() => Promise<import("./stats-reader.js").Reading>} read
   * @param {(quality: Quality | null) => void} onQuality called when the quality changes
   */
  constructor(read, onQuality) {
    this.#read = read;
    this.#onQuality = onQuality;
    this.#timer = setInterval(() => void this.look(), EVERY_MS);
  }

  end() {
    clearInterval(this.#timer);
    this.#isOver = true;
  }

  /** Judge now. */
  async look() {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    try {
      this.#report(this.#judge(await this.#read()));
    } catch {
      this.#report(null); // the view's state shows the problem
    } finally {
      this.#isReading = false;
    }
  }

  /** @param {Quality | null} quality */
  #report(quality) {
    const [before, after] = [this.#reported, quality].map((each) => each && [each.level, each.reason, each.hint].join());
    this.#reported = quality;
    if (before !== after && !this.#isOver) this.#onQuality(quality);
  }

  /** @param {import("./stats-reader.js").Reading} reading */
  #judge({ counters, connection }) {
    const rates = ratesBetween(this.#previous, counters);
    this.#previous = counters;
    // Browsers draw hidden pages less often, which is no problem of quality.
    const viewer = document.hidden ? GOOD : this.#steady.update(judgeViewer(rates), counters.at);
    return worseOf(connection?.quality ?? null, viewer);
  }
}
