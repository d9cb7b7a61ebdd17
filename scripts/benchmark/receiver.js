/**
 * Shows the offered video, and reads the latency from each picture just before it is shown.
 *
 * requestVideoFrameCallback gives every frame; the frontend's module decodes the time stamp strip.
 */

import { decodeStamp, latencyOf } from "/src/time-strip.js";

const CELLS = 32;
const canvas = new OffscreenCanvas(CELLS, 1);
const context = canvas.getContext("2d", { willReadFrequently: true });
context.imageSmoothingEnabled = false;

const MAX_PICTURES = 20_000;

let peer, video, frames, latencies, pictures, firstFrameAt, since;

/** Answer an offer. Candidates go to `sendCandidate`, which the embedder of the page provides; no ICE servers. */
async function receive(sdp) {
  peer = new RTCPeerConnection();
  video = document.createElement("video");
  video.muted = video.autoplay = video.playsInline = true;
  document.body.append(video);
  firstFrameAt = null;
  restart();
  peer.ontrack = ({ track }) => (video.srcObject = new MediaStream([track]));
  peer.onicecandidate = ({ candidate }) => sendCandidate(candidate?.toJSON() ?? null);
  video.requestVideoFrameCallback(onFrame);
  await peer.setRemoteDescription({ type: "offer", sdp });
  await peer.setLocalDescription();
  return peer.localDescription.sdp;
}

function onFrame() {
  const now = Date.now(); // before the drawing, which takes time
  video.requestVideoFrameCallback(onFrame);
  firstFrameAt ??= now;
  frames += 1;
  const middle = video.videoHeight / 36;
  context.drawImage(video, 0, middle - 1, video.videoWidth, 2, 0, 0, CELLS, 1);
  const latency = latencyOf(decodeStamp(context.getImageData(0, 0, CELLS, 1).data), now);
  if (latency !== null) latencies.push(latency);
  if (pictures.length < MAX_PICTURES) pictures.push([now, latency, video.videoWidth, video.videoHeight]);
}

/** Discard all measurements. */
function restart() {
  frames = 0;
  latencies = [];
  pictures = [];
  since = performance.now();
}

/** The pictures since the last restart: time shown, latency (null: unreadable), width and height. */
function shown() {
  return pictures;
}

/** The measurements since the last restart; times in milliseconds. */
async function results() {
  const seconds = (performance.now() - since) / 1000;
  const [inbound] = [...(await peer.getStats()).values()].filter(({ type }) => type === "inbound-rtp");
  return {
    frames,
    latencies,
    seconds,
    firstFrameAt,
    size: [video.videoWidth, video.videoHeight],
    bytes: inbound?.bytesReceived ?? 0,
    decoded: inbound?.framesDecoded ?? 0,
  };
}

function stop() {
  peer.close();
  video.srcObject = null;
  video.remove();
}

globalThis.receiver = { receive, restart, results, shown, stop, frames: () => frames };
