/**
 * What stands where a camera's picture would be: its state, or an error and what a person can do about it.
 *
 * The looks are custom properties (--camera-view-background, -color, -muted, -problem) and the classes below; what a
 * page's own style sheet says about them goes before what is said here.
 */

/** @typedef {{title: string, text?: string, action?: {label: string, run: () => void}, problem?: boolean}} Message */

const STYLE = `
  :where(.camera-view) { position: relative; width: 100%; height: 100%; overflow: hidden; }
  :where(.camera-view > video, .camera-view > canvas) {
    display: block; width: 100%; height: 100%; object-fit: contain;
  }
  :where(.camera-view[data-mirrored] > video, .camera-view[data-mirrored] > canvas) { transform: scaleX(-1); }
  :where(.camera-view-message) {
    position: absolute; inset: 0; z-index: 1; box-sizing: border-box; padding: 20px; overflow: auto;
    display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 6px;
    text-align: center; text-wrap: balance;
    background: var(--camera-view-background, rgb(8 9 10 / 82%)); color: var(--camera-view-color, #eceff2);
  }
  :where(.camera-view-message)[hidden] { display: none; }
  :where(.camera-view-message p) { margin: 0; max-width: 46ch; color: var(--camera-view-muted, #aab3bd); }
  :where(.camera-view-message .camera-view-title) { font-size: 1.06em; font-weight: 600; color: inherit; }
  :where(.camera-view-message[data-problem] .camera-view-title) { color: var(--camera-view-problem, #ff8a80); }
  :where(.camera-view-message button) { margin-top: 10px; }
`;

/** @type {WeakSet<Document>} */
const styled = new WeakSet();

/** Give the page the looks, once; a sheet made by script needs no exception in a Content-Security-Policy. */
function style() {
  if (styled.has(document)) return;
  styled.add(document);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
}

export class Overlay {
  element = document.createElement("div");

  constructor() {
    style();
    this.element.className = "camera-view-message";
    this.element.setAttribute("aria-live", "polite");
    this.hide();
  }

  /** @param {Message} message */
  show({ title, text, action, problem = false }) {
    const contents = [paragraph(title, "camera-view-title"), ...(text ? [paragraph(text)] : [])];
    this.element.replaceChildren(...contents, ...(action ? [button(action)] : []));
    this.element.toggleAttribute("data-problem", problem);
    this.element.hidden = false;
  }

  hide() {
    this.element.replaceChildren();
    this.element.hidden = true;
  }
}

/**
 * @param {string} text
 * @param {string} [className]
 */
function paragraph(text, className = "") {
  return Object.assign(document.createElement("p"), { textContent: text, className });
}

/** @param {{label: string, run: () => void}} action */
function button({ label, run }) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: label });
  made.addEventListener("click", run);
  return made;
}
