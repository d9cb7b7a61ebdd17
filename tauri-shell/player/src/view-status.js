/**
 * connecting: no picture yet; live: the picture moves; interrupted: the picture stands still, and may recover by itself;
 * ended: the view does not recover.
 *
 * @typedef {"connecting" | "live" | "interrupted" | "ended"} ViewState
 */

/** The origin of an interruption. @typedef {"camera" | "connection" | "browser" | "sidecar"} Source */

const MAY_RECOVER = "It may recover by itself.";

/** The state of a view, with its reason: follows from the first picture and the current interruptions. */
export class ViewStatus {
  /** @type {ViewState} */
  state = "connecting";
  reason = "";
  hint = "";
  /** Whether the view has shown a picture. */
  hasPicture = false;

  /** @type {Map<Source, {reason: string, hint: string}>} */
  #interruptions = new Map();
  #isFinal = false;
  #onUpdate;

  /** @param {(isChanged: boolean) => void} onUpdate called after each calculation; `isChanged`: with another state or reason */
  constructor(onUpdate) {
    this.#onUpdate = onUpdate;
  }

  /** Whether the picture stands still, for one or several reasons. */
  get isInterrupted() {
    return this.#interruptions.size > 0;
  }

  /** @param {Source} source */
  isInterruptedBy(source) {
    return this.#interruptions.has(source);
  }

  /** The advice of the camera's interruption. */
  get cameraHint() {
    return this.#interruptions.get("camera")?.hint;
  }

  /**
   * @param {Source} source
   * @param {string | null} [reason]
   * @param {string | null} [hint]
   */
  interrupt(source, reason, hint) {
    const fallback = source === "camera" ? "The camera delivers no pictures." : "The connection is interrupted.";
    this.#interruptions.set(source, { reason: reason ?? fallback, hint: hint ?? MAY_RECOVER });
    this.update();
  }

  /** @param {Source} source */
  resume(source) {
    this.#interruptions.delete(source);
    this.update();
  }

  /** A picture is shown. */
  onPicture() {
    this.hasPicture = true;
    this.resume("sidecar");
  }

  /**
   * @param {string} reason
   * @param {string} hint
   */
  end(reason, hint) {
    this.#set("ended", reason, hint);
  }

  /** Keep the state from now on. */
  freeze() {
    this.#isFinal = true;
  }

  update() {
    const [interruption] = this.#interruptions.values();
    if (!this.hasPicture) this.#set("connecting", interruption?.reason, interruption?.hint);
    else if (interruption) this.#set("interrupted", interruption.reason, interruption.hint);
    else this.#set("live");
  }

  /**
   * @param {ViewState} state
   * @param {string} [reason]
   * @param {string} [hint]
   */
  #set(state, reason = "", hint = "") {
    if (this.#isFinal) return;
    const isChanged = state !== this.state || reason !== this.reason;
    Object.assign(this, { state, reason, hint });
    this.#onUpdate(isChanged);
  }
}
