/**
 * The measured latency from capture to screen. The test picture carries the wall clock along its top edge: 32 cells,
 * each width/32 wide and height/18 high, black 0 or white 1, least significant bit first. They hold the milliseconds
 * since the epoch modulo 2³². The sidecar and the browser must share a clock.
 */

const CELLS = 32;
const STRIP_HEIGHT = 1 / 18; // of the picture
const MODULUS = 2 ** CELLS;
const MAX_PLAUSIBLE_MS = 10_000;

/**
 * @param {ArrayLike<number>} rgba one pixel from each cell, four bytes a pixel
 * @returns {number} milliseconds since the epoch modulo 2³²
 */
export function decodeStamp(rgba) {
  let stamp = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    const green = rgba[4 * cell + 1] ?? 0; // the channel that carries most of the luma
    if (green > 127) stamp += 2 ** cell;
  }
  return stamp;
}

/**
 * @param {number} stamp milliseconds since the epoch modulo 2³²
 * @param {number} now milliseconds since the epoch
 * @returns {number | null} null when the stamp is not plausible: the picture has no strip, or the clocks
 *   differ
 */
export function latencyOf(stamp, now) {
  const latency = (now - stamp) % MODULUS; // the stamp is always less than the time since the epoch
  return latency <= MAX_PLAUSIBLE_MS ? latency : null;
}

/**
 * Measure a view's latency every `everyMs`, on a frame that is about to be shown. Returns the function that stops this.
 *
 * @param {import("./player.js").CameraView} view
 * @param {(latencyMs: number) => void} onLatency
 * @param {{everyMs: number}} options
 * @returns {() => void}
 */
export function measureLatency(view, onLatency, { everyMs }) {
  const canvas = document.createElement("canvas");
  canvas.width = CELLS;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return () => {};
  context.imageSmoothingEnabled = false; // reads the middle of each cell, not its edges
  let lastRead = -Infinity;
  /** @param {number} shownAt */
  const onFrame = (shownAt) => {
    if (shownAt - lastRead < everyMs) return;
    lastRead = shownAt;
    const now = Date.now(); // before the drawing, which takes time
    const latency = latencyOf(readStamp(context, view), now);
    if (latency !== null) onLatency(latency);
  };
  return view.onFrame(onFrame);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./player.js").CameraView} view
 */
function readStamp(context, { element, width, height }) {
  const middle = (height * STRIP_HEIGHT) / 2;
  context.drawImage(element, 0, middle - 1, width, 2, 0, 0, CELLS, 1);
  return decodeStamp(context.getImageData(0, 0, CELLS, 1).data);
}
