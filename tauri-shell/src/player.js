/**
 * The public piece: a camera in an element of the page.
 *
 *     const view = await showCamera(document.querySelector("#camera"), { deviceId: "camera-0" });
 *     view.addEventListener("state", () => console.log(view.state, view.reason));
 *     await view.stop();
 */

import { CandidateQueue } from "./candidate-queue.js";
import { ConnectionEvents } from "./connection-events.js";
import { invoke, listen } from "./invoke.js";
import { isUnreachable } from "./rpc-error.js";
import { StatsReader } from "./stats-reader.js";

/** @typedef {import("./contract.js").Events} Events */

/**
 * @typedef {object} ShowCameraOptions
 * @property {string} deviceId
 * @property {import("./contract.js").IceServer[]} [iceServers] for both peers; none are needed on one machine
 * @property {import("./contract.js").RequestedFormat} [format]
 * @property {import("./contract.js").EncodingOptions} [encoding]
 * @property {import("./contract.js").PlayoutDelay} [playoutDelay]
 * @property {AbortSignal} [signal] gives up a start that is not wanted any more
 */

/**
 * connecting: no picture yet; live: the picture moves; interrupted: it stands still, and may come back by itself;
 * ended: it will not.
 *
 * @typedef {"connecting" | "live" | "interrupted" | "ended"} ViewState
 */

/** The sidecar gives a connection 15 s to come up and says why it did not; this is for a sidecar that says nothing. */
const FIRST_FRAME_TIMEOUT_MS = 20_000;

const START_AGAIN = "Start it again.";
/** Chromium offers no address at all, not even of this machine to itself, as long as no network interface is up. */
const NO_INTERFACE =
  "The browser found no network interface to use. Connect to any network, even one without the Internet, and try again.";

/**
 * Show a camera in `element`, as a `<video>` that fills it. Resolves when both sides know each other's description;
 * the first frame follows (state "live"). Rejects with an `RpcError`, everything released.
 *
 * @param {Element} element
 * @param {ShowCameraOptions} options
 * @returns {Promise<CameraView>}
 */
export async function showCamera(element, options) {
  const view = new CameraView(options);
  element.append(view.video);
  try {
    await view.start();
  } catch (error) {
    await view.stop();
    throw error;
  }
  return view;
}

