/** The track that all tracks of a camera are clones of. It stays through later sessions and new peers. */

import { makeElement } from "../make-stream.js";
import { hasNativeWebrtc } from "../native-webrtc.js";

/**
 * @typedef {object} BaseTrack
 * @property {HTMLVideoElement | HTMLCanvasElement} element the stream's element, which is not on the page
 * @property {Partial<import("../stream.js").StreamOptions>} options of the stream
 * @property {() => MediaStreamTrack | undefined} track undefined before the first session
 * @property {() => void} close
 */

/**
 * The receiver's track where the webview has WebRTC, else a track that captures the local stream's canvas.
 *
 * @returns {BaseTrack}
 */
export function makeBaseTrack() {
  return hasNativeWebrtc() ? receivedTrack() : capturedTrack();
}

/** @returns {BaseTrack} */
function receivedTrack() {
  const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  /** @type {MediaStreamTrack | undefined} */
  let track;
  connection.addEventListener("track", (event) => (track = event.track)); // the same one for each offer
  return { element: makeElement("webrtc"), options: { connection }, track: () => track, close: () => connection.close() };
}

/** @returns {BaseTrack} */
function capturedTrack() {
  const canvas = document.createElement("canvas");
  // A rate of 0: the painter passes each picture on. Without a rate WebKitGTK 2.50 stands still.
  const [track] = canvas.captureStream(0).getVideoTracks();
  const captureTrack = /** @type {CanvasCaptureMediaStreamTrack} */ (track);
  return { element: canvas, options: { captureTrack }, track: () => captureTrack, close: () => captureTrack.stop() };
}
