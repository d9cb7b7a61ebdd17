/** Creates the stream of a transport, and the element that shows its picture. */

import { LocalStream } from "./local-stream.js";
import { WebrtcStream } from "./webrtc-stream.js";

/** @param {"webrtc" | "local"} transport */
export function makeElement(transport) {
  return transport === "webrtc" ? makeVideo() : document.createElement("canvas");
}

/**
 * @param {HTMLVideoElement | HTMLCanvasElement} element
 * @param {import("./stream.js").StreamOptions} options
 * @param {import("./stream.js").StreamListener} listener
 * @returns {import("./stream.js").Stream}
 */
export function makeStream(element, options, listener) {
  if (element instanceof HTMLVideoElement) return new WebrtcStream(element, options, listener);
  return new LocalStream(element, options, listener);
}

/** WKWebView plays a video inline and without a click only when it is muted and has these attributes. */
function makeVideo() {
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  return video;
}
