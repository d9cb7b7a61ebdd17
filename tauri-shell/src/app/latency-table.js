/** The latency by steps and further facts of a connection, folded under the figures. */

import { describeQuality } from "../camera-sidecar/index.js";
import { element } from "./dom.js";

/** @typedef {import("../camera-sidecar/index.js").ConnectionStats} ConnectionStats */

export class LatencyTable {
  #rows = element("dl", { className: "rows" });
  element = element("details", {}, element("summary", {}, "Where the time goes (median / 95th percentile)"), this.#rows);

  /**
   * @param {import("../camera-sidecar/index.js").ViewStats} stats
   * @param {import("../camera-sidecar/index.js").Quality | null} quality
   */
  show({ steps, latency, camera, connection }, quality) {
    const times = [...steps, { label: "Captured to shown", ...latency }];
    /** @type {[string, string][]} */
    const rows = times.map(({ label, p50, p95 }) => [label, `${milliseconds(p50)} / ${milliseconds(p95)} ms`]);
    if (quality) rows.push(["Quality", quality.hint ? `${describeQuality(quality)}. ${quality.hint}` : "Good"]);
    if (camera) rows.push(["Picture", `${camera.width} × ${camera.height}, ${camera.encoder}`]);
    if (camera) rows.push(["Viewers of this camera", String(camera.viewers)]);
    if (connection) rows.push(...connectionRows(connection));
    const pairs = rows.map(([label, value]) => element("div", {}, element("dt", {}, label), element("dd", {}, value)));
    this.#rows.replaceChildren(...pairs);
  }

  clear() {
    this.#rows.replaceChildren(element("p", {}, "No figures while the camera is off."));
  }
}

/**
 * @param {ConnectionStats} connection
 * @returns {[string, string][]}
 */
function connectionRows({ time_to_first_frame_ms: first, candidate_pair: pair, retransmitted_packets_sent: resent }) {
  return [
    ["First picture sent after", first === null ? "–" : `${first.toFixed(0)} ms`],
    ["Path", pair ? `${pair.local.type} to ${pair.remote.type}, ${pair.local.protocol}` : "–"],
    ["Packets retransmitted", String(resent)],
  ];
}

/** @param {number | null} ms */
function milliseconds(ms) {
  return ms === null ? "–" : ms.toFixed(1);
}
