/** The formats that the page offers for a camera. */

/** @typedef {import("../camera-sidecar/index.js").CameraFormat} CameraFormat */
/** @typedef {{width: number, height: number, fps: number}} Choice */

const USUAL = { pixels: 1280 * 720, fps: 30 };
const FASTEST = 60; // frames per second; most screens show no more

/**
 * Each picture size at the rate nearest to 30 frames per second, and once more at its highest rate up to 60 where that is
 * at least 1.5 times as much. Largest size first.
 *
 * @param {CameraFormat[]} formats
 * @returns {Choice[]}
 */
export function choicesOf(formats) {
  /** @type {Map<string, CameraFormat[]>} */
  const bySize = new Map();
  for (const format of formats) {
    const size = `${format.width}x${format.height}`;
    bySize.set(size, [...(bySize.get(size) ?? []), format]);
  }
  const choices = [...bySize.values()].flatMap((ofSize) => {
    const [{ width, height }] = /** @type {[CameraFormat]} */ (ofSize);
    return ratesOf(ofSize).map((fps) => ({ width, height, fps }));
  });
  return choices.sort((a, b) => b.width * b.height - a.width * a.height || b.width - a.width || a.fps - b.fps);
}

/** @param {CameraFormat[]} formats of one size */
function ratesOf(formats) {
  const rates = formats.map(({ fps }) => Math.min(fps, FASTEST));
  const usual = [...rates].sort((a, b) => Math.abs(a - USUAL.fps) - Math.abs(b - USUAL.fps))[0] ?? USUAL.fps;
  const highest = Math.max(...rates);
  return highest >= 1.5 * usual ? [usual, highest] : [usual];
}

/**
 * The choice nearest to 1280 x 720 at 30 frames per second, among the choices of at least 24 frames per second if there
 * are any.
 *
 * @param {Choice[]} choices
 * @returns {Choice | undefined}
 */
export function usualChoice(choices) {
  const smooth = choices.filter(({ fps }) => fps >= 0.8 * USUAL.fps);
  const distance = (/** @type {Choice} */ { width, height, fps }) =>
    Math.abs(Math.log((width * height) / USUAL.pixels)) + Math.abs(fps - USUAL.fps) / 1000; // the size first
  return [...(smooth.length ? smooth : choices)].sort((a, b) => distance(a) - distance(b))[0];
}

/** @param {Choice} choice */
export function describe({ width, height, fps }) {
  return `${width} × ${height}, ${Number(fps.toFixed(1))} fps`;
}
