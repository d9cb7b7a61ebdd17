/**
 * A track of a camera: a MediaStreamTrack of the webview, whose own members tell of the camera and not of the connection
 * or the canvas that its pictures come from.
 */

import { copyConstraints, readConstraints } from "./constraints.js";
import { defineOwn } from "./own-members.js";

/** @typedef {import("./constraints.js").Constraints} Constraints */

/**
 * The camera behind its tracks.
 *
 * @typedef {object} TrackSource
 * @property {string} label
 * @property {string} sessionId of the sidecar
 * @property {HTMLCanvasElement | undefined} canvas with the newest picture; undefined over WebRTC
 * @property {boolean} isMuted
 * @property {() => MediaTrackSettings} settings
 * @property {() => MediaTrackCapabilities} capabilities
 * @property {(track: CameraTrack, constraints: Constraints) => Promise<void>} apply sets the track's `constraints`, too
 * @property {(native: MediaStreamTrack, given: unknown) => CameraTrack} adopt one more track, which counts
 * @property {(track: CameraTrack) => void} release the track was stopped
 */

/** @type {WeakMap<MediaStreamTrack, CameraTrack>} */
const cameraTracks = new WeakMap();

/** The camera's track behind one of the webview's. @param {MediaStreamTrack} native */
export function cameraTrackOf(native) {
  return cameraTracks.get(native);
}

export class CameraTrack {
  native;
  source;
  /** The constraints that were applied last. @type {Constraints} */
  constraints;
  /** The streams with this track, held as long as it is. @type {Set<MediaStream>} */
  streams = new Set();
  #given;
  #stopNative;

  /**
   * @param {MediaStreamTrack} native
   * @param {TrackSource} source
   * @param {unknown} given its constraints, as the page gave them
   */
  constructor(native, source, given) {
    this.native = native;
    this.source = source;
    this.constraints = readConstraints(given);
    this.#given = copyConstraints(given);
    this.#stopNative = native.stop.bind(native);
    const cloneNative = native.clone.bind(native);
    defineOwn(native, {
      label: { get: () => source.label },
      muted: { get: () => source.isMuted },
      getSettings: { value: () => source.settings() },
      getCapabilities: { value: () => source.capabilities() },
      getConstraints: { value: () => structuredClone(this.#given) },
      applyConstraints: { value: (/** @type {unknown} */ wanted) => this.#apply(wanted) },
      stop: { value: () => this.#stop() },
      clone: { value: () => this.#clone(cloneNative()) },
    });
    this.#silenceNativeEvents();
    cameraTracks.set(native, this);
  }

  get isLive() {
    return this.native.readyState === "live";
  }

  /** The camera delivers pictures again, or does not any more. */
  onMuted() {
    if (this.isLive) this.native.dispatchEvent(new Event(this.source.isMuted ? "mute" : "unmute"));
  }

  /** The camera has failed: the track ends, and says so. */
  end() {
    const wasLive = this.isLive;
    this.#stopNative();
    if (wasLive) this.native.dispatchEvent(new Event("ended"));
  }

  /** The page stops the track, which is no event (Media Capture and Streams, section 4.3). */
  #stop() {
    this.#stopNative();
    this.source.release(this);
  }

  /** @param {MediaStreamTrack} native */
  #clone(native) {
    native.enabled = this.native.enabled;
    if ("contentHint" in native) native.contentHint = this.native.contentHint;
    if (this.isLive) return this.source.adopt(native, this.#given).native;
    // The clone of a stopped canvas capture is live, and in WebKitGTK it cannot be stopped. It has no pictures.
    native.stop();
    defineOwn(native, { readyState: { get: () => "ended" } });
    return new CameraTrack(native, this.source, this.#given).native;
  }

  /** @param {unknown} wanted */
  async #apply(wanted) {
    const constraints = readConstraints(wanted);
    const given = copyConstraints(wanted);
    await this.source.apply(this, constraints);
    this.#given = given;
  }

  /** The webview's own events tell of its connection; those of the camera are dispatched by `end` and `onMuted`. */
  #silenceNativeEvents() {
    for (const name of ["mute", "unmute", "ended"]) {
      this.native.addEventListener(name, (event) => event.isTrusted && event.stopImmediatePropagation());
    }
  }
}
