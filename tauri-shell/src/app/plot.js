/** A small line plot without axes: the newest sample at the right edge, the ceiling at the top. */

/** @typedef {import("../camera-sidecar/series.js").Sample} Sample */

const LINE_WIDTH = 1.5; // CSS pixels
const GAP_MS = 3000; // a longer pause interrupts the line

/**
 * The least of 1, 2, 5, 10, 20, 50 … that is not below any value, so that a plot's scale changes seldom.
 *
 * @param {number} largest
 * @param {number} least
 */
export function ceilingFor(largest, least) {
  const wanted = Math.max(largest, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= wanted) ?? 10;
  return step * power;
}

/**
 * @param {Sample[]} samples
 * @param {{now: number, windowMs: number, width: number, height: number, ceiling: number}} scale
 * @returns {{x: number, y: number}[][]} the lines to draw, cut at gaps; y grows downwards
 */
export function linesOf(samples, { now, windowMs, width, height, ceiling }) {
  /** @type {{x: number, y: number}[][]} */
  const lines = [];
  let previousAt = -Infinity;
  for (const { at, value } of samples) {
    if (at - previousAt > GAP_MS) lines.push([]);
    const x = width * (1 - (now - at) / windowMs);
    const y = height * (1 - Math.min(Math.max(value, 0), ceiling) / ceiling);
    lines.at(-1)?.push({ x, y });
    previousAt = at;
  }
  return lines;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Sample[]} samples
 * @param {{now: number, windowMs: number, least: number}} options `least`: the ceiling is never lower
 */
export function drawPlot(canvas, samples, { now, windowMs, least }) {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || width === 0) return;
  fitToScreen(canvas, context);
  context.clearRect(0, 0, width, height);
  const ceiling = ceilingFor(samples.reduce((largest, { value }) => Math.max(largest, value), 0), least);
  const usable = { now, windowMs, width, height: height - 2 * LINE_WIDTH, ceiling };
  const colour = getComputedStyle(canvas).color;
  context.translate(0, LINE_WIDTH);
  for (const line of linesOf(samples, usable)) drawLine(context, line, usable.height, colour);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2D} context
 */
function fitToScreen(canvas, context) {
  const ratio = globalThis.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number}[]} line
 * @param {number} bottom
 * @param {string} colour
 */
function drawLine(context, line, bottom, colour) {
  const [first, last] = [line[0], line.at(-1)];
  if (!first || !last) return;
  context.beginPath();
  for (const { x, y } of line) context.lineTo(x, y);
  context.strokeStyle = colour;
  context.lineWidth = LINE_WIDTH;
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(last.x, bottom);
  context.lineTo(first.x, bottom);
  context.globalAlpha = 0.14;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}
