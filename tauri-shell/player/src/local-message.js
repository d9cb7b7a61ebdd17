/**
 * The sidecar's messages on a local stream: a header of 32 bytes, big-endian, and a payload. docs/local-stream.md
 * describes them.
 */

const HEADER_SIZE = 32;
const KEYFRAME = 1;

export const ACCESS_UNIT = 1;
export const JPEG = 2;
export const DESCRIPTION = 3;

/**
 * The times of a picture, in milliseconds.
 *
 * @typedef {object} Moments
 * @property {number} capturedAt since the epoch
 * @property {number} sentAt since the epoch
 * @property {number} receivedAt on the page's clock
 *
 * @typedef {object} Content
 * @property {number} type
 * @property {boolean} keyframe
 * @property {number} sequence the number of the picture, modulo 2³²
 * @property {number} timestamp the capture time on a monotonic clock, microseconds
 * @property {Uint8Array<ArrayBuffer>} payload
 *
 * @typedef {Content & Moments} LocalMessage
 */

/**
 * Parse a binary message. Throws a RangeError when it is shorter than its header.
 *
 * @param {ArrayBuffer} data
 * @returns {LocalMessage}
 */
export function parseLocalMessage(data) {
  const view = new DataView(data);
  return {
    type: view.getUint8(0),
    keyframe: (view.getUint8(1) & KEYFRAME) !== 0,
    sequence: view.getUint32(4),
    timestamp: Number(view.getBigUint64(8)),
    capturedAt: Number(view.getBigUint64(16)) / 1000,
    sentAt: Number(view.getBigUint64(24)) / 1000,
    receivedAt: performance.now(),
    payload: new Uint8Array(data, HEADER_SIZE),
  };
}

/**
 * The times of a picture whose decoding has just ended, on the page's clock. The sidecar runs on this machine, so both
 * wall clocks are the same.
 *
 * @param {Moments} moments
 * @param {number} startedAt when the decoder received the picture
 */
export function frameTimes({ capturedAt, sentAt, receivedAt }, startedAt) {
  const readyAt = performance.now();
  const origin = Date.now() - readyAt;
  const decodeMs = readyAt - startedAt;
  return { capturedAt: capturedAt - origin, sentAt: sentAt - origin, receivedAt, decodeMs, readyAt };
}
