/** One camera on the page: its picture, its state, its figures, and the buttons for it. */

import { showCamera } from "../player.js";
import { RpcError } from "../rpc-error.js";
import { measureLatency } from "../time-strip.js";
import { button, element } from "./dom.js";
import { Figures } from "./figures.js";
import { LatencyTable } from "./latency-table.js";

/** @typedef {import("../player.js").CameraView} CameraView */
/** @typedef {import("../contract.js").Camera} Camera */
/** @typedef {import("./formats.js").Choice} Choice */
/** @typedef {{title: string, text: string, action?: string, problem?: boolean}} Message */

const TEST_PATTERN = "test:pattern";
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
  #figures = new Figures();
  #latencyTable = new LatencyTable();
  #state = element("span", { className: "state" });
  #picture = element("div", { className: "picture" });
  #message = element("div", { className: "message" });
  #toggle = button("Stop", () => void this.#onToggle(), { className: "toggle" });
  #mirror = button("Mirror", () => this.#onMirror(), { "aria-pressed": "false" });
  #camera;
  #choice;
  #page;

  /**
   * @param {Camera} camera
   * @param {Choice | undefined} choice
   * @param {{announce: (text: string) => void, onRemove: (tile: Tile) => void}} page
   */
  constructor(camera, choice, page) {
    this.#camera = camera;
    this.#choice = choice;
    this.#page = page;
    this.#picture.append(this.#message);
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
        element("div", { className: "actions" }, this.#mirror, this.#toggle, remove),
      ),
      this.#picture,
      this.#figures.element,
      this.#latencyTable.element,
    );
  }

  async start() {
    this.#setState("starting", { title: "Starting the camera…", text: "" });
    const { signal } = (this.#starting = new AbortController());
    const format = this.#choice && { format: this.#choice };
    try {
      this.#follow(await showCamera(this.#picture, { deviceId: this.#camera.device_id, signal, ...format }));
    } catch (error) {
      if (!signal.aborted) this.#showError(error);
    }
  }

  async stop() {
    this.#starting?.abort();
    const view = this.#view;
    this.#unfollow();
    this.#setState("stopped", { title: "Stopped", text: "", action: "Start again" });
    await view?.stop();
  }

  async remove() {
    await this.stop();
    this.element.remove();
    this.#page.onRemove(this);
  }

  /** @param {CameraView} view */
  #follow(view) {
    this.#view = view;
    const timer = setInterval(() => void this.#readStats(view), STATS_EVERY_MS);
    this.#endings.push(() => clearInterval(timer));
    if (view.deviceId === TEST_PATTERN) {
      const onLatency = (/** @type {number} */ ms) => this.#figures.add("latency", ms);
      this.#endings.push(measureLatency(view.video, onLatency, { everyMs: LATENCY_EVERY_MS }));
    }
    this.#figures.qualifyLatency(view.deviceId === TEST_PATTERN ? "measured" : "estimate");
    view.addEventListener("state", () => this.#onViewState(view));
    view.addEventListener("size", () => this.#setAspect(view.video.videoWidth, view.video.videoHeight));
    this.#onViewState(view);
  }

  #unfollow() {
    this.#view = undefined;
    for (const end of this.#endings.splice(0)) end();
    this.#figures.clear();
    this.#latencyTable.clear();
  }

  /** @param {CameraView} view */
  #onViewState(view) {
    if (view !== this.#view) return;
    const { state, reason, hint } = view;
    if (state === "live") this.#setState("live");
    else if (state === "connecting") this.#setState("connecting", { title: "Connecting…", text: "" });
    else if (state === "interrupted") this.#setState("interrupted", { title: reason, text: hint });
    else {
      this.#unfollow();
      this.#setState("ended", { title: reason, text: hint, action: "Start again", problem: true });
    }
  }

  /** @param {CameraView} view */
  async #readStats(view) {
    try {
      const { rates, camera, connection, steps, estimatedLatencyMs } = await view.stats();
      if (view !== this.#view) return;
      this.#figures.add("fps", rates.fps);
      this.#figures.add("bitrate", rates.bitrate === null ? null : rates.bitrate / 1e6);
      this.#figures.add("loss", rates.lossRatio === null ? null : rates.lossRatio * 100);
      if (view.deviceId !== TEST_PATTERN) this.#figures.add("latency", estimatedLatencyMs);
      this.#latencyTable.show(steps, camera, connection);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error; // the view's own state says why there are no figures
    } finally {
      this.#figures.draw();
    }
  }

  /** @param {unknown} error */
  #showError(error) {
    const known = error instanceof RpcError ? error : new RpcError(0, String(error));
    this.#setState("failed", { title: known.message, text: known.data.hint, action: "Try again", problem: true });
  }

  /**
   * @param {TileState} state
   * @param {Message} [message] shown where the picture would be
   */
  #setState(state, message) {
    this.element.dataset.state = state;
    this.#state.textContent = STATE_LABELS[state];
    const running = ["starting", "connecting", "live", "interrupted"].includes(state);
    this.#toggle.textContent = running ? "Stop" : "Start";
    this.#message.replaceChildren(...(message ? this.#contentsOf(message) : []));
    this.#message.hidden = !message;
    const spoken = message && message.title !== STATE_LABELS[state] ? `${message.title} ${message.text}` : "";
    this.#page.announce(`${this.#camera.name}: ${STATE_LABELS[state]}. ${spoken}`.trim());
  }

  /** @param {Message} message */
  #contentsOf({ title, text, action, problem = false }) {
    this.#message.classList.toggle("problem", problem);
    const contents = [element("p", { className: "message-title" }, title)];
    if (text) contents.push(element("p", {}, text));
    return action ? [...contents, button(action, () => void this.start(), { className: "primary" })] : contents;
  }

  async #onToggle() {
    if (this.#toggle.textContent === "Stop") await this.stop();
    else await this.start();
  }

  #onMirror() {
    const mirrored = this.#picture.classList.toggle("mirrored");
    this.#mirror.setAttribute("aria-pressed", String(mirrored));
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #setAspect(width, height) {
    if (width && height) this.#picture.style.aspectRatio = `${width} / ${height}`;
  }
}
