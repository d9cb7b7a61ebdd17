/** The newest photo of a camera, in a corner of its picture: a click saves it as a file. */

import { button, element } from "./dom.js";

export class PhotoCard {
  element = element("figure", { className: "photo", hidden: true });
  #url = "";

  /**
   * @param {Blob} photo
   * @param {string} name of the camera
   */
  async show(photo, name) {
    this.close();
    this.#url = URL.createObjectURL(photo);
    const image = element("img", { src: this.#url, alt: `Photo of ${name}` });
    await image.decode();
    const size = `${image.naturalWidth} × ${image.naturalHeight}`;
    const link = element("a", { href: this.#url, download: fileName(name, new Date()), title: "Save the photo" }, image);
    link.append(element("span", { className: "photo-caption" }, `Save ${size}`));
    this.element.replaceChildren(link, button("×", () => this.close(), { "aria-label": "Close the photo" }));
    this.element.hidden = false;
  }

  close() {
    URL.revokeObjectURL(this.#url);
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}

/**
 * @param {string} name
 * @param {Date} time
 */
function fileName(name, time) {
  const local = new Date(time.getTime() - 60_000 * time.getTimezoneOffset()).toISOString();
  return `${name} ${local.slice(0, 19).replace("T", " ").replaceAll(":", ".")}.jpg`;
}
