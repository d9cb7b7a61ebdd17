/**
 * A plain word for what a viewer gets: good, fair or poor, and whether the processor, the network or the camera is why.
 * The sidecar says it of all that it knows (sidecar/statistics/quality.py); what only the page knows is added here.
 */

import { ratesBetween } from "./stats-reader.js";

/** @typedef {import("./contract.js").Quality} Quality */
/** @typedef {Quality["level"]} Level */

/** Milliseconds between two looks. */
const EVERY_MS = 2000;
/** For so long it must be worse, or better, before the word changes: it shall not flicker. */
const WORSE_AFTER_MS = 1000;
const BETTER_AFTER_MS = 3000;
/** Of the pictures that came, those that were not shown: from the first on it is fair, from the second on poor. */
const DROPPED_SHARE = { fair: 0.05, poor: 0.25 };
const TOO_BUSY = "This page does not keep up with the pictures. Close other programs, or choose a smaller picture.";

const DECODES_NOTHING =
  "This page receives the picture and cannot decode it. Choose a smaller picture, or open the page in another browser.";
const RECEIVES_NOTHING = "No picture comes. A cable, or a place nearer to the access point, may help.";

/** @type {Level[]} */
const LEVELS = ["good", "fair", "poor"];
/** @type {Quality} */
const GOOD = { level: "good", reason: null, hint: null };

/** @param {Quality} quality */
function rank({ level }) {
  return LEVELS.indexOf(level);
}

/**
 * What the page alone knows: whether it shows what comes.
 *
 * @param {import("./stats-reader.js").Rates} rates
 * @returns {Quality | null} null without evidence, which takes two readings
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
 * The worse of what both ends say; of equals what the sidecar says, which knows more.
 *
 * @param {Quality | null} sidecar
 * @param {Quality | null} viewer null without evidence
 * @returns {Quality | null} null while nothing is shown, and while one end has no evidence that it is good
 */
export function worseOf(sidecar, viewer) {
  if (!sidecar) return null;
  if (!viewer) return sidecar.level === "good" ? null : sidecar;
  return rank(viewer) > rank(sidecar) ? viewer : sidecar;
}

/** Lets the word change only when there is something to it for a while. */
export class SteadyQuality {
  /** @type {Quality | undefined} */
  #shown;
  /** @type {{since: number, isWorse: boolean} | undefined} */
  #other;

  /**
   * @param {Quality | null} judged what holds at this moment; null: there is no evidence
   * @param {number} now milliseconds
   * @returns {Quality | null} what is to be said
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

/** Looks at a view every now and then, as long as it is not ended. */
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
  #said = null;

  /**
   * @param {() => Promise<import("./stats-reader.js").Reading>} read
   * @param {(quality: Quality | null) => void} onQuality when it is another
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

  /** Look now. */
  async look() {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    try {
      this.#say(this.#judge(await this.#read()));
    } catch {
      this.#say(null); // the view's own state says what is wrong
    } finally {
      this.#isReading = false;
    }
  }

  /** @param {Quality | null} quality */
  #say(quality) {
    const [before, after] = [this.#said, quality].map((each) => each && [each.level, each.reason, each.hint].join());
    this.#said = quality;
    if (before !== after && !this.#isOver) this.#onQuality(quality);
  }

  /** @param {import("./stats-reader.js").Reading} reading */
  #judge({ counters, connection }) {
    const rates = ratesBetween(this.#previous, counters);
    this.#previous = counters;
    // Nobody sees a hidden page, so it is right to show it less.
    const viewer = document.hidden ? GOOD : this.#steady.update(judgeViewer(rates), counters.at);
    return worseOf(connection?.quality ?? null, viewer);
  }
}
