/** One camera on the page: its picture, state, figures and buttons. */

import { RpcError, showCamera } from "../camera-sidecar/index.js";
import { button, element } from "./dom.js";
import { Figures } from "./figures.js";
import { LatencyTable } from "./latency-table.js";
import { Toolbar } from "./toolbar.js";

/** @typedef {import("../camera-sidecar/index.js").CameraView} CameraView */
/** @typedef {import("../camera-sidecar/index.js").Camera} Camera */
/** @typedef {import("./formats.js").Choice} Choice */

/** ?transport=local uses the local stream, as a webview without WebRTC does. */
const TRANSPORT = /** @type {"auto" | "webrtc" | "local"} */ (
  new URLSearchParams(location.search).get("transport") ?? "auto"
);
const STATS_EVERY_MS = 1000;
const LATENCY_EVERY_MS = 200;

const STATE_LABELS = /** @type {const} */ ({
  starting: "Starting",
  connecting: "Connecting",
  live: "Live",
  interrupted: "Interrupted",
  ended: "Ended",
  stopped: "Stopped",
  failed: "Failed",
});

/** @typedef {keyof typeof STATE_LABELS} TileState */

export class Tile {
  /** @type {CameraView | undefined} */
  #view;
  /** @type {AbortController | undefined} */
  #starting;
  /** @type {(() => void)[]} */
  #endings = [];
  /** The time of the last latency measurement. */
  #measuredAt = -Infinity;
  #figures = new Figures();
  #latencyTable = new LatencyTable();
  #state = element("span", { className: "state" });
  #picture = element("div", { className: "picture" });
  #stopped = stoppedMessage(() => void this.start());
  #toggle = button("Stop", () => void this.#onToggle(), { className: "toggle" });
  #toolbar;
  #camera;
  #page;

  /**
   * @param {Camera} camera
   * @param {Choice | undefined} choice
   * @param {{announce: (text: string) => void, onRemove: (tile: Tile) => void}} page
   */
  constructor(camera, choice, page) {
    this.#camera = camera;
    this.#page = page;
    this.#toolbar = new Toolbar(camera, choice);
    this.#picture.append(this.#stopped, this.#toolbar.photoCard.element);
    if (choice) this.#setAspect(choice.width, choice.height);
    const remove = button("Remove", () => void this.remove(), { className: "quiet" });
    this.element = element(
      "article",
      { className: "tile", "aria-label": camera.name },
      element(
        "header",
        {},
        element("h2", { title: camera.name }, camera.name),
        this.#state,
        element("div", { className: "actions" }, this.#toggle, remove),
      ),
      this.#picture,
      this.#toolbar.element,
      this.#figures.element,
      this.#latencyTable.element,
    );
  }

  async start() {
    this.#setState("starting");
    const { signal } = (this.#starting = new AbortController());
    const options = { deviceId: this.#camera.device_id, transport: TRANSPORT, signal, onRetry: () => void this.start() };
    try {
      this.#follow(await showCamera(this.#picture, { ...options, ...this.#toolbar.options }));
    } catch (error) {
      if (!signal.aborted) this.#setState("failed");
      if (!(error instanceof RpcError || signal.aborted)) throw error;
    }
  }

  async stop() {
    this.#starting?.abort();
    const view = this.#view;
    this.#unfollow();
    this.#setState("stopped");
    await view?.stop();
  }

  async remove() {
    await this.stop();
    this.#toolbar.photoCard.close();
    this.element.remove();
    this.#page.onRemove(this);
  }

  /** @param {CameraView} view */
  #follow(view) {
    this.#view = view;
    this.#toolbar.follow(view);
    const timer = setInterval(() => void this.#readStats(view), STATS_EVERY_MS);
    this.#endings.push(() => clearInterval(timer));
    this.#endings.push(view.onFrame((shownAt, times) => this.#onFrame(shownAt, times)));
    view.addEventListener("state", () => this.#onViewState(view));
    view.addEventListener("size", () => this.#setAspect(view.width, view.height));
    this.#onViewState(view);
  }

  #unfollow() {
    this.#view = undefined;
    this.#toolbar.unfollow();
    for (const end of this.#endings.splice(0)) end();
    this.#figures.clear();
    this.#latencyTable.clear();
  }

  /** @param {CameraView} view */
  #onViewState(view) {
    if (view !== this.#view) return;
    if (view.state === "ended") this.#unfollow();
    this.#setState(view.state);
  }

  /**
   * @param {number} shownAt
   * @param {import("../camera-sidecar/index.js").FrameTimes} times
   */
  #onFrame(shownAt, { capturedAt }) {
    if (capturedAt === null || shownAt - this.#measuredAt < LATENCY_EVERY_MS) return;
    this.#measuredAt = shownAt;
    this.#figures.add("latency", Math.max(0, shownAt - capturedAt));
  }

  /** @param {CameraView} view */
  async #readStats(view) {
    try {
      const stats = await view.stats();
      if (view !== this.#view) return;
      const { rates, latency, estimatedLatencyMs } = stats;
      this.#figures.add("fps", rates.fps);
      this.#figures.add("bitrate", rates.bitrate === null ? null : rates.bitrate / 1e6);
      this.#figures.add("loss", rates.lossRatio === null ? null : rates.lossRatio * 100);
      this.#figures.qualifyLatency(latency.p50 === null ? "estimate" : "measured");
      if (latency.p50 === null) this.#figures.add("latency", estimatedLatencyMs);
      this.#latencyTable.show(stats, view.quality);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error; // the view's state shows why there are no figures
    } finally {
      this.#figures.draw();
    }
  }

  /** @param {TileState} state */
  #setState(state) {
    this.element.dataset.state = state;
    this.#state.textContent = STATE_LABELS[state];
    const running = ["starting", "connecting", "live", "interrupted"].includes(state);
    this.#toggle.textContent = running ? "Stop" : "Start";
    this.#stopped.hidden = state !== "stopped";
    this.#page.announce(`${this.#camera.name}: ${STATE_LABELS[state]}.`); // the overlay announces the reason
  }

  async #onToggle() {
    if (this.#toggle.textContent === "Stop") await this.stop();
    else await this.start();
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #setAspect(width, height) {
    if (width && height) this.#picture.style.aspectRatio = `${width} / ${height}`;
  }
}

/** The message in place of the picture while the camera is off. @param {() => void} onStart */
function stoppedMessage(onStart) {
  const title = element("p", { className: "camera-view-title" }, "Stopped");
  return element("div", { className: "camera-view-message", hidden: true }, title, button("Start again", onStart));
}
