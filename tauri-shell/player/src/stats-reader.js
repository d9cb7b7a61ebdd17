/**
 * A viewer's figures, from both ends: the browser's counters (over WebRTC the W3C's statistics) and the sidecar's
 * get_stats.
 */

import { invoke } from "./invoke.js";
import { LatencyMeter } from "./latency-meter.js";
import { Percentiles, UNKNOWN } from "./percentiles.js";

/** @typedef {import("./percentiles.js").Spread} Spread */

/**
 * The browser's counters since the connection began. Times are in milliseconds.
 *
 * @typedef {object} Counters
 * @property {number} at the time of the reading
 * @property {number} bytes
 * @property {number} packets
 * @property {number} packetsLost
 * @property {number} framesDecoded
 * @property {number} framesDropped
 * @property {number} decodeTime
 * @property {number} framesBuffered frames that left the jitter buffer
 * @property {number} bufferTime the sum of their times in the jitter buffer
 * @property {number | null} roundTripTime of the selected candidate pair, the newest value
 */

/**
 * The figures between two readings; null where they are unknown.
 *
 * @typedef {object} Rates
 * @property {number | null} fps
 * @property {number | null} bitrate bits per second
 * @property {number | null} lossRatio 0 to 1
 * @property {number | null} decodeMs for one frame
 * @property {number | null} bufferMs for one frame
 * @property {number | null} roundTripMs
 * @property {number} framesDropped
 * @property {number | null} dropRatio dropped frames among all frames received, 0 to 1
 */

/**
 * The latency of one step on the frame's path, in milliseconds over the last seconds; null where it is unknown.
 *
 * @typedef {{label: string} & Spread} LatencyStep
 */

/**
 * The steps that the viewer's side measured over the last seconds.
 *
 * @typedef {object} ViewerSpreads
 * @property {Spread} network
 * @property {Spread} buffer
 * @property {Spread} decode
 * @property {Spread} display
 */

/**
 * @typedef {object} ViewStats
 * @property {Rates} rates
 * @property {import("./contract.js").CameraStats | null} camera
 * @property {import("./contract.js").ConnectionStats | null} connection
 * @property {Spread} latency from capture to the screen, of each frame; null where the capture time is unknown
 * @property {LatencyStep[]} steps
 * @property {number | null} estimatedLatencyMs the sum of the steps: an estimate, see `latencySteps`
 */

/**
 * @typedef {object} Reading
 * @property {Counters} counters
 * @property {import("./contract.js").CameraStats | null} camera
 * @property {import("./contract.js").ConnectionStats | null} connection
 */

/**
 * The view whose figures are read. Its stream and connection are read each time, because recovery replaces them.
 *
 * @typedef {object} Subject
 * @property {() => import("./stream.js").Stream | undefined} stream
 * @property {() => string} connectionId
 * @property {(handler: import("./stream.js").FrameHandler) => () => void} onFrame
 */

export class StatsReader {
  #subject;
  /** @type {Counters | undefined} */
  #previous;
  #meter = new LatencyMeter();
  #network = new Percentiles();
  #buffer = new Percentiles();
  #decode = new Percentiles();
  #endFrames;

  /** @param {Subject} subject */
  constructor(subject) {
    this.#subject = subject;
    this.#endFrames = subject.onFrame((shownAt, times) => this.#meter.add(shownAt, times));
  }

  close() {
    this.#endFrames();
  }

