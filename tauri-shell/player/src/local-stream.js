/**
 * A camera's pictures over a WebSocket on this machine, drawn on a canvas: for webviews without WebRTC. H.264 is decoded
 * with WebCodecs; where that fails, the stream changes to JPEG. docs/local-stream.md describes the protocol.
 */

import { H264Decoder } from "./h264-decoder.js";
import { invoke } from "./invoke.js";
import { JpegDecoder } from "./jpeg-decoder.js";
import { ACCESS_UNIT, DESCRIPTION, JPEG, parseLocalMessage } from "./local-message.js";
import { openSocket } from "./open-socket.js";
import { Painter } from "./painter.js";
import { unreachable } from "./rpc-error.js";

/** @typedef {import("./stream.js").Stream} Stream */
/** @typedef {import("./local-message.js").LocalMessage} LocalMessage */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */

const NORMAL_CLOSURE = 1000;
const CSP_HINT =
  "The page's Content-Security-Policy must allow ws://127.0.0.1:*/camera-sidecar/ in connect-src. Then try again.";

/** The counters of a decoder that has not decoded yet. */
const NOT_DECODED = { framesDecoded: 0, framesDropped: 0, decodeTime: 0 };

/** @implements {Stream} */
export class LocalStream {
  element;
  /** The codec in use: "h264", or "jpeg" after H.264 could not be decoded. @type {"h264" | "jpeg"} */
  codec = "h264";
  /** A local stream has no peer. */
  hasLeftPeer = false;

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
  /** The counters of the decoder before the fallback. */
  #before = NOT_DECODED;
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
    const onDrawn = (/** @type {FrameTimes} */ times) => this.#onDrawn(times);
    this.#painter = new Painter(canvas, { onSize: () => listener.onSize(), onDrawn }, options.captureTrack);
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
    const { width, height } = session;
    // An assignment clears the canvas, which shows the last picture while the session before is replaced.
    if (this.width !== width || this.height !== height) Object.assign(this.element, { width, height });
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

  /** A local stream has no ICE candidates. */
  addCandidate() {}

  /** A local stream is never renegotiated. */
  renegotiate() {}

  /** The WebSocket's own events tell the state. */
  onConnectionState() {}

  async counters() {
    const { framesDecoded, framesDropped, decodeTime } = this.#decoder ?? NOT_DECODED;
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
      bufferTime: 0, // there is no jitter buffer; the decoder's queue is part of decodeTime
      roundTripTime: null,
    };
  }

  /** The clock is not needed: each message carries its picture's capture time. */
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
    return openSocket(socket, {
      onRefused: () => unreachable("The camera's stream on this machine could not be opened.", CSP_HINT),
      onClose: (event) => this.#onSocketClosed(event),
    });
  }

  /** @param {CloseEvent} event */
  #onSocketClosed({ code, reason }) {
    if (this.#closed) return;
    if (code === NORMAL_CLOSURE) this.#listener.onOver(reason || "The sidecar closed the stream.");
    else this.#listener.onLost("The camera's stream was interrupted.");
  }

  /** @param {object} message as in schemas/local_stream/client_message.json */
  #send(message) {
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
    this.#send({ received: message.sequence });
    this.#bytes += message.payload.byteLength;
    this.#messages++;
    // After a change of codec, pictures of the old codec may still arrive.
    const wanted = this.#decoder instanceof H264Decoder ? ACCESS_UNIT : JPEG;
    if (message.type === wanted) this.#decoder?.decode(message);
  }

  /** @param {import("./h264-decoder.js").Description} description */
  #h264Decoder(description) {
    return new H264Decoder(description, {
      onFrame: (frame, times) => this.#onPicture(frame, times),
      onKeyframeNeeded: () => this.#send({ keyframe: true }),
      onBroken: (reason) => this.#fallBack(reason),
    });
  }

  /** @param {string} reason */
  #fallBack(reason) {
    console.info("H.264 cannot be decoded by this webview; the stream changes to JPEG:", reason);
    this.codec = "jpeg";
    if (this.#decoder) {
      const { framesDecoded, framesDropped, decodeTime } = this.#decoder;
      this.#before = { framesDecoded, framesDropped, decodeTime };
    }
    this.#decoder = new JpegDecoder({
      onFrame: (picture, times) => this.#onPicture(picture, times),
      onBroken: () => this.#listener.onOver("This webview can decode neither H.264 nor JPEG."),
    });
    this.#send({ codec: "jpeg" });
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
