/** Decodes H.264 with WebCodecs. */

import { bytesOf } from "./base64.js";
import { frameTimes } from "./local-message.js";

/** @typedef {import("./local-message.js").LocalMessage} LocalMessage */
/** @typedef {import("./local-message.js").Moments} Moments */
/** @typedef {import("./latency-meter.js").FrameTimes} FrameTimes */

/** Pictures in the decoder's queue. A longer queue means late pictures: all are dropped up to the next keyframe. */
const MAX_QUEUED = 6;
/** A decoder without output for so long does not work, even where isConfigSupported says that it does. */
const FIRST_PICTURE_TIMEOUT_MS = 3000;
/** Errors in a row, without a decoded picture in between. */
const MAX_FAILURES = 3;

/** The times of a picture whose timestamp the decoder changed. @type {FrameTimes} */
const UNTIMED = { capturedAt: null, sentAt: null, receivedAt: null, decodeMs: null, readyAt: null };

/**
 * @typedef {object} DecoderListener
 * @property {(frame: VideoFrame, times: FrameTimes) => void} onFrame owns the frame from now on, and closes it
 * @property {() => void} onKeyframeNeeded
 * @property {(reason: string) => void} onBroken the decoder does not work; called once
 */

/** @typedef {{codec: string, description: string}} Description codec and base64 AVCDecoderConfigurationRecord */

export class H264Decoder {
  framesDropped = 0;
  framesDecoded = 0;
  /** The decoding time of all frames together, in milliseconds. */
  decodeTime = 0;

  #listener;
  #description;
  /** @type {VideoDecoder | undefined} */
  #decoder;
  #needsKeyframe = true;
  #failures = 0;
  #closed = false;
  /** The pictures in the decoder, by timestamp. @type {Map<number, {moments: Moments, at: number}>} */
  #entered = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #firstPictureTimer;

  /**
   * @param {Description} description
   * @param {DecoderListener} listener
   */
  constructor(description, listener) {
    this.#description = description;
    this.#listener = listener;
  }

  /** Use this configuration from the next keyframe on. @param {Description} description */
  describe(description) {
    this.#description = description;
    this.#discard();
  }

  /** @param {LocalMessage} message */
  decode(message) {
    if (this.#closed) return;
    if (!message.keyframe && (this.#needsKeyframe || this.#isLate())) {
      this.framesDropped++;
      return;
    }
    try {
      this.#decoder ??= this.#open();
      const { keyframe, timestamp, payload, ...moments } = message;
      this.#entered.set(timestamp, { moments, at: performance.now() });
      this.#decoder.decode(new EncodedVideoChunk({ type: keyframe ? "key" : "delta", timestamp, data: payload }));
      this.#needsKeyframe = false;
    } catch (error) {
      this.#onError(error);
    }
  }

  close() {
    this.#closed = true;
    this.#discard();
    clearTimeout(this.#firstPictureTimer);
  }

  /** Whether the decoder's queue is too long; then the queue is dropped and a keyframe requested. */
  #isLate() {
    if ((this.#decoder?.decodeQueueSize ?? 0) <= MAX_QUEUED) return false;
    this.framesDropped += this.#entered.size;
    this.#discard();
    this.#listener.onKeyframeNeeded();
    return true;
  }

  #open() {
    const decoder = new VideoDecoder({
      output: (frame) => (decoder === this.#decoder ? this.#onFrame(frame) : frame.close()),
      error: (error) => void (decoder === this.#decoder && this.#onError(error)),
    });
    const { codec, description } = this.#description;
    decoder.configure({ codec, description: bytesOf(description), optimizeForLatency: true });
    if (!this.framesDecoded) {
      this.#firstPictureTimer ??= setTimeout(() => this.#break("the decoder gave no picture"), FIRST_PICTURE_TIMEOUT_MS);
    }
    return decoder;
  }

  /** @param {VideoFrame} frame */
  #onFrame(frame) {
    clearTimeout(this.#firstPictureTimer);
    this.framesDecoded++;
    this.#failures = 0;
    const entered = this.#entered.get(frame.timestamp);
    for (const timestamp of this.#entered.keys()) {
      if (timestamp > frame.timestamp) break;
      this.#entered.delete(timestamp);
    }
    const times = entered ? frameTimes(entered.moments, entered.at) : UNTIMED;
    this.decodeTime += times.decodeMs ?? 0;
    this.#listener.onFrame(frame, times);
  }

  /** @param {unknown} error */
  #onError(error) {
    if (this.#closed) return;
    this.#discard();
    if (!this.framesDecoded || ++this.#failures >= MAX_FAILURES) this.#break(String(error));
    else this.#listener.onKeyframeNeeded();
  }

  /** @param {string} reason */
  #break(reason) {
    if (this.#closed) return;
    this.close();
    this.#listener.onBroken(reason);
  }

  #discard() {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    this.#needsKeyframe = true;
    this.#entered.clear();
    if (decoder && decoder.state !== "closed") decoder.close();
  }
}
