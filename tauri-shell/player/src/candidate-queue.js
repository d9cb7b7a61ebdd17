/** @typedef {import("./contract.js").IceCandidateInit} IceCandidate */

const MAX_QUEUED = 256;

/**
 * Passes the remote peer's candidates to `add` in their order of arrival, and not before `open`: adding a candidate
 * before its remote description is an error (W3C WebRTC, addIceCandidate). null is the end-of-candidates indication.
 */
export class CandidateQueue {
  /** @type {(IceCandidate | null)[]} */
  #queued = [];
  /** @type {Promise<void> | undefined} */
  #last;
  #add;

  /** @param {(candidate: IceCandidate | null) => Promise<void>} add */
  constructor(add) {
    this.#add = add;
  }

  /** @param {IceCandidate | null} candidate */
  push(candidate) {
    if (this.#last) this.#pass(candidate);
    else if (this.#queued.length < MAX_QUEUED) this.#queued.push(candidate);
  }

  /** The remote description is set. Resolves when the queued candidates are added. */
  open() {
    this.#last ??= Promise.resolve();
    for (const candidate of this.#queued.splice(0)) this.#pass(candidate);
    return this.#last;
  }

  /** @param {IceCandidate | null} candidate */
  #pass(candidate) {
    this.#last = this.#last?.then(() => this.#add(candidate)).catch((error) => {
      console.warn("An ICE candidate could not be added:", error); // the others may still work
    });
  }
}
