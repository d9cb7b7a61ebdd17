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

import { ConnectionEvents } from "./connection-events.js";
import { invoke, listen } from "./invoke.js";
import { makeElement, makeStream } from "./make-stream.js";
import { Overlay, QualityBadge } from "./overlay.js";
import { Recovery } from "./recovery.js";
import { isUnreachable, RpcError } from "./rpc-error.js";
import { QualityWatch } from "./quality.js";
import { readBoth, StatsReader } from "./stats-reader.js";
import { WebrtcStream } from "./webrtc-stream.js";

/** @typedef {import("./contract.js").Events} Events */
/** @typedef {import("./stream.js").Stream} Stream */

/**
 * @typedef {object} PlayerOptions
 * @property {"auto" | "webrtc" | "local"} [transport] auto: WebRTC if the webview supports it, else a local stream
 * @property {boolean} [mirror] exchange left and right, as in a mirror
 * @property {() => void} [onRetry] called by the button that is shown when the view has ended
 */

/** @typedef {import("./stream.js").StreamOptions & PlayerOptions} ShowCameraOptions */

/**
 * connecting: no picture yet; live: the picture moves; interrupted: the picture stands still, and may recover by itself;
 * ended: the view does not recover.
 *
 * @typedef {"connecting" | "live" | "interrupted" | "ended"} ViewState
 */

