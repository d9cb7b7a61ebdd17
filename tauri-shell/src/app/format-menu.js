/** The menu of a camera's formats in its tile; it shows the format in force. */

import { element } from "./dom.js";
import { choicesOf, describe } from "./formats.js";

/** @typedef {import("../camera-sidecar/index.js").Camera} Camera */
/** @typedef {import("./formats.js").Choice} Choice */

const SAME_RATE = 0.5; // frames per second; 29.97 is what a camera makes of 30

export class FormatMenu {
  element;
  #choices;
  #index;

  /**
   * @param {Camera} camera
   * @param {Choice | undefined} choice the one to begin with
   * @param {() => void} onChoose
   */
  constructor(camera, choice, onChoose) {
    this.#choices = choicesOf(camera.formats);
    this.#index = choice ? this.#indexOf(choice) : -1;
    this.element = element("select", { "aria-label": `Format of ${camera.name}`, className: "format" });
    this.element.addEventListener("change", () => {
      this.#index = Number(this.element.value);
      onChoose();
    });
    this.#draw();
  }

  /** The chosen format; undefined while the camera's usual one is wanted. */
  get choice() {
    return this.#choices[this.#index];
  }

  /** Show the format in force. @param {Choice} format */
  show({ width, height, fps }) {
    this.#index = this.#indexOf({ width, height, fps });
    this.#draw();
  }

  /** @param {Choice} choice one that is not listed is added */
  #indexOf(choice) {
    const found = this.#choices.findIndex((each) => isSame(each, choice));
    return found < 0 ? this.#choices.push(choice) - 1 : found;
  }

  #draw() {
    const options = this.#choices.map((choice, index) => element("option", { value: String(index) }, describe(choice)));
    this.element.replaceChildren(...options);
    this.element.selectedIndex = this.#index;
    this.element.disabled = options.length < 2;
    this.element.hidden = options.length === 0;
  }
}

/**
 * @param {Choice} one
 * @param {Choice} other
 */
function isSame(one, other) {
  return one.width === other.width && one.height === other.height && Math.abs(one.fps - other.fps) < SAME_RATE;
}
