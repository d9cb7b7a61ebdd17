// A receiver on werift, driven by lines of JSON (see tests/support/stack_peer.py).

import { follow, frameReporter, options, packages, say } from "./lines.mjs";

const { RTCPeerConnection, useH264, useOPUS, useVP8 } = packages("werift");
const { media, codec, policy } = options();
const peer = new RTCPeerConnection({
  iceServers: [],
  iceUseIpv6: false,
  iceAdditionalHostAddresses: ["127.0.0.1"],
  ...(policy ? { bundlePolicy: policy } : {}),
  codecs: { audio: [useOPUS()], video: [codec === "H264" ? useH264() : useVP8()] },
});

peer.onicecandidate = ({ candidate }) => {
  if (candidate) say({ candidate: candidate.candidate, mid: candidate.sdpMid, index: candidate.sdpMLineIndex });
};
peer.connectionStateChange.subscribe((state) => say({ state }));
peer.onTrack.subscribe((track) => {
  if (track.kind !== "video") return;
  const report = frameReporter(track.kind);
  track.onReceiveRtp.subscribe((packet) => report(packet.serialize()));
});
for (const kind of media) {
  if (kind === "data") peer.createDataChannel("data");
  else peer.addTransceiver(kind, { direction: "recvonly" });
}

await follow({
  async makeOffer() {
    const description = await peer.createOffer();
    say({ offer: description.sdp });
    void peer.setLocalDescription(description); // it resolves only when all candidates are found
  },
  answer: (sdp) => peer.setRemoteDescription({ type: "answer", sdp }),
  async offer(sdp) {
    await peer.setRemoteDescription({ type: "offer", sdp });
    const description = await peer.createAnswer();
    void peer.setLocalDescription(description);
    say({ answer: description.sdp });
  },
  candidate: (told) =>
    peer.addIceCandidate({ candidate: told.candidate, sdpMid: told.mid ?? undefined, sdpMLineIndex: told.index }),
  async close() {
    await peer.close();
    process.exit(0);
  },
});
