/**
 * Draws decoded pictures on a canvas: each at once while the page keeps up. A page that is composed slowly, or hidden,
 * gets the newest picture each time it is composed. The others are skipped, because drawing them would delay the newest
 * one.
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
  /** The request for the animation frame in which the last drawn picture is composed; 0 without one. */
  #request = 0;
  #closed = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onSize: () => void, onDrawn: (times: FrameTimes) => void}} listener
   */
  constructor(canvas, listener) {
    this.#canvas = canvas;
    this.#listener = listener;
    // desynchronized: the canvas may be shown before the page's next frame.
    this.#context = canvas.getContext("2d", { alpha: false, desynchronized: true });
  }

  /**
   * Draw a picture now, or in the next animation frame. The picture is closed in either case.
   *
   * @param {Picture} picture
   * @param {FrameTimes} times passed to `onDrawn` when the picture is drawn
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
