/** A peer connection that shows the sidecar's video and records its frames and candidates. */

import { invoke, listen } from "./shell/invoke.js";

const PATIENCE_MS = 20_000;
const STAMP_CELLS = 32;
const MAX_STAMPS = 1000;

/**
 * Fails when the condition does not come true; it is looked at with each turn of the page's animation clock, and a few
 * times a second where that clock stands.
 *
 * @param {() => unknown} condition
 * @param {string} what
 * @param {number} [limit] milliseconds
 */
async function until(condition, what, limit = PATIENCE_MS) {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limit} ms`);
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 100);
    });
  }
}

export class Viewer {
  connectionId = "";
  frames = 0;
  /** The time stamps in the strip at the top of each frame, milliseconds since the epoch modulo 2³². */
  stamps = [];
  /** The picture's middle row, as a text that changes with it. */
  row = "";
  /** In the page's milliseconds. */
  firstFrameAt = NaN;
  answeredAt = NaN;
  /** The candidates that this side found, null at the end. */
  found = [];
  /** The answer as it is before any candidate is found. */
  answerSdp = "";
  /** The sidecar's candidates, null at the end. */
  received = [];
  video = document.createElement("video");
  #unlisten = () => {};

  /** @param {RTCConfiguration | RTCPeerConnection} [given] a configuration, or a connection that is there already */
  constructor(given = {}) {
    this.peer = given instanceof RTCPeerConnection ? given : new RTCPeerConnection(given);
    this.video.muted = this.video.autoplay = this.video.playsInline = true;
    document.body.append(this.video);
    this.peer.addEventListener("track", ({ track }) => this.attach(track));
    for (const { track } of this.peer.getReceivers()) this.attach(track);
    this.#watch();
  }

  /** @param {MediaStreamTrack} track */
  attach(track) {
    this.video.srcObject = new MediaStream([track]);
  }

  /**
   * The usual way: the sidecar offers, this side answers, both trickle.
   *
   * @param {object} params of start_camera_webrtc_session
   */
  async show(params) {
    const held = [];
    this.#unlisten = listen("ice_candidate", (event) => held.push(event));
    const offer = await invoke("start_camera_webrtc_session", params);
    this.connectionId = offer.connection_id;
    this.trickle();
    await this.peer.setRemoteDescription({ type: offer.sdp_type, sdp: offer.sdp });
    this.#unlisten();
    this.hear();
    for (const event of held) this.#receive(event);
    await this.answer();
  }

  /** Send the browser's candidates as they are gathered. */
  trickle() {
    this.peer.onicecandidate = ({ candidate }) => {
      this.found.push(candidate?.toJSON() ?? null);
      void this.send(this.found.at(-1));
    };
  }

  /** Tell the sidecar a candidate. */
  async send(candidate) {
    await invoke("add_ice_candidate", { connectionId: this.connectionId, candidate });
  }

  /**
   * Gather all candidates without sending them. The sidecar's candidates are withheld from this side, which therefore
   * cannot connect on its own.
   *
   * @param {object} params of start_camera_webrtc_session
   */
  async prepare(params) {
    const offer = await invoke("start_camera_webrtc_session", params);
    this.connectionId = offer.connection_id;
    this.peer.onicecandidate = ({ candidate }) => this.found.push(candidate?.toJSON() ?? null);
    const sdp = offer.sdp.replaceAll(/a=(candidate|end-of-candidates).*\r\n/g, "");
    await this.peer.setRemoteDescription({ type: offer.sdp_type, sdp });
    const answer = await this.peer.createAnswer();
    this.answerSdp = answer.sdp;
    await this.peer.setLocalDescription(answer);
    await until(() => this.found.includes(null), "the end of the candidates");
  }

  /** Send the answer that was prepared. */
  async sendAnswer(sdp = this.answerSdp) {
    await invoke("set_remote_description", { connectionId: this.connectionId, description: { type: "answer", sdp } });
  }

  /**
   * The other way round: this side offers, the sidecar answers, both trickle.
   *
   * @param {string} deviceId
   * @param {{cameraFirst: boolean, media?: ("video" | "audio" | "data")[], simulcast?: boolean}} options
   */
  async offer(deviceId, { cameraFirst, media = ["video"], simulcast = false }) {
    const { connection_id: connectionId } = await invoke("create_peer_connection");
    const connectCamera = () => invoke("connect_camera_to_webrtc", { connectionId, deviceId });
    this.connectionId = connectionId;
    this.trickle();
    this.hear();
    if (cameraFirst) await connectCamera();
    this.addMedia(media, simulcast);
    await this.peer.setLocalDescription();
    const { type, sdp } = this.peer.localDescription;
    await invoke("set_remote_description", { connectionId, description: { type, sdp } });
    const answer = await invoke("create_answer", { connectionId });
    await this.peer.setRemoteDescription({ type: answer.sdp_type, sdp: answer.sdp });
    if (!cameraFirst) await connectCamera();
  }

  /**
   * Prepare to receive. With `simulcast` the videos would be sent, too, in several encodings.
   *
   * @param {("video" | "audio" | "data")[]} media in order
   */
  addMedia(media, simulcast = false) {
    for (const kind of media) {
      if (kind === "data") this.peer.createDataChannel("data");
      else if (kind === "video" && simulcast) {
        const sendEncodings = [{ rid: "low", scaleResolutionDownBy: 2 }, { rid: "high" }];
        this.peer.addTransceiver(kind, { direction: "sendrecv", sendEncodings });
      } else this.peer.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  /** Take the sidecar's candidates as they come. */
  hear() {
    this.#unlisten = listen("ice_candidate", (event) => this.#receive(event));
  }

  /** Answer the offer that is set. */
  async answer() {
    await this.peer.setLocalDescription();
    this.answeredAt = performance.now();
    await this.sendAnswer(this.peer.localDescription.sdp);
  }

  /** Resolves when this many more frames were shown. */
  async moreFrames(count) {
    const wanted = this.frames + count;
    await until(() => this.frames >= wanted, `${count} more frames, with ${this.peer.connectionState}`);
  }

  /** The pixels of an area of the newest frame, [R, G, B, A] one after the other, row by row. */
  pixels([x, y, width, height]) {
    const context = drawing(width, height);
    context.drawImage(this.video, x, y, width, height, 0, 0, width, height);
    return [...context.getImageData(0, 0, width, height).data];
  }

  /** Both ends of the pair that carries the picture, in the browser's words. */
  async selectedPair() {
    const report = await this.peer.getStats();
    const transport = [...report.values()].find((entry) => entry.type === "transport");
    const pair = report.get(transport.selectedCandidatePairId);
    return { local: report.get(pair.localCandidateId), remote: report.get(pair.remoteCandidateId) };
  }

  async close() {
    this.#unlisten();
    this.peer.onicecandidate = null;
    this.peer.close();
    this.video.remove();
    return await invoke("close_connection", { connectionId: this.connectionId });
  }

  #receive({ connection_id, candidate }) {
    if (connection_id !== this.connectionId) return;
    this.received.push(candidate?.candidate ?? null);
    void this.peer.addIceCandidate(candidate);
  }

  #watch() {
    const strip = drawing(STAMP_CELLS, 2);
    const onFrame = () => {
      if (this.frames++ === 0) this.firstFrameAt = performance.now();
      const { videoWidth: width, videoHeight: height } = this.video;
      strip.drawImage(this.video, 0, height / 36 - 1, width, 2, 0, 0, STAMP_CELLS, 1);
      strip.drawImage(this.video, 0, height / 2, width, 2, 0, 1, STAMP_CELLS, 1);
      const [top, middle] = [0, 1].map((y) => strip.getImageData(0, y, STAMP_CELLS, 1).data);
      if (this.stamps.push(stampOf(top)) > MAX_STAMPS) this.stamps.shift();
      this.row = String(middle);
      this.video.requestVideoFrameCallback(onFrame);
    };
    this.video.requestVideoFrameCallback(onFrame);
  }
}

function drawing(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false; // the middle of each cell, untouched by its neighbours
  return context;
}

/** See the contract: 32 cells, least significant bit first. */
function stampOf(rgba) {
  let stamp = 0;
  for (let cell = 0; cell < STAMP_CELLS; cell++) if (rgba[4 * cell + 1] > 127) stamp += 2 ** cell;
  return stamp;
}
