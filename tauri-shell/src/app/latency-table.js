/** Where the time goes, step by step, and what else is known of a connection: under the figures, folded. */

import { element } from "./dom.js";

/** @typedef {import("../contract.js").CameraStats} CameraStats */
/** @typedef {import("../contract.js").ConnectionStats} ConnectionStats */

export class LatencyTable {
  #rows = element("dl", { className: "rows" });
  element = element("details", {}, element("summary", {}, "Where the time goes"), this.#rows);

  /**
   * @param {import("../stats-reader.js").LatencyStep[]} steps
   * @param {CameraStats | null} camera
   * @param {ConnectionStats | null} connection
   */
  show(steps, camera, connection) {
    /** @type {[string, string][]} */
    const rows = steps.map(({ label, ms }) => [label, ms === null ? "–" : `${ms.toFixed(1)} ms`]);
    if (camera) rows.push(["Picture", `${camera.width} × ${camera.height}, ${camera.encoder}`]);
    if (camera) rows.push(["Viewers of this camera", String(camera.viewers)]);
    if (connection) rows.push(...connectionRows(connection));
    const pairs = rows.map(([label, value]) => element("div", {}, element("dt", {}, label), element("dd", {}, value)));
    this.#rows.replaceChildren(...pairs);
  }

  clear() {
    this.#rows.replaceChildren(element("p", {}, "Nothing to tell while the camera is off."));
  }
}

/**
 * @param {ConnectionStats} connection
 * @returns {[string, string][]}
 */
function connectionRows({ time_to_first_frame_ms: first, candidate_pair: pair, retransmitted_packets_sent: resent }) {
  return [
    ["First frame sent after", first === null ? "–" : `${first.toFixed(0)} ms`],
    ["Path", pair ? `${pair.local.type} to ${pair.remote.type}, ${pair.local.protocol}` : "–"],
    ["Packets sent again", String(resent)],
  ];
}
