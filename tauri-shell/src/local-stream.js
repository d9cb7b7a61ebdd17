/**
 * The sidecar's pictures over a WebSocket on this machine, drawn on a canvas: for webviews without WebRTC. H.264 into
 * WebCodecs and, where that cannot decode it, JPEG.
 */

import { H264Decoder } from "./h264-decoder.js";
import { invoke } from "./invoke.js";
import { JpegDecoder } from "./jpeg-decoder.js";
import { ACCESS_UNIT, DESCRIPTION, JPEG, parseLocalMessage } from "./local-message.js";
import { Painter } from "./painter.js";
import { unreachable } from "./rpc-error.js";

/** @typedef {import("./stream.js").Stream} Stream */
/** @typedef {import("./local-message.js").LocalMessage} LocalMessage */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */

const OPEN_TIMEOUT_MS = 10_000;
const NORMAL_CLOSURE = 1000;

/** @implements {Stream} */
export class LocalStream {
  element;
  /** What is decoded: "h264", or "jpeg" where that does not work. @type {"h264" | "jpeg"} */
  codec = "h264";

  #options;
  #listener;
  #painter;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {H264Decoder | JpegDecoder | undefined} */
  #decoder;
  #closed = false;
  #bytes = 0;
  #messages = 0;
  /** Of decoders that were given up. */
  #before = { framesDecoded: 0, framesDropped: 0, decodeTime: 0 };
  /** @type {Set<import("./stream.js").FrameHandler>} */
  #frameHandlers = new Set();

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./stream.js").StreamOptions} options
   * @param {import("./stream.js").StreamListener} listener
   */
  constructor(canvas, options, listener) {
    this.element = canvas;
    this.#options = options;
    this.#listener = listener;
    this.#painter = new Painter(canvas, { onSize: () => listener.onSize(), onDrawn: (times) => this.#onDrawn(times) });
  }

  get width() {
    return this.element.width;
  }

  get height() {
    return this.element.height;
  }

  async start() {
    const { deviceId, format, encoding, signal } = this.#options;
    const optional = { ...(format && { format }), ...(encoding && { encoding }) };
    const session = await invoke("start_camera_local_session", { deviceId, ...optional });
    this.#listener.onSession(session);
    signal?.throwIfAborted();
    this.element.width = session.width;
    this.element.height = session.height;
    this.#decoder = "VideoDecoder" in globalThis ? this.#h264Decoder(session) : undefined;
    await this.#connect(session.url);
    if (!this.#decoder) this.#fallBack("this webview has no VideoDecoder");
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
    this.#decoder?.close();
    this.#painter.close();
    this.#frameHandlers.clear();
  }

  /** The sidecar's candidates; there are none. */
  addCandidate() {}

  /** Nor another way; a new session is one. */
  renegotiate() {}

  /** What the server knows this side hears from it by itself. */
  onConnectionState() {}

  async counters() {
    const { framesDecoded, framesDropped, decodeTime } = this.#decoder ?? new JpegDecoder(/** @type {any} */ ({}));
    const frames = this.#before.framesDecoded + framesDecoded;
    return {
      at: performance.now(),
      bytes: this.#bytes,
      packets: this.#messages,
      packetsLost: 0,
      framesDecoded: frames,
      framesDropped: this.#before.framesDropped + framesDropped + this.#painter.framesSkipped,
      decodeTime: this.#before.decodeTime + decodeTime,
      framesBuffered: frames,
      bufferTime: 0, // each goes into the decoder at once; what waits there is in decodeTime
      roundTripTime: null,
    };
  }

  /** Nothing to learn: each picture's message tells when it was captured. */
  setClock() {}

  /** @param {import("./stream.js").FrameHandler} handler */
  onFrame(handler) {
    this.#frameHandlers.add(handler);
    return () => void this.#frameHandlers.delete(handler);
  }

  /**
   * @param {string} url
   * @returns {Promise<void>}
   */
  #connect(url) {
    const socket = (this.#socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#onMessage(parseLocalMessage(data)));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
      let opened = false;
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        opened = true;
        resolve();
      });
      socket.addEventListener("close", (event) => {
        clearTimeout(timer);
        const hint = "Allow ws://127.0.0.1:* in the page's Content-Security-Policy (connect-src), then try again.";
        if (!opened) reject(unreachable("The camera's stream on this machine cannot be opened.", hint));
        else if (!this.#closed) this.#onSocketClosed(event);
      });
    });
  }

  /** @param {CloseEvent} event */
  #onSocketClosed({ code, reason }) {
    if (code === NORMAL_CLOSURE) this.#listener.onOver(reason || "The sidecar closed the stream.");
    else this.#listener.onLost("The stream from the camera broke.");
  }

  /** @param {object} message see sidecar/local_stream/messages.py */
  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** @param {LocalMessage} message */
  #onMessage(message) {
    if (this.#closed) return;
    if (message.type === DESCRIPTION) {
      const description = JSON.parse(new TextDecoder().decode(message.payload));
      if (this.#decoder instanceof H264Decoder) this.#decoder.describe(description);
      return;
    }
    this.#say({ received: message.sequence });
    this.#bytes += message.payload.byteLength;
    this.#messages++;
    // Of the other kind, some may still be on their way.
    const wanted = this.#decoder instanceof H264Decoder ? ACCESS_UNIT : JPEG;
    if (message.type === wanted) this.#decoder?.decode(message);
  }

  /** @param {import("./h264-decoder.js").Description} description */
  #h264Decoder(description) {
    return new H264Decoder(description, {
      onFrame: (frame, times) => this.#onPicture(frame, times),
      onKeyframeNeeded: () => this.#say({ keyframe: true }),
      onBroken: (reason) => this.#fallBack(reason),
    });
  }

  /** @param {string} reason */
  #fallBack(reason) {
    console.info("H.264 cannot be decoded here, JPEG is used:", reason);
    this.codec = "jpeg";
    if (this.#decoder) {
      const { framesDecoded, framesDropped, decodeTime } = this.#decoder;
      this.#before = { framesDecoded, framesDropped, decodeTime };
    }
    this.#decoder = new JpegDecoder({
      onFrame: (picture, times) => this.#onPicture(picture, times),
      onBroken: () => this.#listener.onOver("This webview can decode neither H.264 nor JPEG."),
    });
    this.#say({ codec: "jpeg" });
  }

  /**
   * @param {import("./painter.js").Picture} picture
   * @param {FrameTimes} times
   */
  #onPicture(picture, times) {
    this.#listener.onPicture();
    this.#painter.take(picture, times);
  }

  /** @param {FrameTimes} times */
  #onDrawn(times) {
    const shownAt = performance.now();
    for (const handler of [...this.#frameHandlers]) handler(shownAt, times);
  }
}
