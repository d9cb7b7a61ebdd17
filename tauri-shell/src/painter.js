/**
 * Decoded pictures onto a canvas, each at once as long as the page keeps up. A page that does not (it composes slowly,
 * or nobody sees it) gets the newest one each time it is composed, and no work for the others: drawing them would only
 * make it later.
 */

/** @typedef {VideoFrame | ImageBitmap} Picture */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */

export class Painter {
  /** Pictures that a newer one replaced before they were drawn. */
  framesSkipped = 0;

  #canvas;
  #context;
  #listener;
  /** @type {{picture: Picture, times: FrameTimes} | undefined} */
  #waiting;
  /** Whether what was drawn last waits for the page to be composed; 0 when not. */
  #request = 0;
  #closed = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onSize: () => void, onDrawn: (times: FrameTimes) => void}} listener
   */
  constructor(canvas, listener) {
    this.#canvas = canvas;
    this.#listener = listener;
    // desynchronized: the picture need not wait for the page's next frame.
    this.#context = canvas.getContext("2d", { alpha: false, desynchronized: true });
  }

  /**
   * @param {Picture} picture closed here
   * @param {FrameTimes} times handed to `onDrawn` when the picture was drawn
   */
  take(picture, times) {
    if (this.#closed) return picture.close();
    if (this.#waiting) {
      this.#waiting.picture.close();
      this.framesSkipped++;
    }
    this.#waiting = { picture, times };
    if (!this.#request) this.#draw();
  }

  close() {
    this.#closed = true;
    this.#waiting?.picture.close();
    this.#waiting = undefined;
    cancelAnimationFrame(this.#request);
  }

  #draw() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    const { picture, times } = waiting;
    const [width, height] = sizeOf(picture);
    const isResized = this.#canvas.width !== width || this.#canvas.height !== height;
    if (isResized) Object.assign(this.#canvas, { width, height });
    this.#context?.drawImage(picture, 0, 0, width, height);
    picture.close();
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      this.#draw();
    });
    if (isResized) this.#listener.onSize();
    this.#listener.onDrawn(times);
  }
}

/**
 * @param {Picture} picture
 * @returns {[width: number, height: number]}
 */
function sizeOf(picture) {
  return "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
}
