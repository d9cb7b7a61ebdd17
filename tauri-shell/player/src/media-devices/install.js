/** Installs the sidecar's cameras on navigator.mediaDevices, so that pages and libraries find them unchanged. */

import { hasNativeWebrtc } from "../native-webrtc.js";
import { mediaDevices } from "./camera-devices.js";
import { queryCameraPermission } from "./camera-permission.js";
import { installImageCapture } from "./image-capture.js";
import { hasNativeGetUserMedia, isWebKitGtk } from "./native-devices.js";
import { defineOwn } from "./own-members.js";

/** @typedef {"always" | "when-missing" | "never"} Mode */

/** The undoing of the installation; undefined while there is none. @type {(() => void) | undefined} */
let undo;

/**
 * Install `getUserMedia`, `enumerateDevices`, `getSupportedConstraints`, `devicechange`, `ImageCapture` and the answer of
 * `permissions.query` for the camera. May run before the page's scripts. Returns the function that restores everything
 * exactly; tracks that were given out go on until they are stopped.
 *
 * @param {{mode?: Mode}} [options] when-missing: only where the webview has no getUserMedia that works
 * @returns {() => void}
 */
export function installMediaDevices({ mode = "always" } = {}) {
  if (!["always", "when-missing", "never"].includes(mode)) {
    throw new TypeError(`mode must be "always", "when-missing" or "never", not ${JSON.stringify(mode)}.`);
  }
  if (mode === "never" || (mode === "when-missing" && !isMissing())) return () => {};
  undo ??= install();
  return uninstall;
}

/** WebKitGTK without WebRTC has a getUserMedia that finds no camera. */
function isMissing() {
  return !hasNativeGetUserMedia() || (isWebKitGtk() && !hasNativeWebrtc());
}

function install() {
  const steps = [installOnNavigator(), installLegacy(), installPermission(), installImageCapture()];
  return () => {
    for (const step of steps.reverse()) step();
  };
}

function uninstall() {
  undo?.();
  undo = undefined;
}

function installOnNavigator() {
  const target = navigator.mediaDevices;
  if (!target) return defineOwn(navigator, { mediaDevices: { value: mediaDevices } }); // a page without a secure context
  const stop = mediaDevices.dispatchOn(target);
  const restore = defineOwn(target, {
    getUserMedia: { value: mediaDevices.getUserMedia.bind(mediaDevices) },
    enumerateDevices: { value: mediaDevices.enumerateDevices.bind(mediaDevices) },
    getSupportedConstraints: { value: mediaDevices.getSupportedConstraints.bind(mediaDevices) },
    addEventListener: { value: watchedListener(target) },
    ondevicechange: watchedHandler(target),
  });
  return () => {
    restore();
    stop();
  };
}

/**
 * The target's addEventListener, which starts the watch for cameras that come and go.
 *
 * @param {EventTarget} target
 */
function watchedListener(target) {
  const { addEventListener } = EventTarget.prototype;
  return function (/** @type {Parameters<typeof addEventListener>} */ ...given) {
    addEventListener.apply(target, given);
    if (given[0] === "devicechange") mediaDevices.watch();
  };
}

/** The target's own ondevicechange, with the same effect. @param {MediaDevices} target @returns {PropertyDescriptor} */
function watchedHandler(target) {
  const native = Object.getOwnPropertyDescriptor(MediaDevices.prototype, "ondevicechange");
  return {
    get: () => native?.get?.call(target) ?? null,
    set: (handler) => {
      native?.set?.call(target, handler);
      mediaDevices.watch();
    },
  };
}

/** Libraries of before 2017 look for getUserMedia on `navigator`, where webviews may still have it. */
function installLegacy() {
  const names = ["getUserMedia", "webkitGetUserMedia"].filter((name) => name in navigator);
  /**
   * @param {MediaStreamConstraints} constraints
   * @param {(stream: MediaStream) => void} onStream
   * @param {(error: unknown) => void} onError
   */
  const value = (constraints, onStream, onError) => void mediaDevices.getUserMedia(constraints).then(onStream, onError);
  return defineOwn(navigator, Object.fromEntries(names.map((name) => [name, { value }])));
}

function installPermission() {
  const { permissions } = navigator;
  if (!permissions) return () => {};
  const native = permissions.query.bind(permissions);
  /** @param {PermissionDescriptor} descriptor */
  const value = (descriptor) => (/** @type {string} */ (descriptor?.name) === "camera" ? queryCameraPermission() : native(descriptor));
  return defineOwn(permissions, { query: { value } });
}
