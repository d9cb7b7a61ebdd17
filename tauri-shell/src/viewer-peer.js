/** One RTCPeerConnection that receives the sidecar's video. */

import { invoke } from "./invoke.js";

/** @typedef {import("./contract.js").IceCandidateInit} IceCandidate */

/**
 * @typedef {object} PeerListener
 * @property {(peer: ViewerPeer, track: MediaStreamTrack) => void} onTrack
 * @property {(peer: ViewerPeer, candidate: RTCIceCandidate | null) => void} onCandidate this side found one
 * @property {(peer: ViewerPeer, state: RTCPeerConnectionState) => void} onState
 */

/** Answers the sidecar's offers: the first, and those that restart ICE. */
export class ViewerPeer {
  /** The newest ICE generation that was offered to this peer. */
  generation = -1;
  /** What it receives, while another peer's picture still stands. @type {MediaStream | undefined} */
  stream;
  /** What waits for its first picture. @type {HTMLVideoElement | undefined} */
  preview;
  #peer;
  #playoutDelay;

  /**
   * @param {RTCIceServer[]} iceServers
   * @param {number} playoutDelay milliseconds
   * @param {PeerListener} listener
   */
  constructor(iceServers, playoutDelay, listener) {
    this.#playoutDelay = playoutDelay;
    this.#peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#peer.addEventListener("track", ({ track, receiver }) => {
      // Browsers that do not know the playout-delay header extension take this instead; others ignore it.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = this.#playoutDelay;
      listener.onTrack(this, track);
    });
    this.#peer.addEventListener("icecandidate", ({ candidate }) => listener.onCandidate(this, candidate));
    this.#peer.addEventListener("connectionstatechange", () => listener.onState(this, this.#peer.connectionState));
  }

  get state() {
    return this.#peer.connectionState;
  }

  /**
   * @param {string} connectionId
   * @param {string} sdp
   * @param {number} generation
   * @param {() => Promise<void> | void} onDescribed the sidecar's candidates may come now
   */
  async answer(connectionId, sdp, generation, onDescribed) {
    this.generation = generation;
    await this.#peer.setRemoteDescription({ type: "offer", sdp });
    const candidates = onDescribed();
    await this.#peer.setLocalDescription();
    const description = { type: /** @type {const} */ ("answer"), sdp: this.#peer.localDescription?.sdp ?? "" };
    await invoke("set_remote_description", { connectionId, description, generation });
    await candidates;
  }

  /** @param {IceCandidate | null} candidate */
  async addCandidate(candidate) {
    await this.#peer.addIceCandidate(/** @type {RTCIceCandidateInit | null} */ (candidate));
  }

  async report() {
    return [...(await this.#peer.getStats()).values()];
  }

  close() {
    this.#peer.close();
  }
}
