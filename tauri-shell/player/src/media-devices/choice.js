/** The choice of a camera and its format by a page's constraints. */

import { selectSettings } from "./fitness.js";
import { candidatesOf, PREFERRED } from "./settings.js";

/** @typedef {import("../contract.js").Camera} Camera */
/** @typedef {import("./constraints.js").Constraints} Constraints */

/** Sources by URL, which can be opened without being listed. */
const BY_URL = /^(file|rtsp|rtsps):/;

/**
 * The best candidate of all cameras. A camera that another program holds is chosen only where no free one fulfils the
 * required constraints, and the test pattern only where there is no camera, or where the constraints name it: scanners
 * ask for wide pictures first, then for any, and must not get the pattern before the camera. Throws a NotFoundError
 * without cameras, else an OverconstrainedError.
 *
 * @param {Camera[]} listed
 * @param {Constraints} constraints
 * @param {string[]} [failed] the device_ids of cameras that were opened and do not fulfil the constraints
 */
export function chooseCamera(listed, constraints, failed = []) {
  const all = [...listed, ...unlistedOf(listed, constraints)];
  if (!all.length) throw new DOMException("There is no camera. Plug one in, then try again.", "NotFoundError");
  const usual = all.filter((camera) => camera.kind !== "test" || isNamed(camera, constraints));
  const cameras = (usual.length ? usual : all).filter(({ device_id }) => !failed.includes(device_id));
  const free = cameras.filter((camera) => camera.is_available);
  return tryChoice(free, constraints) ?? choice(cameras, constraints);
}

/**
 * The best candidate of the cameras that have not failed; undefined: none of them fulfils the constraints.
 *
 * @param {Camera[]} listed
 * @param {Constraints} constraints
 * @param {string[]} failed as above
 */
export function chooseAnother(listed, constraints, failed) {
  try {
    return chooseCamera(listed, constraints, failed);
  } catch {
    return undefined;
  }
}

/**
 * @param {Camera[]} cameras
 * @param {Constraints} constraints
 */
function choice(cameras, constraints) {
  return selectSettings(cameras.flatMap((camera) => candidatesOf(camera, constraints)), constraints, PREFERRED);
}

/**
 * @param {Camera[]} cameras
 * @param {Constraints} constraints
 */
function tryChoice(cameras, constraints) {
  try {
    return choice(cameras, constraints);
  } catch {
    return undefined; // no camera of these fulfils the constraints
  }
}

/**
 * The device_ids in the constraints.
 *
 * @param {Constraints} constraints
 */
function namedIds({ basic, advanced }) {
  return [basic, ...advanced].flatMap(({ deviceId }) => [...(deviceId?.exact ?? []), ...(deviceId?.ideal ?? [])]);
}

/**
 * @param {Camera} camera
 * @param {Constraints} constraints
 */
function isNamed({ device_id }, constraints) {
  return namedIds(constraints).includes(device_id);
}

/**
 * The sources that the constraints require by URL and that are not listed: an app may allow them by a pattern.
 *
 * @param {Camera[]} listed
 * @param {Constraints} constraints
 * @returns {Camera[]}
 */
function unlistedOf(listed, { basic }) {
  const ids = basic.deviceId?.exact ?? [];
  return ids
    .filter((id) => BY_URL.test(id) && !listed.some(({ device_id }) => device_id === id))
    .map((id) => ({
      device_id: id,
      name: id,
      description: "",
      kind: id.startsWith("file:") ? "file" : "rtsp",
      is_available: true,
      formats: [],
      platform: "",
    }));
}
