/** Decodes JPEG, for webviews that cannot decode H.264: always the newest picture, without a queue. */

import { frameTimes } from "./local-message.js";

/** @typedef {import("./local-message.js").LocalMessage} LocalMessage */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */

/** Errors in a row. */
const MAX_FAILURES = 10;

export class JpegDecoder {
  framesDropped = 0;
  framesDecoded = 0;
  /** The decoding time of all frames together, in milliseconds. */
  decodeTime = 0;

  #listener;
  #failures = 0;
  #busy = false;
  #closed = false;
  /** @type {LocalMessage | undefined} */
  #waiting;

  /** @param {{onFrame: (picture: ImageBitmap, times: FrameTimes) => void, onBroken: (reason: string) => void}} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {LocalMessage} message */
  decode(message) {
    if (this.#waiting) this.framesDropped++;
    this.#waiting = message;
    if (!this.#busy) void this.#decodeAll();
  }

  close() {
    this.#closed = true;
    this.#waiting = undefined;
  }

  async #decodeAll() {
    this.#busy = true;
    while (this.#waiting) {
      const message = this.#waiting;
      this.#waiting = undefined;
      await this.#decodeOne(message);
    }
    this.#busy = false;
  }

  /** @param {LocalMessage} message */
  async #decodeOne(message) {
    const startedAt = performance.now();
    try {
      const picture = await createImageBitmap(new Blob([message.payload], { type: "image/jpeg" }));
      if (this.#closed) return picture.close();
      this.#failures = 0;
      this.framesDecoded++;
      const times = frameTimes(message, startedAt);
      this.decodeTime += times.decodeMs;
      this.#listener.onFrame(picture, times);
    } catch (error) {
      this.framesDropped++;
      if (++this.#failures < MAX_FAILURES || this.#closed) return;
      this.close();
      this.#listener.onBroken(String(error));
    }
  }
}