  /** @returns {Promise<ViewStats>} */
  async read() {
    const { counters, camera, connection } = await readBoth(this.#subject);
    const rates = ratesBetween(this.#previous, counters);
    this.#previous = counters;
    const { total: latency, ...viewer } = this.#spreads(rates, connection);
    const steps = latencySteps(camera, connection, viewer);
    return { rates, camera, connection, latency, steps, estimatedLatencyMs: sum(steps) };
  }

  /**
   * The times of single frames are preferred to the browser's averages.
   *
   * @param {Rates} rates
   * @param {import("./contract.js").ConnectionStats | null} connection
   */
  #spreads(rates, connection) {
    const now = performance.now();
    const roundTrip = rates.roundTripMs ?? connection?.round_trip_time_ms ?? null;
    this.#network.add(now, roundTrip === null ? null : roundTrip / 2);
    this.#buffer.add(now, rates.bufferMs);
    this.#decode.add(now, rates.decodeMs);
    const { total, network, decode, display } = this.#meter.spreads(now);
    return {
      total,
      network: network.p50 === null ? this.#network.spread(now) : network,
      buffer: this.#buffer.spread(now),
      decode: decode.p50 === null ? this.#decode.spread(now) : decode,
      display,
    };
  }
}

/**
 * Read the figures of both ends, and with them the sidecar's clock.
 *
 * @param {Subject} subject
 * @returns {Promise<Reading>}
 */
export async function readBoth(subject) {
  const [connectionId, stream] = [subject.connectionId(), subject.stream()];
  const [counters = countersOf([]), sidecar] = await Promise.all([stream?.counters(), readSidecar(connectionId, stream)]);
  const connection = sidecar?.connections.find((c) => c.connection_id === connectionId) ?? null;
  const camera = sidecar?.cameras.find((c) => c.device_id === connection?.device_id) ?? null;
  return { counters, camera, connection };
}

/**
 * @param {string} connectionId
 * @param {import("./stream.js").Stream | undefined} stream
 */
async function readSidecar(connectionId, stream) {
  if (!connectionId) return null;
  const askedAt = performance.now();
  const stats = await invoke("get_stats", { connectionId });
  const newestFrame = stats.connections[0]?.newest_frame;
  if (newestFrame) stream?.setClock({ newestFrame, wallMs: stats.wall_ms, askedAt, answeredAt: performance.now() });
  return stats;
}

/**
 * @param {any[]} report the values of an RTCStatsReport
 * @returns {Counters}
 */
export function countersOf(report) {
  const inbound = report.find((s) => s.type === "inbound-rtp" && s.kind === "video") ?? {};
  const transport = report.find((s) => s.type === "transport");
  const pair = report.find((s) => s.type === "candidate-pair" && (s.id === transport?.selectedCandidatePairId || s.selected));
  const seconds = pair?.currentRoundTripTime;
  return {
    at: inbound.timestamp ?? 0,
    bytes: inbound.bytesReceived ?? 0,
    packets: inbound.packetsReceived ?? 0,
    packetsLost: inbound.packetsLost ?? 0,
    framesDecoded: inbound.framesDecoded ?? 0,
    framesDropped: inbound.framesDropped ?? 0,
    decodeTime: 1000 * (inbound.totalDecodeTime ?? 0),
    framesBuffered: inbound.jitterBufferEmittedCount ?? 0,
    bufferTime: 1000 * (inbound.jitterBufferDelay ?? 0),
    roundTripTime: seconds === undefined ? null : 1000 * seconds,
  };
}

/**
 * @param {Counters | undefined} before
 * @param {Counters} after
 * @returns {Rates}
 */
export function ratesBetween(before, after) {
  const roundTripMs = after.roundTripTime;
  const seconds = before ? (after.at - before.at) / 1000 : 0;
  // Lower counts belong to a new session.
  if (!before || seconds <= 0 || after.framesDecoded < before.framesDecoded || after.bytes < before.bytes) {
    const unknown = { fps: null, bitrate: null, lossRatio: null, decodeMs: null, bufferMs: null, dropRatio: null };
    return { ...unknown, roundTripMs, framesDropped: 0 };
  }
  const frames = after.framesDecoded - before.framesDecoded;
  const dropped = Math.max(0, after.framesDropped - before.framesDropped);
  const lost = Math.max(0, after.packetsLost - before.packetsLost); // the browser subtracts late arrivals from its count
  return {
    fps: frames / seconds,
    bitrate: (8 * (after.bytes - before.bytes)) / seconds,
    lossRatio: ratio(lost, lost + after.packets - before.packets),
    decodeMs: ratio(after.decodeTime - before.decodeTime, frames),
    bufferMs: ratio(after.bufferTime - before.bufferTime, after.framesBuffered - before.framesBuffered),
    roundTripMs,
    framesDropped: dropped,
    dropRatio: ratio(dropped, dropped + frames),
  };
}

/**
 * The steps on a frame's path that both ends measure. Two steps are missing, because no clock measures them: the camera's
 * exposure before the first step, and the screen's refresh after the last one. The network's share is half the round trip
 * where the frames carry no time of sending.
 *
 * @param {import("./contract.js").CameraStats | null} camera
 * @param {import("./contract.js").ConnectionStats | null} connection
 * @param {ViewerSpreads} viewer
 * @returns {LatencyStep[]}
 */
export function latencySteps(camera, connection, { network, buffer, decode, display }) {
  const encoding = (connection?.encoding === "reduced" && camera?.reduced) || camera;
  return [
    { label: "Captured to the encoder", ...(encoding?.capture_to_encoder_ms ?? UNKNOWN) },
    { label: "Encoded", ...(encoding?.encoding_ms ?? UNKNOWN) },
    { label: "Encoded to sent", ...(connection?.encoded_to_sent_ms ?? UNKNOWN) },
    { label: "Network", ...network },
    { label: "Receiver's buffer", ...buffer },
    { label: "Decoded", ...decode },
    { label: "Decoded to shown", ...display },
  ];
}

/** @param {LatencyStep[]} steps */
function sum(steps) {
  const known = steps.flatMap(({ p50 }) => (p50 === null ? [] : [p50]));
  return known.length === steps.length ? known.reduce((a, b) => a + b, 0) : null;
}

/**
 * @param {number} part
 * @param {number} whole
 */
function ratio(part, whole) {
  return whole > 0 ? part / whole : null;
}
