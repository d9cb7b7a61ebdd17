/** The list of cameras, each with a choice of formats and a button that starts it. */

import { button, element } from "./dom.js";
import { choicesOf, describe, usualChoice } from "./formats.js";

/** @typedef {import("../camera-sidecar/index.js").Camera} Camera */
/** @typedef {import("./formats.js").Choice} Choice */
/** @typedef {(camera: Camera, choice: Choice | undefined) => void} OnStart */

export class CameraList {
  element = element("div", { className: "camera-list" });
  /** The items shown, by camera: an unchanged camera keeps its item. @type {Map<string, HTMLElement>} */
  #items = new Map();
  #onStart;

  /** @param {OnStart} onStart */
  constructor(onStart) {
    this.#onStart = onStart;
  }

  /** @param {Camera[]} cameras */
  show(cameras) {
    const focused = document.activeElement; // read before the items move, because a moved item loses the focus
    this.#items = new Map(cameras.map((camera) => this.#keyed(camera)));
    const real = cameras.filter(({ kind }) => kind !== "test");
    const test = cameras.filter(({ kind }) => kind === "test");
    const sections = [this.#section("Cameras", real, noCamera())];
    if (test.length) sections.push(this.#section("Without a camera", test));
    this.element.replaceChildren(...sections);
    if (focused instanceof HTMLElement && this.element.contains(focused)) focused.focus();
  }

  /**
   * @param {string} title
   * @param {Camera[]} cameras
   * @param {HTMLElement} [whenEmpty]
   */
  #section(title, cameras, whenEmpty) {
    const items = cameras.flatMap((camera) => this.#items.get(JSON.stringify(camera)) ?? []);
    const contents = items.length || !whenEmpty ? element("ul", {}, ...items) : whenEmpty;
    return element("section", {}, element("h2", {}, title), contents);
  }

  /**
   * @param {Camera} camera
   * @returns {[string, HTMLElement]}
   */
  #keyed(camera) {
    const key = JSON.stringify(camera);
    return [key, this.#items.get(key) ?? this.#item(camera)];
  }

  /** @param {Camera} camera */
  #item(camera) {
    const choices = choicesOf(camera.formats);
    const select = formatSelect(camera, choices);
    const start = button("Start", () => this.#onStart(camera, choices[Number(select?.value ?? 0)]), {
      "aria-label": `Start ${camera.name}`,
      "data-device": camera.device_id,
    });
    const busy = camera.is_available ? "" : "In use by another program";
    const description = camera.description === camera.name ? "" : camera.description;
    return element(
      "li",
      {},
      element("h3", {}, camera.name),
      start,
      ...(busy || description ? [element("p", { className: busy ? "busy" : "" }, busy || description)] : []),
      ...(select ? [select] : []),
    );
  }
}

function noCamera() {
  return element("p", { className: "no-camera" }, "No camera was found. Plug one in, and it appears here.");
}

/**
 * @param {Camera} camera
 * @param {Choice[]} choices
 */
function formatSelect(camera, choices) {
  if (choices.length < 2) return undefined;
  const usual = usualChoice(choices);
  const options = choices.map((choice, index) =>
    element("option", { value: String(index), selected: choice === usual }, describe(choice)),
  );
  return element("select", { "aria-label": `Format of ${camera.name}` }, ...options);
}
