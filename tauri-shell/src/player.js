/**
 * The public piece: a camera in an element of the page.
 *
 *     const view = await showCamera(document.querySelector("#camera"), { deviceId: "camera-0" });
 *     view.addEventListener("state", () => console.log(view.state, view.reason));
 *     await view.stop();
 *
 * It fills the element. State and errors stand where the picture would be (overlay.js says how to change their looks).
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
 * @property {"auto" | "webrtc" | "local"} [transport] auto: WebRTC where the webview has it, else a local stream
 * @property {boolean} [mirror] left and right exchanged, as in a mirror
 * @property {() => void} [onRetry] a button for it stands under the reason when the picture has ended
 */

/** @typedef {import("./stream.js").StreamOptions & PlayerOptions} ShowCameraOptions */

/**
 * connecting: no picture yet; live: the picture moves; interrupted: it stands still, and may come back by itself;
 * ended: it will not.
 *
 * @typedef {"connecting" | "live" | "interrupted" | "ended"} ViewState
 */

/** @typedef {"camera" | "connection" | "browser" | "sidecar"} Source what can hold a picture back */

/** The sidecar gives a connection 15 s to come up and says why it did not; this is for a sidecar that says nothing. */
const FIRST_FRAME_TIMEOUT_MS = 20_000;

const START_AGAIN = "Start it again.";
/** Chromium offers no address at all, not even of this machine to itself, as long as no network interface is up. */
const NO_INTERFACE =
  "The browser found no network interface to use. Connect to any network, even one without the Internet, and try again.";

/** The view of an element that could not be started, or has ended by itself. @type {WeakMap<Element, Element>} */
const remains = new WeakMap();

/**
 * Show a camera in `element`. Resolves when both sides know each other; the first frame follows (state "live"). Rejects
 * with an `RpcError`, everything released; why stands in the element until a camera is shown there again.
 *
 * @param {Element} element
 * @param {ShowCameraOptions} options
 * @returns {Promise<CameraView>}
 */
export async function showCamera(element, options) {
  const view = new CameraView(options);
  remains.get(element)?.remove();
  remains.set(element, view.root);
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
 * A camera that is shown. Events: "state" when `state`, `reason` or `hint` changed; "size" when the picture's did;
 * "quality" when `quality` did.
 */
export class CameraView extends EventTarget {
  connectionId = "";
  sessionId = "";
  deviceId = "";
  /** @type {ViewState} */
  state = "connecting";
  /** why the picture stands still or ended, for a person to read */
  reason = "";
  /** what a person can do about it */
  hint = "";
  /** How good the picture is that comes, and why; null while nothing is shown. @type {import("./quality.js").Quality | null} */
  quality = null;
  /** What carries the picture. @type {"webrtc" | "local"} */
  transport;
  /** What shows it: a video over WebRTC, else a canvas. @type {HTMLVideoElement | HTMLCanvasElement} */
  element;
  /** All of it: `element` and what stands over it. */
  root = document.createElement("div");

  /** What holds the picture back just now. @type {Map<Source, {reason: string, hint: string}>} */
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
  /** Who is asked for figures. @type {import("./stats-reader.js").Subject} */
  #subject = {
    stream: () => this.#stream,
    connectionId: () => this.connectionId,
    onFrame: (handler) => this.onFrame(handler),
  };
  /** @type {StatsReader | undefined} */
  #statsReader;
  /** Those of whoever measures, across sessions. @type {Map<import("./stream.js").FrameHandler, () => void>} */
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

  /** Whether left and right are exchanged. */
  get mirror() {
    return this.root.hasAttribute("data-mirrored");
  }

  set mirror(isMirrored) {
    this.root.toggleAttribute("data-mirrored", isMirrored);
  }

  /** Of the picture, in pixels; 0 before there is one. */
  get width() {
    return this.#stream?.width ?? 0;
  }

  get height() {
    return this.#stream?.height ?? 0;
  }

  /** What the pictures come as: "jpeg" where the webview cannot decode H.264. @type {"h264" | "jpeg"} */
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
    this.addEventListener("state", () => void watch.look()); // it may just have become another
    this.#endings.push(() => watch.end());
    await this.#open();
  }

  /** Close the connection and leave the page. The sidecar releases the camera when it was the last. */
  async stop() {
    this.root.remove();
    await this.#release();
  }

  /** The start failed: show why. @param {unknown} error */
  async fail(error) {
    const { message, data } = error instanceof RpcError ? error : new RpcError(0, String(error));
    this.#setState("ended", message, data.hint);
    if (this.#options.signal?.aborted) this.root.remove();
    await this.#release();
  }

  /** The figures of the time since the last call, from both ends; see stats-reader.js. */
  stats() {
    if (!this.#statsReader) {
      const reader = (this.#statsReader = new StatsReader(this.#subject));
      this.#endings.push(() => reader.close());
    }
    return this.#statsReader.read();
  }

  /**
   * Hear of each frame that is shown. Returns the function that ends it.
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

  /** A session of the sidecar's and a stream of it. */
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
      if (!isOpen || this.#released) await this.#close(); // the session may have come after the end
    }
    if (this.#released) return;
    this.#firstFrameTimer = setTimeout(() => this.#onNoPicture(), FIRST_FRAME_TIMEOUT_MS);
    if (this.#hasPicture && !this.#interruptions.has("sidecar")) clearTimeout(this.#firstFrameTimer);
  }

  /** Let go of the session and its stream. */
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
      if (error instanceof RpcError && error.data.kind === "connection_not_found") return; // another sidecar's
      if (!isUnreachable(error)) console.warn("The connection could not be closed:", error);
    }
  }

  /** Let go of everything but what is shown. */
  #release() {
    for (const end of this.#endings.splice(0)) end();
    this.#recovery?.stop();
    this.#released ??= this.#close();
    if (this.element instanceof HTMLVideoElement) this.element.srcObject = null;
    return this.#released;
  }

  /**
   * The session is lost, and perhaps its sidecar: the picture stands still until another session shows it again.
   *
   * @param {string} reason
   */
  async #recover(reason) {
    if (this.#recovery || this.#released) return;
    const recovery = (this.#recovery = new Recovery());
    this.#interrupt("sidecar", reason);
    void this.#close(); // at once, or the old stream's last picture would count as the new one's; nobody may answer
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
    const seconds = FIRST_FRAME_TIMEOUT_MS / 1000;
    this.#end(`No picture came within ${seconds} s.`, "Try again; a firewall may keep this page from the sidecar.");
  }

  /** @param {import("./quality.js").Quality | null} quality */
  #onQuality(quality) {
    this.quality = quality;
    this.#badge.show(quality);
    this.dispatchEvent(new Event("quality"));
  }

  /** @param {import("./invoke.js").ShellEvents["sidecar_state"]} event */
  #onSidecarState({ state, reason }) {
    if (state === "restarting") void this.#recover("The camera service starts again.");
    else if (state === "running") this.#recovery?.hurry();
    else if (state !== "starting") this.#end(reason || "The camera service does not start again.", "Start the app again.");
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
    const isAlone = this.#stream instanceof WebrtcStream && !this.#stream.hasCandidate && !this.#hasPicture;
    return isAlone ? NO_INTERFACE : START_AGAIN;
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
    const fallback = source === "camera" ? "The camera gives no pictures." : "The connection is interrupted.";
    this.#interruptions.set(source, { reason: reason ?? fallback, hint: hint ?? "It may come back by itself." });
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
