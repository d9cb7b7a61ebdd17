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
      // For browsers without the playout-delay header extension; the others ignore this attribute.
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
   * Answer an offer of the sidecar.
   *
   * @param {string} connectionId
   * @param {string} sdp
   * @param {number} generation
   * @param {() => Promise<void> | void} onDescribed the remote description is set: candidates may be added
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
