// A receiver on libdatachannel (npm node-datachannel), driven by lines of JSON (see tests/support/stack_peer.py).

import { follow, frameReporter, options, packages, say } from "./lines.mjs";

const library = packages("node-datachannel");
const { media, codec } = options();
const peer = new library.PeerConnection("viewer", { iceServers: [], disableAutoNegotiation: true });
const kept = []; // tracks and channels end with the garbage collection of their objects
let hasOffered = false;

peer.onLocalDescription((sdp, type) => say({ [type]: sdp }));
peer.onLocalCandidate((candidate, mid) => say({ candidate, mid }));
peer.onStateChange((state) => say({ state }));
peer.onTrack((track) => receive(track));

function receive(track) {
  kept.push(track);
  if (track.type() !== "video") return;
  const report = frameReporter("video");
  track.setMediaHandler(new library.RtcpReceivingSession());
  track.onMessage((packet) => {
    if ((packet[1] & 0x7f) < 64 || (packet[1] & 0x7f) > 95) report(packet); // the others are RTCP (RFC 5761, 4)
  });
  track.onOpen(() => track.requestKeyframe());
}

function addMedia() {
  media.forEach((kind, number) => {
    if (kind === "data") kept.push(peer.createDataChannel("data"));
    else if (kind === "audio") kept.push(peer.addTrack(audio(`audio${number}`)));
    else receive(peer.addTrack(video(`video${number}`)));
  });
}

function audio(mid) {
  const section = new library.Audio(mid, "RecvOnly");
  section.addOpusCodec(111);
  return section;
}

function video(mid) {
  const section = new library.Video(mid, "RecvOnly");
  if (codec === "H264") section.addH264Codec(102);
  else section.addVP8Codec(96);
  return section;
}

await follow({
  makeOffer() {
    hasOffered = true;
    addMedia();
    peer.setLocalDescription("offer");
  },
  answer: (sdp) => peer.setRemoteDescription(sdp, "answer"),
  offer(sdp) {
    peer.setRemoteDescription(sdp, "offer");
    if (!hasOffered) peer.setLocalDescription("answer");
  },
  candidate: (told) => peer.addRemoteCandidate(told.candidate, told.mid ?? ""),
  close() {
    peer.close();
    library.cleanup();
  },
});
