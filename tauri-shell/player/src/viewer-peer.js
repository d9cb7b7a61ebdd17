/** One RTCPeerConnection that receives the sidecar's video. */

import { invoke } from "./invoke.js";

/** @typedef {import("./contract.js").IceCandidateInit} IceCandidate */

/**
 * @typedef {object} PeerListener
 * @property {(peer: ViewerPeer, track: MediaStreamTrack) => void} onTrack
 * @property {(peer: ViewerPeer, candidate: RTCIceCandidate | null) => void} onCandidate a local candidate was
 *   gathered; null ends them
 * @property {(peer: ViewerPeer, state: RTCPeerConnectionState) => void} onState
 */

/** Answers the sidecar's offers: the first one, and offers that restart ICE. */
export class ViewerPeer {
  /** The newest ICE generation that was offered to this peer. */
  generation = -1;
  /** The received stream, while the video element still shows another peer's. @type {MediaStream | undefined} */
  stream;
  /** A video element that waits for the first picture of `stream`. @type {HTMLVideoElement | undefined} */
  preview;
  #peer;
  #isOwn;
  /** Ends the listeners on the connection. */
  #listening = new AbortController();

  /**
   * @param {{iceServers: RTCIceServer[], playoutDelay: number, connection?: RTCPeerConnection | undefined}} options
   *   playoutDelay in milliseconds; a connection of the caller's stays open at `close`
   * @param {PeerListener} listener
   */
  constructor({ iceServers, playoutDelay, connection }, listener) {
    this.#isOwn = !connection;
    this.#peer = connection ?? new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    const { signal } = this.#listening;
    this.#peer.addEventListener("track", ({ track, receiver }) => {
      // For browsers without the playout-delay header extension; the others ignore this attribute.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = playoutDelay;
      listener.onTrack(this, track);
    }, { signal });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => listener.onCandidate(this, candidate), { signal });
    this.#peer.addEventListener("connectionstatechange", () => listener.onState(this, this.#peer.connectionState), { signal });
  }

  get state() {
    return this.#peer.connectionState;
  }

  /** Whether an offer is of the peer that answers went to so far, by its fingerprint. @param {string} sdp */
  isConnectedTo(sdp) {
    return fingerprintOf(this.#peer.currentRemoteDescription?.sdp ?? "") === fingerprintOf(sdp);
  }

  /**
   * Answer an offer of the sidecar. Rejects when the peer was closed meanwhile.
   *
   * @param {string} connectionId
   * @param {string} sdp
   * @param {number} generation
   * @param {() => Promise<void> | void} onDescribed the remote description is set: candidates may be added
   */
  async answer(connectionId, sdp, generation, onDescribed) {
    this.generation = generation;
    const isOtherPeer = this.#peer.currentRemoteDescription !== null && !this.isConnectedTo(sdp);
    await this.#peer.setRemoteDescription({ type: "offer", sdp });
    this.#listening.signal.throwIfAborted(); // the connection may answer another session by now
    const candidates = onDescribed();
    if (isOtherPeer) await this.#setPassiveAnswer();
    else await this.#peer.setLocalDescription();
    this.#listening.signal.throwIfAborted();
    const description = { type: /** @type {const} */ ("answer"), sdp: this.#peer.localDescription?.sdp ?? "" };
    await invoke("set_remote_description", { connectionId, description, generation });
    await candidates;
  }

  /**
   * Let the other peer begin with DTLS. Chromium stays on the old peer's path, for 3 s and longer, until a packet arrives
   * on the new one, and its own handshake would go to the old peer.
   */
  async #setPassiveAnswer() {
    const { sdp = "" } = await this.#peer.createAnswer();
    await this.#peer.setLocalDescription({ type: "answer", sdp: sdp.replaceAll("a=setup:active", "a=setup:passive") });
  }

  /** @param {IceCandidate | null} candidate */
  async addCandidate(candidate) {
    await this.#peer.addIceCandidate(/** @type {RTCIceCandidateInit | null} */ (candidate));
  }

  async report() {
    return [...(await this.#peer.getStats()).values()];
  }

  close() {
    this.#listening.abort();
    if (this.#isOwn) this.#peer.close();
  }
}

/** The identity of the peer that made this description (RFC 8122). @param {string} sdp */
function fingerprintOf(sdp) {
  return /^a=fingerprint:(.*)$/m.exec(sdp)?.[1];
}
