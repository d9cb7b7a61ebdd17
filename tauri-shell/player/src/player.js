/**
 * The public interface: a camera in an element of the page.
 *
 *     const view = await showCamera(document.querySelector("#camera"), { deviceId: "camera-0" });
 *     view.addEventListener("state", () => console.log(view.state, view.reason));
 *     await view.stop();
 *
 * The view fills the element. Its state and errors are shown in place of the picture; overlay.js describes how to change
 * their looks.
 */

import { LiveCamera } from "./live-camera.js";
import { makeElement } from "./make-stream.js";
import { hasNativeWebrtc } from "./native-webrtc.js";
import { Overlay, QualityBadge } from "./overlay.js";
import { takePhoto } from "./photo.js";
import { QualityWatch } from "./quality.js";
import { readBoth, StatsReader } from "./stats-reader.js";

/** @typedef {import("./view-status.js").ViewState} ViewState */

/**
 * @typedef {object} PlayerOptions
 * @property {"auto" | "webrtc" | "local"} [transport] auto: WebRTC if the webview supports it, else a local stream
 * @property {boolean} [mirror] exchange left and right, as in a mirror
 * @property {() => void} [onRetry] called by the button that is shown when the view has ended
 */

/** @typedef {import("./stream.js").StreamOptions & PlayerOptions} ShowCameraOptions */

/** The last view's root in an element, which may show why that view ended. @type {WeakMap<Element, Element>} */
const lastRoots = new WeakMap();

/**
 * Show a camera in `element`. Resolves when the signalling is complete; the first frame follows (state "live"). Rejects
 * with an `RpcError` after releasing all resources. The element shows the error until a camera is shown there again.
 * An aborted `signal` stops the view at any time; before the start is complete, the promise rejects with its reason.
 *
 * @param {Element} element
 * @param {ShowCameraOptions} options
 * @returns {Promise<CameraView>}
 */
export async function showCamera(element, options) {
  const view = new CameraView(options);
  lastRoots.get(element)?.remove();
  lastRoots.set(element, view.root);
  element.append(view.root);
  try {
    await view.start();
  } catch (error) {
    await view.fail(error);
    throw error;
  }
  return view;
}

/**
 * A camera on the page. Events: "state" when `state`, `reason` or `hint` has changed; "size" when the picture's size has
 * changed; "format" when `format` has changed; "quality" when `quality` has changed.
 */
export class CameraView extends EventTarget {
  /** The quality of the picture and its cause; null without evidence. @type {import("./quality.js").Quality | null} */
  quality = null;
  /** The transport of the picture. @type {"webrtc" | "local"} */
  transport;
  /** The element with the picture: a video for WebRTC, else a canvas. @type {HTMLVideoElement | HTMLCanvasElement} */
  element;
  /** The view's outer element, with `element` and the overlays in it. */
  root = document.createElement("div");

  #options;
  #overlay = new Overlay();
  #badge = new QualityBadge();
  #camera;
  /** @type {(() => void)[]} */
  #endings = [];
  /** @type {StatsReader | undefined} */
  #statsReader;

