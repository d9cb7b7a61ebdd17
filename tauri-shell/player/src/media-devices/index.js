/**
 * The sidecar's cameras as the web platform knows cameras: `installMediaDevices` puts them on navigator.mediaDevices, for
 * libraries that look there; `mediaDevices` has the same methods for pages that call them themselves.
 */

export { mediaDevices } from "./camera-devices.js";
export { installMediaDevices } from "./install.js";
