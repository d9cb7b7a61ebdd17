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

import { CameraSession } from "./camera-session.js";
import { listen } from "./invoke.js";
import { makeElement } from "./make-stream.js";
import { Overlay, QualityBadge } from "./overlay.js";
import { QualityWatch } from "./quality.js";
import { Recovery } from "./recovery.js";
import { RpcError } from "./rpc-error.js";
import { readBoth, StatsReader } from "./stats-reader.js";
import { ViewStatus } from "./view-status.js";
import { WebrtcStream } from "./webrtc-stream.js";

/** @typedef {import("./contract.js").Events} Events */
/** @typedef {import("./view-status.js").ViewState} ViewState */

/**
 * @typedef {object} PlayerOptions
 * @property {"auto" | "webrtc" | "local"} [transport] auto: WebRTC if the webview supports it, else a local stream
 * @property {boolean} [mirror] exchange left and right, as in a mirror
 * @property {() => void} [onRetry] called by the button that is shown when the view has ended
 */

/** @typedef {import("./stream.js").StreamOptions & PlayerOptions} ShowCameraOptions */

/** Longer than the sidecar's own limit for connecting, 15 s, after which it reports the reason. */
const FIRST_FRAME_TIMEOUT_MS = 20_000;

const START_AGAIN = "Start the camera again.";
/** Chromium gathers no candidate at all, not even for the loopback interface, while no network interface is up. */
const NO_INTERFACE =
  "The browser found no network interface to use. Connect to any network, even one without the Internet, and try again.";

/** The last view's root in an element, which may show why that view ended. @type {WeakMap<Element, Element>} */
const lastRoots = new WeakMap();