  /** @param {ShowCameraOptions} options */
  constructor(options) {
    super();
    const { transport = "auto", mirror = false } = options;
    this.#options = options;
    this.transport = transport === "auto" ? (hasNativeWebrtc() ? "webrtc" : "local") : transport;
    this.element = makeElement(this.transport);
    this.root.className = "camera-view";
    this.root.append(this.element, this.#badge.element, this.#overlay.element);
    this.mirror = mirror;
    this.#camera = new LiveCamera(this.element, options, {
      onStatus: (isChanged) => this.#onStatus(isChanged),
      onSize: () => void this.dispatchEvent(new Event("size")),
      onFormat: () => void this.dispatchEvent(new Event("format")),
    });
    this.#overlay.show({ title: "Starting the camera…" });
  }

  /** The id of the connection in the sidecar; "" while there is none. */
  get connectionId() {
    return this.#camera.session?.connectionId ?? "";
  }

  get sessionId() {
    return this.#camera.session?.sessionId ?? "";
  }

  get deviceId() {
    return this.#camera.session?.deviceId ?? "";
  }

  /** @returns {ViewState} */
  get state() {
    return this.#camera.status.state;
  }

  /** Why the picture stands still or has ended, for the user. */
  get reason() {
    return this.#camera.status.reason;
  }

  /** Advice for the user, beside `reason`. */
  get hint() {
    return this.#camera.status.hint;
  }

  /** Whether the picture is mirrored. */
  get mirror() {
    return this.root.hasAttribute("data-mirrored");
  }

  set mirror(isMirrored) {
    this.root.toggleAttribute("data-mirrored", isMirrored);
  }

  /** The width of the picture, in pixels; 0 before the first one. */
  get width() {
    return this.#camera.session?.stream.width ?? 0;
  }

  get height() {
    return this.#camera.session?.stream.height ?? 0;
  }

  /**
   * The camera's format. A smaller picture than this may be shown for a while: on a narrow link its size falls, too.
   * Null before the start.
   */
  get format() {
    return this.#camera.format;
  }

  /** The codec of the pictures: "jpeg" where the webview cannot decode H.264. @type {"h264" | "jpeg"} */
  get codec() {
    return this.#camera.session?.stream.codec ?? "h264";
  }

  /** Called once, by showCamera. */
  async start() {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const stop = () => void this.stop();
    addEventListener("pagehide", stop);
    signal?.addEventListener("abort", stop);
    this.#endings.push(() => removeEventListener("pagehide", stop), () => signal?.removeEventListener("abort", stop));
    const watch = new QualityWatch(() => readBoth(this.#subject()), (quality) => this.#onQuality(quality));
    this.addEventListener("state", () => void watch.look()); // the quality may have changed with the state
    this.#endings.push(() => watch.end());
    await this.#camera.start();
  }

  /**
   * Close the connection and remove the view. With its last connection the sidecar releases the camera. A view that was
   * stopped stays so; further calls wait for the same end.
   */
  async stop() {
    this.root.remove();
    await this.#release();
  }

  /** Show why the start failed. @param {unknown} error */
  async fail(error) {
    this.#camera.fail(error);
    if (this.#options.signal?.aborted) this.root.remove();
    await this.#release();
  }

  /**
   * Change size and frame rate of the camera, for all of its viewers. Without a size the size stays, without a rate the
   * rate. Resolves with the format that the camera then has. Rejects with an `RpcError`, which changes nothing.
   *
   * @param {import("./contract.js").RequestedFormat} format
   */
  setFormat(format) {
    return this.#camera.setFormat(format);
  }

  /**
   * Take a photo of the next picture that the camera captures, before any encoding. Rejects with an `RpcError`.
   *
   * @param {import("./photo.js").PhotoOptions} [options]
   */
  takePhoto(options) {
    return takePhoto(this.sessionId, options);
  }

  /** The figures since the last call, from both ends; see stats-reader.js. */
  stats() {
    if (!this.#statsReader) {
      const reader = (this.#statsReader = new StatsReader(this.#subject()));
      this.#endings.push(() => reader.close());
    }
    return this.#statsReader.read();
  }

  /**
   * Call the handler for each frame shown. Returns the function that unsubscribes.
   *
   * @param {import("./stream.js").FrameHandler} handler
   */
  onFrame(handler) {
    return this.#camera.onFrame(handler);
  }

  /**
   * The view as the readers of statistics see it.
   *
   * @returns {import("./stats-reader.js").Subject}
   */
  #subject() {
    return {
      stream: () => this.#camera.session?.stream,
      connectionId: () => this.connectionId,
      onFrame: (handler) => this.onFrame(handler),
    };
  }

  /** Release all resources but the elements on the page. */
  #release() {
    for (const end of this.#endings.splice(0)) end();
    return this.#camera.close();
  }

  /** @param {import("./quality.js").Quality | null} quality */
  #onQuality(quality) {
    this.quality = quality;
    this.#badge.show(quality);
    this.dispatchEvent(new Event("quality"));
  }

  /** @param {boolean} isChanged */
  #onStatus(isChanged) {
    const { state, reason, hint, hasPicture } = this.#camera.status;
    const { onRetry } = this.#options;
    const action = onRetry && { label: hasPicture ? "Start again" : "Try again", run: onRetry };
    this.root.dataset.state = state;
    this.#overlay.showState(state, reason, hint, action);
    if (isChanged) this.dispatchEvent(new Event("state"));
    if (state === "ended") void this.#release();
  }
}
