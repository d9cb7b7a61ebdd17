/** The sidecar's picture over WebRTC, in a video element. */

import { CandidateQueue } from "./candidate-queue.js";
import { CaptureClock } from "./capture-clock.js";
import { invoke } from "./invoke.js";
import { isUnreachable } from "./rpc-error.js";
import { countersOf } from "./stats-reader.js";

/** @typedef {import("./stream.js").Stream} Stream */
/** @typedef {import("./contract.js").IceCandidate} IceCandidate */

/** @implements {Stream} */
export class WebrtcStream {
  element;
  codec = /** @type {const} */ ("h264");
  /** Whether the browser found an address of its own. */
  hasCandidate = false;

  #connectionId = "";
  #closed = false;
  #options;
  #listener;
  #peer;
  #candidates;
  #captureClock = new CaptureClock();

  /**
   * @param {HTMLVideoElement} video
   * @param {import("./stream.js").StreamOptions} options
   * @param {import("./stream.js").StreamListener} listener
   */
  constructor(video, options, listener) {
    this.element = video;
    this.#options = options;
    this.#listener = listener;
    const iceServers = /** @type {RTCIceServer[]} */ (options.iceServers ?? []);
    this.#peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#candidates = new CandidateQueue((candidate) => this.#addCandidate(candidate));
    this.#listenToPeer();
  }

  get width() {
    return this.element.videoWidth;
  }

  get height() {
    return this.element.videoHeight;
  }

  /** Signalling, in the order of the guide: the sidecar offers, the browser answers, both trickle. */
  async start() {
    const { signal, deviceId, iceServers = [], format, encoding, playoutDelay } = this.#options;
    const optional = { ...(format && { format }), ...(encoding && { encoding }), ...(playoutDelay && { playoutDelay }) };
    const offer = await invoke("start_camera_webrtc_session", { deviceId, iceServers, ...optional });
    this.#connectionId = offer.connection_id;
    this.#listener.onSession(offer);
    signal?.throwIfAborted();
    await this.#peer.setRemoteDescription({ type: offer.sdp_type, sdp: offer.sdp });
    const opened = this.#candidates.open();
    await this.#peer.setLocalDescription();
    const sdp = this.#peer.localDescription?.sdp ?? "";
    await invoke("set_remote_description", { connectionId: this.#connectionId, description: { type: "answer", sdp } });
    await opened;
  }

  close() {
    this.#closed = true;
    this.#peer.close();
  }

  /** @param {IceCandidate | null} candidate */
  addCandidate(candidate) {
    this.#candidates.push(candidate);
  }

  async counters() {
    return countersOf([...(await this.#peer.getStats()).values()]);
  }

  /** @param {import("./capture-clock.js").ClockReading} reading */
  setClock(reading) {
    this.#captureClock.learn(reading);
  }

  /** @param {import("./stream.js").FrameHandler} handler */
  onFrame(handler) {
    /** @type {VideoFrameRequestCallback} */
    const onFrame = (_, metadata) => {
      const shownAt = performance.now();
      request = this.element.requestVideoFrameCallback(onFrame);
      handler(shownAt, this.#timesOf(metadata, shownAt));
    };
    let request = this.element.requestVideoFrameCallback(onFrame);
    return () => this.element.cancelVideoFrameCallback(request);
  }

  /**
   * @param {VideoFrameCallbackMetadata} metadata
   * @param {number} now
   * @returns {import("./latency-meter.js").FrameTimes}
   */
  #timesOf({ captureTime, receiveTime, rtpTimestamp, processingDuration, presentationTime }, now) {
    return {
      capturedAt: captureTime ?? this.#captureClock.capturedAt(rtpTimestamp, now),
      sentAt: null,
      receivedAt: receiveTime ?? null,
      decodeMs: processingDuration === undefined ? null : 1000 * processingDuration,
      readyAt: presentationTime,
    };
  }

  #listenToPeer() {
    const { element, playoutDelay } = { element: this.element, ...this.#options };
    this.#peer.addEventListener("track", ({ track, receiver }) => {
      // Browsers that do not know the playout-delay header extension take this instead; others ignore it.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = playoutDelay?.minMs ?? 0;
      element.srcObject = new MediaStream([track]);
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => void this.#sendCandidate(candidate));
    this.#peer.addEventListener("connectionstatechange", () => this.#onPeerState(this.#peer.connectionState));
    element.onresize = () => !this.#closed && this.#listener.onSize();
    element.onloadeddata = () => !this.#closed && this.#listener.onPicture();
  }

  /** @param {RTCIceCandidate | null} event */
  async #sendCandidate(event) {
    if (event?.candidate) this.hasCandidate = true;
    const candidate = /** @type {IceCandidate | null} */ (event?.toJSON() ?? null);
    try {
      await invoke("add_ice_candidate", { connectionId: this.#connectionId, candidate });
    } catch (error) {
      if (!this.#closed && !isUnreachable(error)) console.warn("The sidecar did not take a candidate:", error);
    }
  }

  /** @param {IceCandidate | null} candidate */
  async #addCandidate(candidate) {
    if (!this.#closed) await this.#peer.addIceCandidate(/** @type {RTCIceCandidateInit | null} */ (candidate));
  }

  /** @param {RTCPeerConnectionState} state */
  #onPeerState(state) {
    if (this.#closed) return;
    if (state === "failed") this.#listener.onLost("The connection between the browser and the sidecar broke.");
    else if (state === "disconnected") this.#listener.onInterruption(true);
    else if (state === "connected") this.#listener.onInterruption(false);
  }
}
