/**
 * A viewer's figures, from both ends: what the browser counts (over WebRTC the W3C's statistics) and the sidecar's
 * get_stats.
 */

import { invoke } from "./invoke.js";

/**
 * What the browser counts, since the connection began. Times are in milliseconds.
 *
 * @typedef {object} Counters
 * @property {number} at when they were read
 * @property {number} bytes
 * @property {number} packets
 * @property {number} packetsLost
 * @property {number} framesDecoded
 * @property {number} framesDropped
 * @property {number} decodeTime
 * @property {number} framesBuffered frames that left the jitter buffer
 * @property {number} bufferTime the sum of what each of them spent in it
 * @property {number | null} roundTripTime of the selected candidate pair, the newest value
 */

/**
 * What happened between two readings; null as long as there is nothing to tell.
 *
 * @typedef {object} Rates
 * @property {number | null} fps
 * @property {number | null} bitrate bits per second
 * @property {number | null} lossRatio 0 to 1
 * @property {number | null} decodeMs for one frame
 * @property {number | null} bufferMs for one frame
 * @property {number | null} roundTripMs
 * @property {number} framesDropped
 */

/**
 * One step on the frame's way, `ms` null as long as nobody knows.
 *
 * @typedef {{label: string, ms: number | null}} LatencyStep
 */

/**
 * @typedef {object} ViewStats
 * @property {Rates} rates
 * @property {import("./contract.js").CameraStats | null} camera
 * @property {import("./contract.js").ConnectionStats | null} connection
 * @property {LatencyStep[]} steps
 * @property {number | null} estimatedLatencyMs the sum of the steps: an estimate, see `latencySteps`
 */

export class StatsReader {
  #counters;
  #connectionId;
  /** @type {Counters | undefined} */
  #previous;

  /**
   * Both are asked with each reading, for a view may get another session.
   *
   * @param {() => Promise<Counters> | undefined} counters
   * @param {() => string} connectionId
   */
  constructor(counters, connectionId) {
    this.#counters = counters;
    this.#connectionId = connectionId;
  }

  /** @returns {Promise<ViewStats>} */
  async read() {
    const connectionId = this.#connectionId();
    const [counters, sidecar] = await Promise.all([
      this.#counters(),
      connectionId ? invoke("get_stats", { connectionId }) : null,
    ]);
    const rates = ratesBetween(this.#previous, counters ?? countersOf([]));
    this.#previous = counters;
    const connection = sidecar?.connections.find((c) => c.connection_id === connectionId) ?? null;
    const camera = sidecar?.cameras.find((c) => c.device_id === connection?.device_id) ?? null;
    const steps = latencySteps(rates, camera, connection);
    return { rates, camera, connection, steps, estimatedLatencyMs: sum(steps) };
  }
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
  // Counts that went back are another session's.
  if (!before || seconds <= 0 || after.framesDecoded < before.framesDecoded || after.bytes < before.bytes) {
    return { fps: null, bitrate: null, lossRatio: null, decodeMs: null, bufferMs: null, roundTripMs, framesDropped: 0 };
  }
  const frames = after.framesDecoded - before.framesDecoded;
  const lost = Math.max(0, after.packetsLost - before.packetsLost); // late arrivals are taken back from the count
  return {
    fps: frames / seconds,
    bitrate: (8 * (after.bytes - before.bytes)) / seconds,
    lossRatio: ratio(lost, lost + after.packets - before.packets),
    decodeMs: ratio(after.decodeTime - before.decodeTime, frames),
    bufferMs: ratio(after.bufferTime - before.bufferTime, after.framesBuffered - before.framesBuffered),
    roundTripMs,
    framesDropped: after.framesDropped - before.framesDropped,
  };
}

/**
 * The way of a frame, as far as both ends can time it. What no clock sees is missing: the camera's exposure and
 * transfer before the first step, the screen's own refresh after the last one.
 *
 * @param {Rates} rates
 * @param {import("./contract.js").CameraStats | null} camera
 * @param {import("./contract.js").ConnectionStats | null} connection
 * @returns {LatencyStep[]}
 */
export function latencySteps(rates, camera, connection) {
  const roundTrip = rates.roundTripMs ?? connection?.round_trip_time_ms ?? null;
  return [
    { label: "Captured to encoded", ms: camera?.capture_to_encoded_ms.p50 ?? null },
    { label: "Encoded to sent", ms: connection?.encoded_to_sent_ms.p50 ?? null },
    { label: "Network, half the round trip", ms: roundTrip === null ? null : roundTrip / 2 },
    { label: "Receiver's buffer", ms: rates.bufferMs },
    { label: "Decoded", ms: rates.decodeMs },
  ];
}

/** @param {LatencyStep[]} steps */
function sum(steps) {
  const known = steps.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  return known.length === steps.length ? known.reduce((a, b) => a + b, 0) : null;
}

/**
 * @param {number} part
 * @param {number} whole
 */
function ratio(part, whole) {
  return whole > 0 ? part / whole : null;
}