/** A camera that is shown. Events: "state" when `state`, `reason` or `hint` changed; "size" when the video's did. */
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
  video = makeVideo();

  /** What holds the picture back just now. @type {Map<"camera" | "connection" | "browser", {reason: string, hint: string}>} */
  #interruptions = new Map();
  #hasPicture = false;
  #hasCandidate = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #firstFrameTimer;
  /** @type {Promise<void> | undefined} */
  #stopped;
  #options;
  #peer;
  #events;
  #candidates;
  /** @type {StatsReader | undefined} */
  #statsReader;

  /** @param {ShowCameraOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    this.#peer = new RTCPeerConnection({ iceServers: options.iceServers ?? [], bundlePolicy: "max-bundle" });
    this.#candidates = new CandidateQueue((candidate) => this.#addCandidate(candidate));
    this.#events = new ConnectionEvents(/** @type {any} */ (listen), {
      ice_candidate: ({ candidate }) => this.#candidates.push(candidate),
      connection_state: (event) => this.#onConnectionState(event),
      camera_state: (event) => this.#onCameraState(event),
    });
    this.#listenToPeer();
  }

  /** Signalling, in the order of the guide: the sidecar offers, the browser answers, both trickle. */
  async start() {
    const { signal, deviceId, iceServers = [], format, encoding, playoutDelay } = this.#options;
    signal?.throwIfAborted();
    const optional = { ...(format && { format }), ...(encoding && { encoding }), ...(playoutDelay && { playoutDelay }) };
    const offer = await invoke("start_camera_webrtc_session", { deviceId, iceServers, ...optional });
    this.connectionId = offer.connection_id;
    this.sessionId = offer.session_id;
    this.deviceId = offer.device_id;
    signal?.throwIfAborted();
    this.#events.identify(offer);
    await this.#peer.setRemoteDescription({ type: offer.sdp_type, sdp: offer.sdp });
    const opened = this.#candidates.open();
    await this.#peer.setLocalDescription();
    const sdp = this.#peer.localDescription?.sdp ?? "";
    await invoke("set_remote_description", { connectionId: this.connectionId, description: { type: "answer", sdp } });
    await opened;
    signal?.throwIfAborted();
    this.#firstFrameTimer = setTimeout(() => this.#onNoPicture(), FIRST_FRAME_TIMEOUT_MS);
    if (this.#hasPicture) clearTimeout(this.#firstFrameTimer);
  }

  /** Close the connection and take the video out of the page. The sidecar releases the camera when it was the last. */
  stop() {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** The figures of the time since the last call, from both ends; see stats-reader.js. */
  stats() {
    this.#statsReader ??= new StatsReader(this.#peer, this.connectionId);
    return this.#statsReader.read();
  }

  async #stop() {
    clearTimeout(this.#firstFrameTimer);
    this.#events.close();
    this.#peer.close();
    this.video.srcObject = null;
    this.video.remove();
    if (!this.connectionId) return;
    try {
      await invoke("close_connection", { connectionId: this.connectionId });
    } catch (error) {
      if (!isUnreachable(error)) console.warn("The connection could not be closed:", error);
    }
  }

  #listenToPeer() {
    this.#peer.addEventListener("track", ({ track, receiver }) => {
      // Browsers that do not know the playout-delay header extension take this instead; others ignore it.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = this.#options.playoutDelay?.minMs ?? 0;
      this.video.srcObject = new MediaStream([track]);
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => void this.#sendCandidate(candidate));
    this.#peer.addEventListener("connectionstatechange", () => this.#onPeerState(this.#peer.connectionState));
    this.video.addEventListener("resize", () => this.dispatchEvent(new Event("size")));
    this.video.addEventListener("loadeddata", () => this.#onFirstFrame());
  }

  /** @param {RTCIceCandidate | null} event */
  async #sendCandidate(event) {
    if (event?.candidate) this.#hasCandidate = true;
    const candidate = /** @type {import("./contract.js").IceCandidate | null} */ (event?.toJSON() ?? null);
    try {
      await invoke("add_ice_candidate", { connectionId: this.connectionId, candidate });
    } catch (error) {
      if (!this.#stopped && !isUnreachable(error)) console.warn("The sidecar did not take a candidate:", error);
    }
  }

  /** @param {import("./contract.js").IceCandidate | null} candidate */
  async #addCandidate(candidate) {
    if (!this.#stopped) await this.#peer.addIceCandidate(/** @type {RTCIceCandidateInit | null} */ (candidate));
  }

  #onFirstFrame() {
    clearTimeout(this.#firstFrameTimer);
    this.#hasPicture = true;
    this.#update();
  }

  #onNoPicture() {
    const seconds = FIRST_FRAME_TIMEOUT_MS / 1000;
    this.#end(`No picture came within ${seconds} s.`, "Try again; a firewall may keep this page from the sidecar.");
  }

  /** @param {Events["connection_state"]} event */
  #onConnectionState({ state, reason }) {
    if (state === "failed" || state === "closed") this.#end(reason ?? "The connection ended.", this.#hintAfterFailure());
    else if (state === "disconnected" || state === "reconnecting") this.#interrupt("connection", reason);
    else this.#resume("connection");
  }

  #hintAfterFailure() {
    return this.#hasPicture || this.#hasCandidate ? START_AGAIN : NO_INTERFACE;
  }

  /** @param {Events["camera_state"]} event */
  #onCameraState({ state, reason, hint }) {
    if (state === "failed" || state === "stopped") this.#end(reason ?? "The camera stopped.", hint ?? START_AGAIN);
    else if (state === "lost" || state === "recovering") this.#interrupt("camera", reason, hint);
    else this.#resume("camera");
  }

  /** @param {RTCPeerConnectionState} state */
  #onPeerState(state) {
    if (state === "failed") this.#end("The connection between the browser and the sidecar broke.", START_AGAIN);
    else if (state === "disconnected") this.#interrupt("browser", null);
    else if (state === "connected") this.#resume("browser");
  }

  /**
   * @param {"camera" | "connection" | "browser"} source
   * @param {string | null} reason
   * @param {string | null} [hint]
   */
  #interrupt(source, reason, hint) {
    const fallback = source === "camera" ? "The camera gives no pictures." : "The connection is interrupted.";
    this.#interruptions.set(source, { reason: reason ?? fallback, hint: hint ?? "It may come back by itself." });
    this.#update();
  }

  /** @param {"camera" | "connection" | "browser"} source */
  #resume(source) {
    this.#interruptions.delete(source);
    this.#update();
  }

  #update() {
    const [interruption] = this.#interruptions.values();
    if (!this.#hasPicture) this.#setState("connecting");
    else if (interruption) this.#setState("interrupted", interruption.reason, interruption.hint);
    else this.#setState("live");
  }

  /**
   * @param {string} reason
   * @param {string} hint
   */
  #end(reason, hint) {
    this.#setState("ended", reason, hint);
    void this.stop();
  }

  /**
   * @param {ViewState} state
   * @param {string} [reason]
   * @param {string} [hint]
   */
  #setState(state, reason = "", hint = "") {
    if (this.#stopped || (state === this.state && reason === this.reason)) return;
    Object.assign(this, { state, reason, hint });
    this.dispatchEvent(new Event("state"));
  }
}

/** WKWebView plays inline and by itself only what is muted and marked so. */
function makeVideo() {
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  return video;
}
