/** The controls under a picture: its format, a photo, the mirror. */

import { RpcError } from "../camera-sidecar/index.js";
import { button, element } from "./dom.js";
import { FormatMenu } from "./format-menu.js";
import { PhotoCard } from "./photo-card.js";

/** @typedef {import("../camera-sidecar/index.js").Camera} Camera */
/** @typedef {import("../camera-sidecar/index.js").CameraView} CameraView */

export class Toolbar {
  photoCard = new PhotoCard();
  /** @type {CameraView | undefined} */
  #view;
  #formats;
  #photo = button("Photo", () => void this.#takePhoto(), { disabled: true });
  #mirror = button("Mirror", () => this.#onMirror(), { "aria-pressed": "false" });
  #notice = element("p", { className: "notice", role: "alert" });
  #camera;

  /**
   * @param {Camera} camera
   * @param {import("./formats.js").Choice | undefined} choice
   */
  constructor(camera, choice) {
    this.#camera = camera;
    this.#formats = new FormatMenu(camera, choice, () => void this.#setFormat());
    const buttons = element("div", { className: "actions" }, this.#photo, this.#mirror);
    this.element = element("div", { className: "toolbar" }, this.#formats.element, buttons, this.#notice);
  }

  /** The chosen format and the mirror, as options of `showCamera`. */
  get options() {
    const { choice } = this.#formats;
    return { mirror: this.#isMirrored, ...(choice && { format: choice }) };
  }

  /** Control this view from now on. @param {CameraView} view */
  follow(view) {
    this.#view = view;
    view.addEventListener("format", () => this.#onFormat(view));
    view.addEventListener("state", () => this.#onState(view));
    this.#onFormat(view);
    this.#onState(view);
  }

  unfollow() {
    this.#view = undefined;
    this.#photo.disabled = true;
    this.#notice.textContent = "";
  }

  /** @param {CameraView} view */
  #onFormat(view) {
    if (view === this.#view && view.format) this.#formats.show(view.format);
  }

  /** @param {CameraView} view */
  #onState(view) {
    if (view === this.#view) this.#photo.disabled = view.state !== "live";
  }

  async #setFormat() {
    const { choice } = this.#formats;
    const view = this.#view;
    if (view && choice) await this.#attempt(() => view.setFormat(choice));
    if (view) this.#onFormat(view); // the format in force, also when the chosen one was refused
  }

  async #takePhoto() {
    const view = this.#view;
    if (view) await this.#attempt(async () => this.photoCard.show(await view.takePhoto(), this.#camera.name));
  }

  /** Show why an action failed, until the next one. @param {() => Promise<unknown>} action */
  async #attempt(action) {
    this.#notice.textContent = "";
    try {
      await action();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#notice.textContent = `${error.message} ${error.data.hint}`;
    }
  }

  get #isMirrored() {
    return this.#mirror.getAttribute("aria-pressed") === "true";
  }

  #onMirror() {
    this.#mirror.setAttribute("aria-pressed", String(!this.#isMirrored));
    if (this.#view) this.#view.mirror = this.#isMirrored;
  }
}
