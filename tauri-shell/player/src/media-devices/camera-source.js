/**
 * One open camera of the page, with one connection and one decoder for all of its tracks. The last track's stop closes
 * it.
 */

import { LiveCamera } from "../live-camera.js";
import { RpcError } from "../rpc-error.js";
import { makeBaseTrack } from "./base-track.js";
import { CameraTrack } from "./camera-track.js";
import { overconstrained } from "./errors.js";
import { selectSettings, unmetConstraint } from "./fitness.js";
import { candidatesOf, capabilitiesOf, isSameFormat, settingsOf } from "./settings.js";

/** @typedef {import("./camera-track.js").TrackSource} TrackSource */
/** @typedef {import("./constraints.js").Constraints} Constraints */
/** @typedef {import("./settings.js").Candidate} Candidate */

/** @implements {TrackSource} */
export class CameraSource {
  #camera;
  /** The format that the camera is opened with. */
  #firstFormat;
  #live;
  #base;
  #isMuted = false;
  #isClosed = false;
  #onClosed;
  /** Uses by getUserMedia that have no track yet. */
  #holds = 0;
  /** Strong references: WebKit may forget the own members of a track that only its native side holds. @type {Set<CameraTrack>} */
  #tracks = new Set();
  /** Resolves when the last change is done. @type {Promise<void>} */
  #applying = Promise.resolve();

  /**
   * @param {Candidate} candidate
   * @param {() => void} onClosed the camera takes no more tracks
   */
  constructor({ camera, format }, onClosed) {
    this.#camera = camera;
    this.#firstFormat = format;
    this.#onClosed = onClosed;
    this.#base = makeBaseTrack();
    this.#live = new LiveCamera(this.#base.element, { deviceId: camera.device_id, format, ...this.#base.options }, {
      onStatus: () => this.#onStatus(),
      onSize: () => {},
    });
  }

  get label() {
    return this.#camera.name;
  }

  get isMuted() {
    return this.#isMuted;
  }

  get sessionId() {
    return this.#live.session?.sessionId ?? "";
  }

  /** The canvas with the newest picture; undefined over WebRTC. */
  get canvas() {
    return this.#base.element instanceof HTMLCanvasElement ? this.#base.element : undefined;
  }

  /** Resolves with the first picture. Rejects with an `RpcError` or a DOMException, after releasing the camera. */
  async start() {
    try {
      await Promise.all([this.#firstPicture(), this.#live.start()]);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  settings() {
    return settingsOf(this.#camera, this.#format);
  }

  capabilities() {
    return capabilitiesOf(this.#camera);
  }

  /** Keep the camera open until `unhold`. */
  hold() {
    this.#holds++;
  }

  unhold() {
    this.#holds--;
    this.#closeUnused();
  }

  /**
   * Add a track with these constraints. Rejects with an OverconstrainedError when the camera cannot fulfil the required
   * ones together with those of its other tracks.
   *
   * @param {Constraints} constraints
   * @param {unknown} given the constraints as the page gave them
   */
  addTrack(constraints, given) {
    return this.#inTurn(async () => {
      if (unmetConstraint(constraints.basic, this.settings())) await this.#fit(constraints, [...this.#tracks]);
      const native = this.#base.track();
      if (this.#isClosed || !native) throw stopped();
      return this.adopt(native.clone(), given).native;
    });
  }

  /**
   * @param {MediaStreamTrack} native
   * @param {unknown} given
   */
  adopt(native, given) {
    const track = new CameraTrack(native, this, given);
    this.#tracks.add(track);
    return track;
  }

  /**
   * @param {CameraTrack} track
   * @param {Constraints} constraints
   */
  apply(track, constraints) {
    return this.#inTurn(async () => {
      if (!track.isLive) throw new DOMException("The track has ended.", "InvalidStateError");
      await this.#fit(constraints, [...this.#tracks].filter((other) => other !== track));
      track.constraints = constraints;
    });
  }

  /** @param {CameraTrack} track */
  release(track) {
    if (this.#tracks.delete(track)) this.#closeUnused();
  }

  /** End all tracks and release the camera. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed();
    this.#onStarted(this.#live.status); // the first picture does not come any more
    for (const track of this.#tracks) track.end();
    this.#tracks.clear();
    this.#base.close();
    void this.#live.close();
  }

  /** The format in force, for all tracks. */
  get #format() {
    return this.#live.format ?? this.#firstFormat;
  }

  #closeUnused() {
    if (!this.#tracks.size && !this.#holds) this.close();
  }

  #firstPicture() {
    return new Promise((resolve, reject) => {
      this.#onStarted = ({ state, reason, hint }) => {
        if (state === "live") resolve(undefined);
        else if (state === "ended") reject(new DOMException(`${reason} ${hint}`.trim(), "NotReadableError"));
        else if (this.#isClosed) reject(stopped());
      };
      this.#onStarted(this.#live.status);
    });
  }

  /** @type {(status: import("../view-status.js").ViewStatus) => void} */
  #onStarted = () => {};

  #onStatus() {
    const { status } = this.#live;
    this.#onStarted(status);
    if (status.state === "ended") return this.close();
    const isMuted = status.state !== "live";
    if (isMuted === this.#isMuted) return;
    this.#isMuted = isMuted;
    for (const track of [...this.#tracks]) track.onMuted();
  }

  /**
   * Make a change after those before it: each one sees the tracks, their constraints and the format that the last one left.
   *
   * @template T
   * @param {() => Promise<T>} change
   */
  #inTurn(change) {
    const changed = this.#applying.then(change);
    this.#applying = changed.then(() => {}, () => {});
    return changed;
  }

  /**
   * Change the format to the best one for the constraints that also fulfils the required constraints of other tracks.
   * Rejects with an OverconstrainedError when there is none.
   *
   * @param {Constraints} constraints
   * @param {CameraTrack[]} others
   */
  async #fit(constraints, others) {
    const format = this.#bestFormat(constraints, others);
    if (!isSameFormat(format, this.#format)) await this.#setFormat(format);
    if (this.#isClosed) throw stopped();
    const failed = unmetConstraint(constraints.basic, this.settings());
    if (failed) throw overconstrained(failed);
  }

  /**
   * @param {Constraints} constraints
   * @param {CameraTrack[]} others
   */
  #bestFormat(constraints, others) {
    const settings = this.settings();
    const inForce = { camera: this.#camera, format: this.#format, settings };
    const required = others.map((other) => other.constraints.basic);
    // With the values that other tracks name: the camera may have them besides the formats that it lists.
    const named = { basic: constraints.basic, advanced: [...constraints.advanced, ...required] };
    const all = [inForce, ...candidatesOf(this.#camera, named)];
    selectSettings(all, constraints, settings); // throws with the constraint that the camera cannot fulfil
    const shared = all.filter((one) => required.every((set) => !unmetConstraint(set, one.settings)));
    return selectSettings(shared, constraints, settings).format;
  }

  /**
   * A refusal is no error here: the format that stays may fulfil the required constraints, and the others are wishes.
   *
   * @param {import("./settings.js").Format} format
   */
  async #setFormat(format) {
    try {
      await this.#live.setFormat(format);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      console.info("The camera keeps its format:", error.message);
    }
  }
}

function stopped() {
  return new DOMException("The camera was stopped meanwhile.", "AbortError");
}
