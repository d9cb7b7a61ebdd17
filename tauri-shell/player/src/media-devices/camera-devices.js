/** The cameras of the sidecar in the form of navigator.mediaDevices (W3C Media Capture and Streams). */

import { invoke, listen } from "../invoke.js";
import { RpcError } from "../rpc-error.js";
import { learnPermission } from "./camera-permission.js";
import { makeCameraStream } from "./camera-stream.js";
import { chooseAnother, chooseCamera } from "./choice.js";
import { copyConstraints, readConstraints, SUPPORTED } from "./constraints.js";
import { deviceInfo } from "./device-info.js";
import { isOverconstrained, mediaError } from "./errors.js";
import { nativeAudio, nativeAudioDevices } from "./native-devices.js";
import { holdSource } from "./sources.js";

/** The errors of the sidecar that refuse every camera. */
const REFUSALS = ["camera_permission_denied", "not_permitted"];

/** Event: "devicechange" when a camera came or went. */
export class CameraDevices extends EventTarget {
  /** @type {((event: Event) => void) | null} */
  #ondevicechange = null;
  #isWatching = false;
  /** @type {Set<EventTarget>} */
  #targets = new Set([this]);

  constructor() {
    super();
    super.addEventListener("devicechange", (event) => this.#ondevicechange?.(event));
  }

  get ondevicechange() {
    return this.#ondevicechange;
  }

  set ondevicechange(handler) {
    this.#ondevicechange = typeof handler === "function" ? handler : null;
    this.watch();
  }

  /**
   * @override
   * @param {string} type
   * @param {EventListenerOrEventListenerObject | null} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type === "devicechange") this.watch();
  }

  /**
   * Dispatch "devicechange" on another target as well. Returns the function that ends this.
   *
   * @param {EventTarget} target
   */
  dispatchOn(target) {
    this.#targets.add(target);
    return () => void this.#targets.delete(target);
  }

  /** Listen for cameras that come and go, from the first use on: a page without cameras needs no events. */
  watch() {
    if (this.#isWatching) return;
    try {
      listen("cameras_changed", () => this.#onCamerasChanged());
      this.#isWatching = true;
    } catch (error) {
      console.info("No camera events yet; the next call listens again:", error); // an app may name its carrier later
    }
  }

  /**
   * A stream with a track of the camera that fits the constraints best, and the webview's own audio if it is asked for.
   * Rejects with a TypeError, an OverconstrainedError or a DOMException named as the W3C's specification names it.
   *
   * @param {MediaStreamConstraints} [constraints]
   * @returns {Promise<MediaStream>}
   */
  async getUserMedia({ video = false, audio = false } = {}) {
    if (!video && !audio) throw new TypeError("At least one of audio and video must be requested.");
    const read = video && readConstraints(video);
    const given = read && copyConstraints(video); // the page may change its object before the camera is open
    const audioTracks = audio ? await nativeAudio(audio) : [];
    try {
      const track = read ? [await this.#openTrack(read, given)] : [];
      return makeCameraStream([...audioTracks, ...track]);
    } catch (error) {
      for (const track of audioTracks) track.stop();
      throw mediaError(error);
    }
  }

  /**
   * The webview's audio devices, and the cameras with their names.
   *
   * @returns {Promise<MediaDeviceInfo[]>}
   */
  async enumerateDevices() {
    this.watch();
    const [audio, cameras] = await Promise.all([nativeAudioDevices(), listCameras()]);
    return [...audio, ...cameras.map(deviceInfo)];
  }

  /** @returns {MediaTrackSupportedConstraints} */
  getSupportedConstraints() {
    return Object.fromEntries(SUPPORTED.map((name) => [name, true]));
  }

  /**
   * A track of the best camera that fulfils the constraints. What a camera without listed formats can have is known when it
   * is open.
   *
   * @param {import("./constraints.js").Constraints} constraints
   * @param {unknown} given
   */
  async #openTrack(constraints, given) {
    this.watch();
    const cameras = await listCameras();
    /** @type {string[]} */
    const failed = [];
    let candidate = chooseCamera(cameras, constraints);
    for (;;) {
      try {
        return await this.#openCandidate(candidate, constraints, given);
      } catch (error) {
        failed.push(candidate.camera.device_id);
        const next = isOverconstrained(error) && chooseAnother(cameras, constraints, failed);
        if (!next) throw error;
        candidate = next;
      }
    }
  }

  /**
   * Rejects with an OverconstrainedError when the camera lists no formats and its own does not fulfil the constraints.
   *
   * @param {import("./settings.js").Candidate} candidate
   * @param {import("./constraints.js").Constraints} constraints
   * @param {unknown} given
   */
  async #openCandidate(candidate, constraints, given) {
    const source = await holdSource(candidate).catch(refused);
    try {
      learnPermission("granted");
      return await source.addTrack(constraints, given);
    } finally {
      source.unhold();
    }
  }

  #onCamerasChanged() {
    for (const target of this.#targets) target.dispatchEvent(new Event("devicechange"));
  }
}

/** The cameras of this page's sidecar, for pages that do not install them on `navigator`. */
export const mediaDevices = new CameraDevices();

async function listCameras() {
  try {
    return (await invoke("get_available_cameras")).cameras;
  } catch (error) {
    throw mediaError(error);
  }
}

/** @param {unknown} error @returns {never} */
function refused(error) {
  // A source that the command line does not allow says nothing of the others.
  if (error instanceof RpcError && REFUSALS.includes(error.data.kind)) learnPermission("denied");
  throw mediaError(error);
}
