/** The sidecar's picture over WebRTC, in a video element. */

import { CandidateQueue } from "./candidate-queue.js";
import { CaptureClock } from "./capture-clock.js";
import { invoke } from "./invoke.js";
import { isUnreachable } from "./rpc-error.js";
import { countersOf } from "./stats-reader.js";
import { ViewerPeer } from "./viewer-peer.js";

/** @typedef {import("./stream.js").Stream} Stream */
/** @typedef {import("./contract.js").IceCandidateInit} IceCandidate */
/** @typedef {import("./contract.js").Events} Events */

/** The sidecar looks for a lost viewer by itself after 3 s; a browser that has lost it and hears nothing asks then. */
const ASK_AFTER_MS = 4000;
const MAX_ASKED = 3;
/** A new peer that is connected takes the old one's place then, even if its picture cannot be waited for. */
const SWAP_AFTER_MS = 2000;

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
  /** @type {ViewerPeer} */
  #peer;
  /** A new one, until it has a picture. @type {ViewerPeer | undefined} */
  #substitute;
  /** The sidecar's, by ICE generation. @type {Map<number, CandidateQueue>} */
  #candidates = new Map();
  /** What was offered is answered in turn. */
  #answering = Promise.resolve();
  /** What the sidecar says of the connection. */
  #sidecarState = "new";
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #askTimer;
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
    this.#peer = this.#makePeer();
    video.onresize = () => !this.#closed && listener.onSize();
    video.onloadeddata = () => !this.#closed && listener.onPicture();
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
    await this.#answer(this.#peer, offer.sdp, 0);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#askTimer);
    this.#peer.close();
    this.#substitute?.close();
  }

  /**
   * @param {IceCandidate | null} candidate
   * @param {number} generation
   */
  addCandidate(candidate, generation) {
    this.#queueOf(generation).push(candidate);
  }

  /** The sidecar looks for this viewer. @param {Events["renegotiation_offer"]} offer */
  renegotiate({ sdp, generation, replaces_peer }) {
    this.#answering = this.#answering.then(async () => {
      if (this.#closed) return;
      this.#dropSubstitute();
      const peer = replaces_peer ? (this.#substitute = this.#makePeer()) : this.#peer;
      try {
        await this.#answer(peer, sdp, generation);
      } catch (error) {
        console.info("An offer could not be answered; the sidecar makes another:", error);
      }
    });
  }

  /** @param {Events["connection_state"]} event */
  onConnectionState({ state, generation }) {
    this.#sidecarState = state;
    const substitute = this.#substitute;
    if (state !== "connected" || !substitute) return;
    if (generation === substitute.generation) setTimeout(() => this.#swap(substitute), SWAP_AFTER_MS);
    else this.#dropSubstitute(); // the old way is back
  }

  async counters() {
    return countersOf(await this.#peer.report());
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
  #timesOf(metadata, now) {
    const { receiveTime, processingDuration, presentationTime } = metadata;
    return {
      capturedAt: this.#captureClock.capturedAt(metadata, now),
      sentAt: null,
      receivedAt: receiveTime ?? null,
      decodeMs: processingDuration === undefined ? null : 1000 * processingDuration,
      readyAt: presentationTime,
    };
  }

  #makePeer() {
    const { iceServers = [], playoutDelay } = this.#options;
    return new ViewerPeer(/** @type {RTCIceServer[]} */ (iceServers), playoutDelay?.minMs ?? 0, {
      onTrack: (peer, track) => this.#onTrack(peer, new MediaStream([track])),
      onCandidate: (_, candidate) => void this.#sendCandidate(candidate),
      onState: (peer, state) => this.#onPeerState(peer, state),
    });
  }

  /**
   * @param {ViewerPeer} peer
   * @param {string} sdp
   * @param {number} generation
   */
  async #answer(peer, sdp, generation) {
    for (const old of this.#candidates.keys()) {
      if (old < generation && old !== this.#peer.generation) this.#candidates.delete(old);
    }
    await peer.answer(this.#connectionId, sdp, generation, () => this.#queueOf(generation).open());
  }

  /** @param {number} generation */
  #queueOf(generation) {
    const known = this.#candidates.get(generation);
    if (known) return known;
    const queue = new CandidateQueue((candidate) => this.#addCandidate(generation, candidate));
    this.#candidates.set(generation, queue);
    return queue;
  }

  /**
   * @param {number} generation
   * @param {IceCandidate | null} candidate
   */
  async #addCandidate(generation, candidate) {
    const peer = [this.#peer, this.#substitute].find((each) => each?.generation === generation);
    if (!this.#closed) await peer?.addCandidate(candidate); // those of an older generation are of no use to anyone
  }

  /**
   * @param {ViewerPeer} peer
   * @param {MediaStream} stream
   */
  #onTrack(peer, stream) {
    if (peer === this.#peer) {
      this.element.srcObject = stream;
      return;
    }
    // The picture that stands is left alone until there is another.
    const preview = document.createElement("video");
    preview.muted = preview.autoplay = preview.playsInline = true;
    preview.onloadeddata = () => this.#swap(peer);
    preview.srcObject = stream;
    peer.stream = stream;
    peer.preview = preview;
  }

  /** @param {ViewerPeer} peer */
  #swap(peer) {
    if (this.#closed || peer !== this.#substitute || !peer.stream) return;
    this.#peer.close();
    this.#peer = peer;
    this.#substitute = undefined;
    this.element.srcObject = peer.stream;
    peer.preview = undefined;
    this.#onPeerState(peer, peer.state);
  }

  #dropSubstitute() {
    this.#substitute?.close();
    this.#substitute = undefined;
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

  /**
   * @param {ViewerPeer} peer
   * @param {RTCPeerConnectionState} state
   */
  #onPeerState(peer, state) {
    if (this.#closed || peer !== this.#peer) return;
    clearTimeout(this.#askTimer);
    if (state === "connected") {
      this.#asked = 0;
      this.#listener.onInterruption(false);
    } else if (state === "disconnected" || state === "failed") {
      this.#listener.onInterruption(true);
      this.#askTimer = setTimeout(() => this.#askForRestart(), state === "failed" ? 0 : ASK_AFTER_MS);
    }
  }

  /** The browser has lost the sidecar, which takes this viewer for connected. */
  #askForRestart() {
    if (this.#sidecarState !== "connected") return; // it looks for this viewer, or tells that it is over
    if (++this.#asked > MAX_ASKED) {
      this.#listener.onLost("The connection between the browser and the sidecar broke.");
      return;
    }
    const connectionId = this.#connectionId;
    this.#answering = this.#answering.then(async () => {
      try {
        const offer = await invoke("create_offer", { connectionId, iceRestart: true });
        await this.#answer(this.#peer, offer.sdp, offer.generation);
        this.#askTimer = setTimeout(() => this.#onPeerState(this.#peer, this.#peer.state), ASK_AFTER_MS);
      } catch {
        if (!this.#closed) this.#listener.onLost("The connection between the browser and the sidecar broke.");
      }
    });
  }
}
