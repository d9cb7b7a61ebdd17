/** @typedef {import("./contract.js").IceCandidateInit} IceCandidate */

const MAX_QUEUED = 256;

/**
 * Hands the other peer's candidates to `add` in the order they came, and not before `open`: a candidate without the
 * description it belongs to is an error (W3C WebRTC, addIceCandidate). null ends the candidates.
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

  /** The description is there. Resolves when all that waited is handed over. */
  open() {
    this.#last ??= Promise.resolve();
    for (const candidate of this.#queued.splice(0)) this.#pass(candidate);
    return this.#last;
  }

  /** @param {IceCandidate | null} candidate */
  #pass(candidate) {
    this.#last = this.#last?.then(() => this.#add(candidate)).catch((error) => {
      console.warn("A candidate was not usable:", error); // the others may do
    });
  }
}