/** The origin of an interruption. @typedef {"camera" | "connection" | "browser" | "sidecar"} Source */

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
  connectionId = "";
  sessionId = "";
  deviceId = "";
  /** @type {ViewState} */
  state = "connecting";
  /** why the picture stands still or has ended, for the user */
  reason = "";
  /** advice for the user */
  hint = "";
  /** The quality of the picture and its cause; null without evidence. @type {import("./quality.js").Quality | null} */
  quality = null;
  /** The transport of the picture. @type {"webrtc" | "local"} */
  transport;
  /** The element with the picture: a video for WebRTC, else a canvas. @type {HTMLVideoElement | HTMLCanvasElement} */
  element;
  /** The view's outer element, with `element` and the overlays in it. */
  root = document.createElement("div");

  /** The current interruptions, by origin. @type {Map<Source, {reason: string, hint: string}>} */
  #interruptions = new Map();
  #hasPicture = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #firstFrameTimer;
  /** @type {Promise<void> | undefined} */
  #released;
  #options;
  #overlay = new Overlay();
  #badge = new QualityBadge();
  /** @type {Stream | undefined} */
  #stream;
  /** @type {ConnectionEvents | undefined} */
  #events;
  /** @type {Recovery | undefined} */
  #recovery;
  /** @type {(() => void)[]} */
  #endings = [];
  /** The view as the readers of statistics see it. @type {import("./stats-reader.js").Subject} */
  #subject = {
    stream: () => this.#stream,
    connectionId: () => this.connectionId,
    onFrame: (handler) => this.onFrame(handler),
  };
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

  /** Whether the picture is mirrored. */
  get mirror() {
    return this.root.hasAttribute("data-mirrored");
  }

  set mirror(isMirrored) {
    this.root.toggleAttribute("data-mirrored", isMirrored);
  }

  /** The width of the picture, in pixels; 0 before the first one. */
  get width() {
    return this.#stream?.width ?? 0;
  }

  get height() {
    return this.#stream?.height ?? 0;
  }

  /** The codec of the pictures: "jpeg" where the webview cannot decode H.264. @type {"h264" | "jpeg"} */
  get codec() {
    return this.#stream?.codec ?? "h264";
  }

  /** Called once, by showCamera. */
  async start() {
    this.#options.signal?.throwIfAborted();
    const onPageHide = () => void this.stop();
    addEventListener("pagehide", onPageHide);
    this.#endings.push(() => removeEventListener("pagehide", onPageHide));
    this.#endings.push(listen("sidecar_state", (event) => this.#onSidecarState(event)));
    const watch = new QualityWatch(() => readBoth(this.#subject), (quality) => this.#onQuality(quality));
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
    this.#setState("ended", message, data.hint);
    if (this.#options.signal?.aborted) this.root.remove();
    await this.#release();
  }

  /** The figures since the last call, from both ends; see stats-reader.js. */
  stats() {
    if (!this.#statsReader) {
      const reader = (this.#statsReader = new StatsReader(this.#subject));
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
    this.#frameHandlers.set(handler, this.#stream?.onFrame(handler) ?? (() => {}));
    return () => {
      this.#frameHandlers.get(handler)?.();
      this.#frameHandlers.delete(handler);
    };
  }

  /** Start a session in the sidecar, and the stream that shows it. */
  async #open() {
    /** @type {import("./stream.js").StreamListener} */
    const listener = {
      onSession: (session) => this.#onSession(session),
      onPicture: () => this.#onPicture(),
      onSize: () => void this.dispatchEvent(new Event("size")),
      onInterruption: (isInterrupted) => (isInterrupted ? this.#interrupt("browser") : this.#resume("browser")),
      onOver: (reason) => this.#end(reason, this.#interruptions.get("camera")?.hint ?? START_AGAIN),
      onLost: (reason) => void this.#recover(reason),
    };
    const stream = (this.#stream = makeStream(this.element, this.#options, listener));
    this.#events = new ConnectionEvents(/** @type {any} */ (listen), {
      ice_candidate: ({ candidate, generation }) => stream.addCandidate(candidate, generation),
      renegotiation_offer: (offer) => stream.renegotiate(offer),
      connection_state: (event) => this.#onConnectionState(event),
      camera_state: (event) => this.#onCameraState(event),
    });
    for (const handler of this.#frameHandlers.keys()) this.#frameHandlers.set(handler, stream.onFrame(handler));
    let isOpen = false;
    try {
      await stream.start();
      this.#options.signal?.throwIfAborted();
      isOpen = true;
    } finally {
      if (!isOpen || this.#released) await this.#close(); // the session may have started after the view's end
    }
    if (this.#released) return;
    this.#firstFrameTimer = setTimeout(() => this.#onNoPicture(), FIRST_FRAME_TIMEOUT_MS);
    if (this.#hasPicture && !this.#interruptions.has("sidecar")) clearTimeout(this.#firstFrameTimer);
  }

  /** Close the session and its stream. */
  async #close() {
    const connectionId = this.connectionId;
    clearTimeout(this.#firstFrameTimer);
    this.#events?.close();
    this.#stream?.close();
    this.connectionId = "";
    if (!connectionId) return;
    try {
      await invoke("close_connection", { connectionId });
    } catch (error) {
      if (error instanceof RpcError && error.data.kind === "connection_not_found") return; // of a sidecar that was restarted
      if (!isUnreachable(error)) console.warn("The connection could not be closed:", error);
    }
  }

  /** Release all resources but the elements on the page. */
  #release() {
    for (const end of this.#endings.splice(0)) end();
    this.#recovery?.stop();
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
    this.#interrupt("sidecar", reason);
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

  /** @param {import("./stream.js").Session} session */
  #onSession(session) {
    this.connectionId = session.connection_id;
    this.sessionId = session.session_id;
    this.deviceId = session.device_id;
    this.#events?.identify(session);
    this.#update();
  }

  #onPicture() {
    clearTimeout(this.#firstFrameTimer);
    if (this.#hasPicture && !this.#interruptions.size) return;
    this.#hasPicture = true;
    this.#resume("sidecar");
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
  #onConnectionState(event) {
    const { state, reason } = event;
    this.#stream?.onConnectionState(event);
    if (state === "failed" || state === "closed") this.#end(reason ?? "The connection ended.", this.#hintAfterFailure());
    else if (state === "disconnected") this.#interrupt("connection");
    else if (state === "reconnecting") this.#interrupt("connection", "The connection is interrupted. Reconnecting…");
    else this.#resume("connection");
  }

  #hintAfterFailure() {
    const hasNoInterface = this.#stream instanceof WebrtcStream && !this.#stream.hasCandidate && !this.#hasPicture;
    return hasNoInterface ? NO_INTERFACE : START_AGAIN;
  }

  /** @param {Events["camera_state"]} event */
  #onCameraState({ state, reason, hint }) {
    if (state === "failed" || state === "stopped") this.#end(reason ?? "The camera stopped.", hint ?? START_AGAIN);
    else if (state === "lost" || state === "recovering") this.#interrupt("camera", reason, hint);
    else this.#resume("camera");
  }

  /**
   * @param {Source} source
   * @param {string | null} [reason]
   * @param {string | null} [hint]
   */
  #interrupt(source, reason, hint) {
    const fallback = source === "camera" ? "The camera delivers no pictures." : "The connection is interrupted.";
    this.#interruptions.set(source, { reason: reason ?? fallback, hint: hint ?? "It may recover by itself." });
    this.#update();
  }

  /** @param {Source} source */
  #resume(source) {
    this.#interruptions.delete(source);
    this.#update();
  }

  #update() {
    const [interruption] = this.#interruptions.values();
    if (!this.#hasPicture) this.#setState("connecting", interruption?.reason, interruption?.hint);
    else if (interruption) this.#setState("interrupted", interruption.reason, interruption.hint);
    else this.#setState("live");
  }

  /**
   * @param {string} reason
   * @param {string} hint
   */
  #end(reason, hint) {
    this.#setState("ended", reason, hint);
    void this.#release();
  }

  /**
   * @param {ViewState} state
   * @param {string} [reason]
   * @param {string} [hint]
   */
  #setState(state, reason = "", hint = "") {
    if (this.#released) return;
    this.root.dataset.state = state;
    const { onRetry } = this.#options;
    const action = onRetry && { label: this.#hasPicture ? "Start again" : "Try again", run: onRetry };
    this.#overlay.showState(state, reason, hint, action);
    if (state === this.state && reason === this.reason) return;
    Object.assign(this, { state, reason, hint });
    this.dispatchEvent(new Event("state"));
  }
}
