/** JPEG into pictures, for webviews that cannot decode H.264: the newest one, never a queue. */

/** @typedef {import("./local-message.js").LocalMessage} LocalMessage */

/** In a row. */
const MAX_FAILURES = 10;

export class JpegDecoder {
  framesDropped = 0;
  framesDecoded = 0;
  /** Milliseconds, of all frames together. */
  decodeTime = 0;

  #listener;
  #failures = 0;
  #busy = false;
  #closed = false;
  /** @type {LocalMessage | undefined} */
  #waiting;

  /** @param {{onFrame: (picture: ImageBitmap) => void, onBroken: (reason: string) => void}} listener */
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
      const { payload } = this.#waiting;
      this.#waiting = undefined;
      await this.#decodeOne(new Blob([payload], { type: "image/jpeg" }));
    }
    this.#busy = false;
  }

  /** @param {Blob} blob */
  async #decodeOne(blob) {
    const startedAt = performance.now();
    try {
      const picture = await createImageBitmap(blob);
      if (this.#closed) return picture.close();
      this.#failures = 0;
      this.framesDecoded++;
      this.decodeTime += performance.now() - startedAt;
      this.#listener.onFrame(picture);
    } catch (error) {
      this.framesDropped++;
      if (++this.#failures < MAX_FAILURES || this.#closed) return;
      this.close();
      this.#listener.onBroken(String(error));
    }
  }
}
