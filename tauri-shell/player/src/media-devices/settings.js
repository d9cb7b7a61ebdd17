/** The settings that a camera can have, and its capabilities. */

/** @typedef {import("../contract.js").Camera} Camera */
/** @typedef {import("./constraints.js").Constraints} Constraints */
/** @typedef {import("./constraints.js").NumberName} NumberName */

/** @typedef {{width: number, height: number, fps: number}} Format */
/** @typedef {MediaTrackSettings & {resizeMode?: string}} Settings */
/** @typedef {{camera: Camera, format: Format, settings: Settings}} Candidate */

/** What the contract's RequestedFormat takes. */
const REQUESTABLE = { width: { min: 16, max: 7680 }, height: { min: 16, max: 4320 }, frameRate: { min: 1, max: 240 } };
/** Frames per second: every camera can be limited to this rate. */
const SLOWEST = 1;

/** The browsers' choice for a page that asks for nothing. */
export const PREFERRED = { width: 640, height: 480, frameRate: 30 };

/**
 * The settings of a camera in one of its formats. `resizeMode` is always "none": a track has the camera's own pictures.
 *
 * @param {Camera} camera
 * @param {Format} format
 * @returns {Settings}
 */
export function settingsOf({ device_id: deviceId }, { width, height, fps }) {
  const size = { width, height, aspectRatio: width / height, frameRate: fps };
  return { ...size, deviceId, groupId: deviceId, resizeMode: "none" };
}

/**
 * Whether two formats are the same for a page; cameras tell their rates as fractions.
 *
 * @param {Format} one
 * @param {Format} other
 */
export function isSameFormat(one, other) {
  return one.width === other.width && one.height === other.height && Math.abs(one.fps - other.fps) < 0.01 * one.fps;
}

/**
 * The capabilities of a camera: the extremes of its formats. A camera that lists no formats has no ranges.
 *
 * @param {Camera} camera
 * @returns {MediaTrackCapabilities}
 */
export function capabilitiesOf(camera) {
  const deviceId = camera.device_id;
  const identity = { deviceId, groupId: deviceId, facingMode: [], resizeMode: ["none"] };
  return /** @type {MediaTrackCapabilities} */ ({ ...identity, ...(camera.formats.length && rangesOf(camera)) });
}

/**
 * Every candidate for the constraints: the camera's formats, and those that it can have besides. A camera leaves frames out
 * for a lower rate. The test pattern is painted in any even size. A camera that lists no formats may have any.
 *
 * @param {Camera} camera
 * @param {Constraints} constraints
 * @returns {Candidate[]}
 */
export function candidatesOf(camera, constraints) {
  const sizes = isFreeSize(camera) ? [...camera.formats, ...namedSizes(constraints)] : camera.formats;
  const rates = [PREFERRED.frameRate, ...valuesOf(constraints, "frameRate")];
  const fastest = camera.formats.length ? rangesOf(camera).frameRate.max : Infinity;
  return sizes
    .flatMap(({ width, height, fps = fastest }) => [fps, ...slower(camera, rates, fps)].map((rate) => ({ width, height, fps: rate })))
    .filter((format) => isWithin(camera, format))
    .map((format) => ({ camera, format, settings: settingsOf(camera, format) }));
}

/**
 * The rates below a format's own that the camera can be limited to. Files and network cameras keep their rate.
 *
 * @param {Camera} camera
 * @param {number[]} rates
 * @param {number} fps
 */
function slower({ kind, formats }, rates, fps) {
  return kind === "camera" || kind === "test" || !formats.length ? rates.filter((rate) => rate >= SLOWEST && rate < fps) : [];
}

/** @param {Camera} camera */
function isFreeSize({ kind, formats }) {
  return kind === "test" || !formats.length;
}

/**
 * The sizes that the constraints name, by their values of width, height and aspect ratio.
 *
 * @param {Constraints} constraints
 * @returns {{width: number, height: number, fps?: number}[]}
 */
function namedSizes(constraints) {
  const widths = new Set([PREFERRED.width, ...valuesOf(constraints, "width")]);
  const heights = new Set([PREFERRED.height, ...valuesOf(constraints, "height")]);
  const ratios = valuesOf(constraints, "aspectRatio");
  return [
    ...[...widths].flatMap((width) => [...heights].map((height) => ({ width, height }))),
    ...ratios.flatMap((ratio) => [...widths].map((width) => ({ width, height: even(width / ratio) }))),
    ...ratios.flatMap((ratio) => [...heights].map((height) => ({ width: even(height * ratio), height }))),
  ];
}

/**
 * @param {Constraints} constraints
 * @param {NumberName} name
 * @returns {number[]}
 */
function valuesOf({ basic, advanced }, name) {
  return [basic, ...advanced].flatMap((set) => Object.values(set[name] ?? {}));
}

/**
 * Whether a format lies between the extremes of the camera, and has even sides where it is none of the listed ones.
 *
 * @param {Camera} camera
 * @param {Format} format
 */
function isWithin(camera, { width, height, fps }) {
  if (camera.formats.some((listed) => listed.width === width && listed.height === height)) return true;
  const ranges = camera.formats.length ? rangesOf(camera) : REQUESTABLE;
  const isPossible = isIn(ranges.width, width) && isIn(ranges.height, height) && isIn(ranges.frameRate, fps);
  return isPossible && width % 2 === 0 && height % 2 === 0;
}

/** The extremes of what a camera can have. @param {Camera} camera */
function rangesOf({ kind, formats }) {
  const rates = formats.map(({ fps }) => fps);
  return {
    width: range(formats.map(({ width }) => width)),
    height: range(formats.map(({ height }) => height)),
    aspectRatio: range(formats.map(({ width, height }) => width / height)),
    frameRate: range(kind === "camera" || kind === "test" ? [SLOWEST, ...rates] : rates),
  };
}

/** @param {number} pixels */
function even(pixels) {
  return 2 * Math.round(pixels / 2);
}

/** @param {number[]} values */
function range(values) {
  return { min: Math.min(...values), max: Math.max(...values) };
}

/**
 * @param {{min: number, max: number}} range
 * @param {number} value
 */
function isIn({ min, max }, value) {
  return value >= min && value <= max;
}
