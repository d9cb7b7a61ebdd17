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

/** The sidecar tries to reconnect a lost viewer after 3 s. A browser that got no offer by now requests an ICE restart. */
const RESTART_AFTER_MS = 4000;
const MAX_RESTART_REQUESTS = 3;
/** A connected replacement peer is swapped in after this time, even without a picture: a hidden page decodes none. */
const SWAP_AFTER_MS = 2000;

/** @implements {Stream} */
export class WebrtcStream {
  element;
  codec = /** @type {const} */ ("h264");
  /** Whether the browser has gathered a candidate. */
  hasCandidate = false;

  #connectionId = "";
  #closed = false;
  #options;
  #listener;
  /** @type {ViewerPeer} */
  #peer;
  /** The peer that replaces `#peer` once it has a picture. @type {ViewerPeer | undefined} */
  #replacement;
  hasLeftPeer = false;
  /** The generation of the offer that changed the other peer of a connection whose track stays. */
  #peerSince = 0;
  /** The sidecar's candidates, by ICE generation. @type {Map<number, CandidateQueue>} */
  #candidates = new Map();
  /** Resolves when the last offer is answered: offers are answered one after the other. */
  #answering = Promise.resolve();
  /** The connection's state as the sidecar sees it. */
  #sidecarState = "new";
  #restartRequests = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #restartTimer;
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

  /** Signalling: the sidecar offers, the browser answers, both trickle their candidates. */
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
    clearTimeout(this.#restartTimer);
    this.#peer.close();
    this.#replacement?.close();
  }

  /**
   * @param {IceCandidate | null} candidate
   * @param {number} generation
   */
  addCandidate(candidate, generation) {
    this.#queueOf(generation).push(candidate);
  }

  /** The sidecar tries to reconnect this viewer. @param {Events["renegotiation_offer"]} offer */
  renegotiate({ sdp, generation, replaces_peer }) {
    this.#answering = this.#answering.then(async () => {
      if (this.#closed) return;
      this.#dropReplacement();
      const peer = this.#peerFor(sdp, replaces_peer);
      if (peer === this.#peer && replaces_peer) this.#leavePeer(generation);
      try {
        if (peer) await this.#answer(peer, sdp, generation);
      } catch (error) {
        console.info("The offer could not be answered; the sidecar will send another one:", error);
      }
    });
  }

  /** @param {Events["connection_state"]} event */
  onConnectionState({ state, generation }) {
    this.#sidecarState = state;
    if (state === "connected") this.#onConnected(generation);
    const replacement = this.#replacement;
    if (state !== "connected" || !replacement) return;
    if (generation === replacement.generation) setTimeout(() => this.#swap(replacement), SWAP_AFTER_MS);
    else this.#dropReplacement(); // the old path works again
  }

  /** @param {number} generation */
  #onConnected(generation) {
    if (generation < this.#peerSince) this.#listener.onLost("The old path works again, but the browser has left its peer.");
    else this.hasLeftPeer = false;
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

  /**
   * The peer that answers an offer; undefined: none can. A connection whose track stays takes the fingerprint of a new
   * peer (RFC 8842, section 4) and keeps its receiver, but it has no way back to the old peer.
   *
   * @param {string} sdp
   * @param {boolean} replacesPeer
   */
  #peerFor(sdp, replacesPeer) {
    if (this.#options.connection) return replacesPeer || this.#peer.isConnectedTo(sdp) ? this.#peer : undefined;
    return replacesPeer ? (this.#replacement = this.#makePeer()) : this.#peer;
  }

  /** The connection takes a new peer from this generation on. @param {number} generation */
  #leavePeer(generation) {
    this.#peerSince = generation;
    this.hasLeftPeer = true;
  }

  #makePeer() {
    const { iceServers = [], playoutDelay, connection } = this.#options;
    const delay = playoutDelay?.minMs ?? 0;
    return new ViewerPeer({ iceServers: /** @type {RTCIceServer[]} */ (iceServers), playoutDelay: delay, connection }, {
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
    const peer = [this.#peer, this.#replacement].find((each) => each?.generation === generation);
    if (!this.#closed) await peer?.addCandidate(candidate); // candidates of older generations are useless
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
    // The video element keeps its last picture until the replacement has one.
    const preview = document.createElement("video");
    preview.muted = preview.autoplay = preview.playsInline = true;
    preview.onloadeddata = () => this.#swap(peer);
    preview.srcObject = stream;
    peer.stream = stream;
    peer.preview = preview;
  }

  /** @param {ViewerPeer} peer */
  #swap(peer) {
    if (this.#closed || peer !== this.#replacement || !peer.stream) return;
    this.#peer.close();
    this.#peer = peer;
    this.#replacement = undefined;
    this.element.srcObject = peer.stream;
    peer.preview = undefined;
    this.#onPeerState(peer, peer.state);
  }

  #dropReplacement() {
    this.#replacement?.close();
    this.#replacement = undefined;
  }

  /** @param {RTCIceCandidate | null} event */
  async #sendCandidate(event) {
    if (!this.#connectionId) return; // of a connection that stays, for the session before this one
    if (event?.candidate) this.hasCandidate = true;
    const candidate = /** @type {IceCandidate | null} */ (event?.toJSON() ?? null);
    try {
      await invoke("add_ice_candidate", { connectionId: this.#connectionId, candidate });
    } catch (error) {
      if (!this.#closed && !isUnreachable(error)) console.warn("The sidecar refused an ICE candidate:", error);
    }
  }

  /**
   * @param {ViewerPeer} peer
   * @param {RTCPeerConnectionState} state
   */
  #onPeerState(peer, state) {
    if (this.#closed || peer !== this.#peer) return;
    clearTimeout(this.#restartTimer);
    if (state === "connected") {
      this.#restartRequests = 0;
      this.#listener.onInterruption(false);
    } else if (state === "disconnected" || state === "failed") {
      this.#listener.onInterruption(true);
      this.#restartTimer = setTimeout(() => this.#requestRestart(), state === "failed" ? 0 : RESTART_AFTER_MS);
    }
  }

  /** Request an ICE restart: the browser has lost the path, the sidecar still considers this viewer connected. */
  #requestRestart() {
    if (this.#sidecarState !== "connected") return; // the sidecar reconnects by itself, or has ended the connection
    if (++this.#restartRequests > MAX_RESTART_REQUESTS) {
      this.#listener.onLost("The connection between the browser and the sidecar broke.");
      return;
    }
    const connectionId = this.#connectionId;
    this.#answering = this.#answering.then(async () => {
      try {
        const offer = await invoke("create_offer", { connectionId, iceRestart: true });
        await this.#answer(this.#peer, offer.sdp, offer.generation);
        this.#restartTimer = setTimeout(() => this.#onPeerState(this.#peer, this.#peer.state), RESTART_AFTER_MS);
      } catch {
        if (!this.#closed) this.#listener.onLost("The connection between the browser and the sidecar broke.");
      }
    });
  }
}
