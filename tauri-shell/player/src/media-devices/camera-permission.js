/** The answer to permissions.query({ name: "camera" }). */

import { invoke } from "../invoke.js";

/** By the contract's words; the others say nothing. @type {Record<string, PermissionState>} */
const STATES = { granted: "granted", denied: "denied", restricted: "denied", not_determined: "prompt" };

/** A PermissionStatus of the camera; "prompt" until more is known. */
class CameraPermission extends EventTarget {
  name = "camera";
  /** @type {PermissionState} */
  state = "prompt";
  /** @type {((event: Event) => void) | null} */
  onchange = null;

  constructor() {
    super();
    this.addEventListener("change", (event) => this.onchange?.(event));
  }

  /** @param {PermissionState | undefined} state */
  learn(state) {
    if (state === undefined || state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}

const permission = new CameraPermission();

/** A camera was opened, or the system refused it. @param {"granted" | "denied"} state */
export function learnPermission(state) {
  permission.learn(state);
}

/**
 * The state of the permission. Never asks the user: macOS would at request_camera_permission, so there the state is what
 * the last opening of a camera told.
 *
 * @returns {Promise<PermissionStatus>}
 */
export async function queryCameraPermission() {
  if (!/Mac/.test(navigator.userAgent)) permission.learn(await systemState());
  return /** @type {any} */ (permission);
}

/** @returns {Promise<PermissionState | undefined>} */
async function systemState() {
  try {
    return STATES[(await invoke("request_camera_permission", {})).status];
  } catch {
    return undefined; // the app may not let this page ask; the last opening of a camera tells
  }
}