/**
 * Show a camera in `element`. Resolves when the signalling is complete; the first frame follows (state "live"). Rejects
 * with an `RpcError` after releasing all resources. The element shows the error until a camera is shown there again.
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
 * changed; "quality" when `quality` has changed.
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

  #status = new ViewStatus((isChanged) => this.#onStatus(isChanged));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #firstFrameTimer;
  /** @type {Promise<void> | undefined} */
  #released;
  #options;
  #overlay = new Overlay();
  #badge = new QualityBadge();
  /** @type {CameraSession | undefined} */
  #session;
  /** @type {Recovery | undefined} */
  #recovery;
  /** @type {(() => void)[]} */
  #endings = [];
  /** @type {StatsReader | undefined} */
  #statsReader;
  /**
   * The handlers of frames, with the functions that unsubscribe them from the stream.
   *
   * @type {Map<import("./stream.js").FrameHandler, () => void>}
   */
  #frameHandlers = new Map();

  /** @param {ShowCameraOptions} options */
  constructor(options) {
    super();
    const { transport = "auto", mirror = false } = options;
    this.#options = options;
    this.transport = transport === "auto" ? ("RTCPeerConnection" in globalThis ? "webrtc" : "local") : transport;
    this.element = makeElement(this.transport);
    this.root.className = "camera-view";
    this.root.append(this.element, this.#badge.element, this.#overlay.element);
    this.mirror = mirror;
    this.#overlay.show({ title: "Starting the camera…" });
  }

  /** The id of the connection in the sidecar; "" while there is none. */
  get connectionId() {
    return this.#session?.connectionId ?? "";
  }

  get sessionId() {
    return this.#session?.sessionId ?? "";
  }

  get deviceId() {
    return this.#session?.deviceId ?? "";
  }

  /** @returns {ViewState} */
  get state() {
    return this.#status.state;
  }

  /** Why the picture stands still or has ended, for the user. */
  get reason() {
    return this.#status.reason;
  }

  /** Advice for the user, beside `reason`. */
  get hint() {
    return this.#status.hint;
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
    return this.#session?.stream.width ?? 0;
  }

  get height() {
    return this.#session?.stream.height ?? 0;
  }

  /** The codec of the pictures: "jpeg" where the webview cannot decode H.264. @type {"h264" | "jpeg"} */
  get codec() {
    return this.#session?.stream.codec ?? "h264";
  }

  /** Called once, by showCamera. */
  async start() {
    this.#options.signal?.throwIfAborted();
    const onPageHide = () => void this.stop();
    addEventListener("pagehide", onPageHide);
    this.#endings.push(() => removeEventListener("pagehide", onPageHide));
    this.#endings.push(listen("sidecar_state", (event) => this.#onSidecarState(event)));
    const watch = new QualityWatch(() => readBoth(this.#subject()), (quality) => this.#onQuality(quality));
    this.addEventListener("state", () => void watch.look()); // the quality may have changed with the state
    this.#endings.push(() => watch.end());
    await this.#open();
  }

  /** Close the connection and remove the view. With its last connection the sidecar releases the camera. */
  async stop() {
    this.root.remove();
    await this.#release();
  }

  /** Show why the start failed. @param {unknown} error */
  async fail(error) {
    const { message, data } = error instanceof RpcError ? error : new RpcError(0, String(error));
    this.#status.end(message, data.hint);
    if (this.#options.signal?.aborted) this.root.remove();
    await this.#release();
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
    this.#frameHandlers.set(handler, this.#session?.stream.onFrame(handler) ?? (() => {}));
    return () => {
      this.#frameHandlers.get(handler)?.();
      this.#frameHandlers.delete(handler);
    };
  }

  /** Start a session in the sidecar, and the stream that shows it. */
  async #open() {
    const session = (this.#session = new CameraSession(this.element, this.#options, this.#listener()));
    for (const handler of this.#frameHandlers.keys()) this.#frameHandlers.set(handler, session.stream.onFrame(handler));
    let isOpen = false;
    try {
      await session.start();
      this.#options.signal?.throwIfAborted();
      isOpen = true;
    } finally {
      if (!isOpen || this.#released) await this.#close(); // the session may have started after the view's end
    }
    if (this.#released) return;
    this.#firstFrameTimer = setTimeout(() => this.#onNoPicture(), FIRST_FRAME_TIMEOUT_MS);
    if (this.#status.hasPicture && !this.#status.isInterruptedBy("sidecar")) clearTimeout(this.#firstFrameTimer);
  }

  /** @returns {import("./camera-session.js").SessionListener} */
  #listener() {
    const status = this.#status;
    return {
      onSession: () => status.update(),
      onPicture: () => this.#onPicture(),
      onSize: () => void this.dispatchEvent(new Event("size")),
      onInterruption: (isInterrupted) => (isInterrupted ? status.interrupt("browser") : status.resume("browser")),
      onOver: (reason) => this.#end(reason, status.cameraHint ?? START_AGAIN),
      onLost: (reason) => void this.#recover(reason),
      onConnectionState: (event) => this.#onConnectionState(event),
      onCameraState: (event) => this.#onCameraState(event),
    };
  }

  /**
   * The view as the readers of statistics see it.
   *
   * @returns {import("./stats-reader.js").Subject}
   */
  #subject() {
    return {
      stream: () => this.#session?.stream,
      connectionId: () => this.connectionId,
      onFrame: (handler) => this.onFrame(handler),
    };
  }

  async #close() {
    clearTimeout(this.#firstFrameTimer);
    await this.#session?.close();
  }

  /** Release all resources but the elements on the page. */
  #release() {
    for (const end of this.#endings.splice(0)) end();
    this.#recovery?.stop();
    this.#status.freeze();
    this.#released ??= this.#close();
    if (this.element instanceof HTMLVideoElement) this.element.srcObject = null;
    return this.#released;
  }

  /**
   * The session is lost, possibly with its sidecar. The picture stands still until a new session shows it again.
   *
   * @param {string} reason
   */
  async #recover(reason) {
    if (this.#recovery || this.#released) return;
    const recovery = (this.#recovery = new Recovery());
    this.#status.interrupt("sidecar", reason);
    void this.#close(); // not awaited: the sidecar may not answer; a late picture of the old stream must not count as new
    try {
      await recovery.run(() => this.#open());
    } catch (error) {
      const known = error instanceof RpcError ? error : new RpcError(0, String(error));
      this.#end(known.message, known.data.hint || START_AGAIN);
    } finally {
      this.#recovery = undefined;
    }
  }

  #onPicture() {
    clearTimeout(this.#firstFrameTimer);
    if (!this.#status.hasPicture || this.#status.isInterrupted) this.#status.onPicture();
  }

  #onNoPicture() {
    const reason = `No picture arrived within ${FIRST_FRAME_TIMEOUT_MS / 1000} s.`;
    this.#end(reason, "Try again. A firewall may block the connection between this page and the camera service.");
  }

  /** @param {import("./quality.js").Quality | null} quality */
  #onQuality(quality) {
    this.quality = quality;
    this.#badge.show(quality);
    this.dispatchEvent(new Event("quality"));
  }

  /** @param {import("./invoke.js").ShellEvents["sidecar_state"]} event */
  #onSidecarState({ state, reason }) {
    if (state === "restarting") void this.#recover("The camera service is restarting.");
    else if (state === "running") this.#recovery?.hurry();
    else if (state !== "starting") this.#end(reason || "The camera service could not be restarted.", "Start the app again.");
  }

  /** @param {Events["connection_state"]} event */
  #onConnectionState({ state, reason }) {
    if (state === "failed" || state === "closed") this.#end(reason ?? "The connection ended.", this.#hintAfterFailure());
    else if (state === "disconnected") this.#status.interrupt("connection");
    else if (state === "reconnecting") this.#status.interrupt("connection", "The connection is interrupted. Reconnecting…");
    else this.#status.resume("connection");
  }

  #hintAfterFailure() {
    const stream = this.#session?.stream;
    const hasNoInterface = stream instanceof WebrtcStream && !stream.hasCandidate && !this.#status.hasPicture;
    return hasNoInterface ? NO_INTERFACE : START_AGAIN;
  }

  /** @param {Events["camera_state"]} event */
  #onCameraState({ state, reason, hint }) {
    if (state === "failed" || state === "stopped") this.#end(reason ?? "The camera stopped.", hint ?? START_AGAIN);
    else if (state === "lost" || state === "recovering") this.#status.interrupt("camera", reason, hint);
    else this.#status.resume("camera");
  }

  /**
   * @param {string} reason
   * @param {string} hint
   */
  #end(reason, hint) {
    this.#status.end(reason, hint);
    void this.#release();
  }

  /** @param {boolean} isChanged */
  #onStatus(isChanged) {
    const { state, reason, hint, hasPicture } = this.#status;
    const { onRetry } = this.#options;
    const action = onRetry && { label: hasPicture ? "Start again" : "Try again", run: onRetry };
    this.root.dataset.state = state;
    this.#overlay.showState(state, reason, hint, action);
    if (isChanged) this.dispatchEvent(new Event("state"));
  }
}
