/**
 * The message in place of a camera's picture: its state, or an error with advice. And a badge with the quality in a
 * corner of a picture that is not good.
 *
 * The looks are custom properties (--camera-view-background, -color, -muted, -problem, -fair) and the classes below. The
 * page's own style sheets override them.
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
  :where(.camera-view-quality) {
    position: absolute; inset: auto auto 10px 10px; max-width: calc(100% - 20px); box-sizing: border-box;
    padding: 3px 10px; border-radius: 11px; font-size: 12px; line-height: 16px;
    background: var(--camera-view-background, rgb(8 9 10 / 82%)); color: var(--camera-view-color, #eceff2);
  }
  :where(.camera-view-quality)[hidden] { display: none; }
  :where(.camera-view-quality)::before {
    content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 7px; border-radius: 4px;
    background: var(--camera-view-fair, #ffca5f);
  }
  :where(.camera-view-quality[data-level="poor"])::before { background: var(--camera-view-problem, #ff8a80); }
  :where(.camera-view-quality span) { display: none; color: var(--camera-view-muted, #aab3bd); }
  :where(.camera-view-quality:hover span, .camera-view-quality:focus span) { display: inline; }
`;

/** @type {WeakSet<Document>} */
const styled = new WeakSet();

/** Add the style sheet to the page, once. A constructed sheet needs no exception in a Content-Security-Policy. */
function addStyle() {
  if (styled.has(document)) return;
  styled.add(document);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
}

export class Overlay {
  element = document.createElement("div");

  constructor() {
    addStyle();
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

  /**
   * Show the message of a view in this state.
   *
   * @param {import("./view-status.js").ViewState} state
   * @param {string} reason
   * @param {string} text
   * @param {Message["action"]} retry the button of an ended view
   */
  showState(state, reason, text, retry) {
    if (state === "live") this.hide();
    else if (state === "connecting") this.show({ title: reason || "Connecting…", text });
    else if (state === "interrupted") this.show({ title: reason, text });
    else this.show({ title: reason, text, problem: true, ...(retry && { action: retry }) });
  }
}

/** The quality of a picture that is fair or poor. Pointing at it or focusing it shows the advice. */
export class QualityBadge {
  element = document.createElement("div");

  constructor() {
    this.element.className = "camera-view-quality";
    this.element.tabIndex = 0; // focusable, for users without a pointer
    this.element.setAttribute("role", "note");
    this.element.hidden = true;
  }

  /** @param {import("./quality.js").Quality | null} quality */
  show(quality) {
    this.element.hidden = !quality || quality.level === "good";
    if (!quality || this.element.hidden) return;
    this.element.dataset.level = quality.level;
    const hint = Object.assign(document.createElement("span"), { textContent: ` – ${quality.hint ?? ""}` });
    this.element.replaceChildren(describeQuality(quality), hint);
  }
}

const REASONS = { cpu: "processor", network: "network", camera: "camera" };

/** The quality in words, as in "Fair: network". @param {import("./quality.js").Quality} quality */
export function describeQuality({ level, reason }) {
  const word = `${level[0]?.toUpperCase()}${level.slice(1)}`;
  return reason ? `${word}: ${REASONS[reason]}` : word;
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
