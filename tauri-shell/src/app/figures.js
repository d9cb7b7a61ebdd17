/** The figures under a picture: latency, frames per second, bitrate and loss, each with a plot of the last minute. */

import { element } from "./dom.js";
import { drawPlot } from "./plot.js";
import { Series } from "../camera-sidecar/series.js";

const WINDOW_MS = 60_000;
const MAX_SAMPLES = 600;

/** @typedef {"latency" | "fps" | "bitrate" | "loss"} FigureName */

/**
 * A plot's ceiling is never lower than `least`, so that noise stays small.
 *
 * @type {Record<FigureName, {label: string, unit: string, least: number, format: (value: number) => string}>}
 */
const FIGURES = {
  latency: { label: "Latency", unit: "ms", least: 50, format: (ms) => ms.toFixed(0) },
  fps: { label: "Frames", unit: "fps", least: 20, format: (fps) => fps.toFixed(0) },
  bitrate: { label: "Bitrate", unit: "Mbit/s", least: 1, format: (mbits) => mbits.toFixed(mbits < 10 ? 2 : 1) },
  loss: { label: "Loss", unit: "%", least: 5, format: (percent) => percent.toFixed(percent < 10 ? 1 : 0) },
};

export class Figures {
  #figures = /** @type {[FigureName, Figure][]} */ (Object.keys(FIGURES).map((name) => {
    const key = /** @type {FigureName} */ (name);
    return [key, new Figure(key)];
  }));
  #byName = new Map(this.#figures);
  element = element("dl", { className: "figures" }, ...this.#figures.map(([, figure]) => figure.element));

  /**
   * @param {FigureName} name
   * @param {number | null} value null, an unknown value, is ignored
   */
  add(name, value) {
    if (value !== null) this.#byName.get(name)?.add(value);
  }

  /** Label the latency: measured for each frame, or an estimate. @param {"measured" | "estimate" | ""} how */
  qualifyLatency(how) {
    this.#byName.get("latency")?.qualify(how);
  }

  draw() {
    for (const [, figure] of this.#figures) figure.draw();
  }

  clear() {
    for (const [, figure] of this.#figures) figure.clear();
  }
}

class Figure {
  #series = new Series({ windowMs: WINDOW_MS, limit: MAX_SAMPLES });
  #value = element("span", { className: "figure-value" }, "–");
  #qualifier = element("span", { className: "figure-qualifier" });
  #plot = element("canvas", { className: "plot", "aria-hidden": "true" });
  #kind;

  /** @param {FigureName} name */
  constructor(name) {
    this.#kind = FIGURES[name];
    const { label, unit } = this.#kind;
    this.element = element(
      "div",
      { className: "figure", "data-figure": name },
      element("dt", {}, label, " ", this.#qualifier),
      element("dd", {}, this.#value, element("span", { className: "figure-unit" }, ` ${unit}`), this.#plot),
    );
  }

  /** @param {number} value */
  add(value) {
    this.#series.add(performance.now(), value);
  }

  /** @param {string} how */
  qualify(how) {
    this.#qualifier.textContent = how;
  }

  draw() {
    const now = performance.now();
    const value = this.#series.medianAfter(now - 1500); // long enough to be readable, short enough to be current
    this.#value.textContent = value === null ? "–" : this.#kind.format(value);
    drawPlot(this.#plot, this.#series.samples, { now, windowMs: WINDOW_MS, least: this.#kind.least });
  }

  clear() {
    this.#series.clear();
    this.draw();
  }
}
