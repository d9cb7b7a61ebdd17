/** ImageCapture for cameras' tracks (W3C MediaStream Image Capture): photos are the camera's own pictures. */

import { takePhoto } from "../photo.js";
import { cameraTrackOf } from "./camera-track.js";
import { mediaError } from "./errors.js";
import { defineOwn } from "./own-members.js";

/** @typedef {import("./camera-track.js").CameraTrack} CameraTrack */

const SMALLEST_SIDE = 1; // pixels

/**
 * Let `new ImageCapture(track)` take the photos of cameras' tracks from the sidecar; other tracks keep the webview's own
 * class, where there is one. Returns the function that undoes this.
 */
export function installImageCapture() {
  const Native = globalThis.ImageCapture;
  const Own = makeClass(Native ?? TrackHolder);
  const value = new Proxy(Native ?? Own, {
    construct(target, [track, ...more], newTarget) {
      return cameraTrackOf(track) ? new Own(track) : Reflect.construct(target, [track, ...more], newTarget);
    },
  });
  return defineOwn(globalThis, { ImageCapture: { value, enumerable: false } });
}

/** The part of ImageCapture that a webview without it lacks. */
class TrackHolder {
  /** @param {MediaStreamTrack} track */
  constructor(track) {
    if (!(track instanceof MediaStreamTrack)) throw new TypeError("ImageCapture needs a MediaStreamTrack.");
    if (track.kind !== "video") throw new DOMException("ImageCapture needs a video track.", "NotSupportedError");
    this.track = track;
  }
}

/** @typedef {new (track: MediaStreamTrack) => {track: MediaStreamTrack}} Base */

/**
 * The class for cameras' tracks, on top of the webview's own.
 *
 * @param {Base} Base
 */
function makeClass(Base) {
  class CameraImageCapture extends Base {
    /** A photo, JPEG, in the size of `settings` or of the picture. @param {PhotoSettings} [settings] */
    async takePhoto(settings = {}) {
      const track = liveTrackOf(this.track);
      return photoOf(track, sizeOf(track, settings));
    }

    async getPhotoCapabilities() {
      const { width = 0, height = 0 } = liveTrackOf(this.track).source.settings();
      const [imageWidth, imageHeight] = [width, height].map((max) => ({ min: SMALLEST_SIDE, max, step: 1 }));
      return { imageWidth, imageHeight, redEyeReduction: "never", fillLightMode: [] };
    }

    async getPhotoSettings() {
      const { width = 0, height = 0 } = liveTrackOf(this.track).source.settings();
      return { imageWidth: width, imageHeight: height, redEyeReduction: false };
    }
  }
  if ("grabFrame" in Base.prototype) return CameraImageCapture;
  return class extends CameraImageCapture {
    /** The newest picture of the track. */
    async grabFrame() {
      return grabFrame(liveTrackOf(this.track));
    }
  };
}

/** @param {MediaStreamTrack} native */
function liveTrackOf(native) {
  const track = cameraTrackOf(native);
  if (!track) throw new DOMException("This webview takes pictures of cameras' tracks only.", "NotSupportedError");
  if (!track.isLive || native.muted) throw new DOMException("The track gives no pictures.", "InvalidStateError");
  return track;
}

/**
 * The size of a photo, which keeps the picture's proportions: no wider and no higher than this.
 *
 * @param {CameraTrack} track
 * @param {PhotoSettings} settings
 */
function sizeOf(track, { imageWidth, imageHeight, fillLightMode, redEyeReduction }) {
  const { width = 0, height = 0 } = track.source.settings();
  const isIn = (/** @type {number | undefined} */ side, /** @type {number} */ most) =>
    side === undefined || (side >= SMALLEST_SIDE && side <= most);
  if (fillLightMode !== undefined || redEyeReduction || !isIn(imageWidth, width) || !isIn(imageHeight, height)) {
    throw new DOMException("getPhotoCapabilities tells which photos this camera takes.", "NotSupportedError");
  }
  return {
    ...(imageWidth !== undefined && { width: Math.round(imageWidth) }),
    ...(imageHeight !== undefined && { height: Math.round(imageHeight) }),
  };
}

/**
 * @param {CameraTrack} track
 * @param {import("../photo.js").PhotoOptions} options
 */
async function photoOf({ source }, options) {
  try {
    return await takePhoto(source.sessionId, options);
  } catch (error) {
    throw mediaError(error);
  }
}

/** @param {CameraTrack} track */
async function grabFrame(track) {
  const { canvas } = track.source;
  if (!canvas) return createImageBitmap(await photoOf(track, { type: "image/png" })); // PNG: without the losses of JPEG
  const { width, height } = canvas;
  const frame = Object.assign(document.createElement("canvas"), { width, height });
  const context = frame.getContext("2d", { alpha: false }); // black, as the pictures of a disabled track are
  if (track.native.enabled) context?.drawImage(canvas, 0, 0);
  return createImageBitmap(frame);
}
