/**
 * The entry of the package: cameras of the sidecar on a page.
 *
 * `showCamera` shows one; `invoke` and `listen` reach all of the sidecar's methods and events. In a Tauri app the calls
 * go through its plugin; elsewhere `useCarrier` names another transport, such as `openSocketCarrier`.
 */

export { openSocketCarrier } from "./carriers/websocket.js";
export { invoke, listen, useCarrier } from "./invoke.js";
export { installMediaDevices, mediaDevices } from "./media-devices/index.js";
export { describeQuality } from "./overlay.js";
export { CameraView, showCamera } from "./player.js";
export { RpcError } from "./rpc-error.js";

/** @typedef {import("./contract.js").Camera} Camera */
/** @typedef {import("./contract.js").CameraFormat} CameraFormat */
/** @typedef {import("./contract.js").ConnectionStats} ConnectionStats */
/** @typedef {import("./contract.js").Events} Events */
/** @typedef {import("./contract.js").Methods} Methods */
/** @typedef {import("./invoke.js").Carrier} Carrier */
/** @typedef {import("./invoke.js").ShellEvents} ShellEvents */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */
/** @typedef {import("./photo.js").PhotoOptions} PhotoOptions */
/** @typedef {import("./player.js").ShowCameraOptions} ShowCameraOptions */
/** @typedef {import("./quality.js").Quality} Quality */
/** @typedef {import("./stats-reader.js").ViewStats} ViewStats */
/** @typedef {import("./view-status.js").ViewState} ViewState */
