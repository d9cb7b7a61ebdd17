/**
 * Draws decoded pictures on a canvas: each at once while the page keeps up. A page that is composed slowly, or hidden,
 * gets the newest picture each time it is composed. The others are skipped, because drawing them would delay the newest
 * one. For a track that captures the canvas every picture is drawn, because a hidden page is not composed.
 */

/** @typedef {VideoFrame | ImageBitmap} Picture */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */

/** The canvas may be shown before the page's next frame. @type {CanvasRenderingContext2DSettings} */
const SHOWN = { alpha: false, desynchronized: true };
/** The pixels of a captured canvas are read back for each picture. @type {CanvasRenderingContext2DSettings} */
const CAPTURED = { alpha: false, willReadFrequently: true };

export class Painter {
  /** Pictures that a newer one replaced before they were drawn. */
  framesSkipped = 0;

  #canvas;
  #context;
  #listener;
  #captureTrack;
  /** @type {{picture: Picture, times: FrameTimes} | undefined} */
  #waiting;
  /** The request for the animation frame in which the last drawn picture is composed; 0 without one. */
  #request = 0;
  #closed = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onSize: () => void, onDrawn: (times: FrameTimes) => void}} listener
   * @param {CanvasCaptureMediaStreamTrack} [captureTrack] gets each picture, as soon as it is drawn
   */
  constructor(canvas, listener, captureTrack) {
    this.#canvas = canvas;
    this.#listener = listener;
    this.#captureTrack = captureTrack;
    this.#context = canvas.getContext("2d", captureTrack ? CAPTURED : SHOWN);
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
    if (this.#captureTrack) this.#captureTrack.requestFrame();
    else this.#request = requestAnimationFrame(() => this.#onComposed());
    if (isResized) this.#listener.onSize();
    this.#listener.onDrawn(times);
  }

  #onComposed() {
    this.#request = 0;
    this.#draw();
  }
}

/**
 * @param {Picture} picture
 * @returns {[width: number, height: number]}
 */
function sizeOf(picture) {
  return "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
}
