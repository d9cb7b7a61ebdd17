"""A receiver of GStreamer's: one webrtcbin, driven by lines of JSON. It runs under Debian's own Python.

In and out: as tests/support/stack_peer.py says, and in: {"ask": "pli"} or {"ask": "fir"}, for a keyframe; out:
{"access_unit_with_keyframe": how many pictures there were before it}; for each picture {"picture": [width, height],
"strip": the luma of its top row, in the middle of each of 32 cells}; {"bye": true} when the sender has taken its leave.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from typing import Any

import gi  # type: ignore[import-not-found]

for name in ("Gst", "GstSdp", "GstWebRTC", "GstVideo", "GstApp"):
    gi.require_version(name, "1.0")

from gi.repository import GLib, Gst, GstSdp, GstVideo, GstWebRTC  # type: ignore[import-not-found]  # noqa: E402

CELLS = 32
OFFERED = "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1"
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000"
POLICIES = {"max-bundle": "MAX_BUNDLE", "balanced": "BALANCED", "max-compat": "MAX_COMPAT", "none": "NONE"}
DECODING = (
    "rtph264depay name=first request-keyframe=true ! h264parse name=parser ! avdec_h264 max-threads=1"
    " ! videoconvert ! video/x-raw,format=GRAY8 ! appsink name=sink emit-signals=true sync=false"
)


def say(**members: Any) -> None:
    """Write one line; GStreamer calls from many threads."""
    with LOCK:
        sys.stdout.write(json.dumps(members) + "\n")
        sys.stdout.flush()


LOCK = threading.Lock()


class Receiver:
    """The pipeline: a webrtcbin, and a decoder once there is a video."""

    def __init__(self, media: list[str], codec: str, policy: str) -> None:
        self.pictures = 0
        self.media = media
        self.codec = codec
        self.has_new_keyframe = False
        self.pipeline = Gst.Pipeline.new(None)
        self.webrtc = Gst.ElementFactory.make("webrtcbin")
        self.webrtc.set_property("bundle-policy", getattr(GstWebRTC.WebRTCBundlePolicy, POLICIES[policy]))
        self.pipeline.add(self.webrtc)
        self.ice = self.webrtc.get_property("ice-agent")  # kept: Python takes the only reference there is
        self.ice.emit("add-local-ip-address", "127.0.0.1")
        self.webrtc.connect("on-ice-candidate", lambda _, index, text: say(candidate=text, index=index))
        self.webrtc.connect("notify::connection-state", self._on_state)
        self.webrtc.connect("pad-added", self._on_pad)
        self.webrtc.get_by_name("rtpbin").connect("on-bye-ssrc", lambda *_: say(bye=True))
        self.pipeline.set_state(Gst.State.PLAYING)

    def take_offer(self, sdp: str) -> None:
        """Answer an offer, with the media prepared that it does not have."""
        self.prepare([kind for kind in self.media if kind != "video"])
        promise = Gst.Promise.new_with_change_func(self._on_offer_taken)
        self.webrtc.emit("set-remote-description", _description("OFFER", sdp), promise)

    def take_answer(self, sdp: str) -> None:
        """Take the answer to an offer."""
        self.webrtc.emit("set-remote-description", _description("ANSWER", sdp), None)

    def make_offer(self) -> None:
        """Offer to receive the media."""
        self.prepare(self.media)
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self._on_made, "offer"))

    def prepare(self, media: list[str]) -> None:
        """Add the media to receive, in order."""
        direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        for kind in media:
            if kind == "data":
                self.channel = self.webrtc.emit("create-data-channel", "data", None)
            else:
                caps = AUDIO if kind == "audio" else OFFERED.replace("H264", self.codec)
                self.webrtc.emit("add-transceiver", direction, Gst.Caps.from_string(caps))

    def add_candidate(self, index: int, text: str) -> None:
        """Take a candidate of the sender's."""
        self.webrtc.emit("add-ice-candidate", index, text)

    def ask_for_a_keyframe(self, kind: str) -> None:
        """Send a picture loss indication (RFC 4585, 6.3.1) or a full intra request (RFC 5104, 4.3.1)."""
        event = GstVideo.video_event_new_upstream_force_key_unit(Gst.CLOCK_TIME_NONE, kind == "fir", 0)
        self.pipeline.get_by_name("sink").send_event(event)

    def close(self) -> None:
        """End the pipeline, the connection with it."""
        self.pipeline.set_state(Gst.State.NULL)

    def _on_offer_taken(self, _: Any) -> None:
        self.webrtc.emit("create-answer", None, Gst.Promise.new_with_change_func(self._on_made, "answer"))

    def _on_made(self, promise: Any, kind: str) -> None:
        reply = promise.get_reply()  # kept: the description is a part of it
        description = reply.get_value(kind)
        self.webrtc.emit("set-local-description", description, None)
        say(**{kind: description.sdp.as_text()})

    def _on_state(self, webrtc: Any, _: Any) -> None:
        say(state=webrtc.get_property("connection-state").value_nick)

    def _on_pad(self, _: Any, pad: Any) -> None:
        decoder = Gst.parse_bin_from_description(DECODING, True)
        self.pipeline.add(decoder)
        decoder.get_by_name("parser").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, self._on_access_unit)
        decoder.get_by_name("sink").connect("new-sample", self._on_picture)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def _on_access_unit(self, _: Any, info: Any) -> Any:
        if not info.get_buffer().has_flags(Gst.BufferFlags.DELTA_UNIT):
            self.has_new_keyframe = True
            say(access_unit_with_keyframe=self.pictures)
        return Gst.PadProbeReturn.OK

    def _on_picture(self, sink: Any) -> Any:
        sample = sink.emit("pull-sample")
        self.pictures += 1
        caps = sample.get_caps().get_structure(0)
        width, height = caps.get_value("width"), caps.get_value("height")
        row = sample.get_buffer().extract_dup((height // 36) * (width + -width % 4), width)
        strip = [row[(2 * cell + 1) * width // (2 * CELLS)] for cell in range(CELLS)]
        say(picture=[width, height], strip=strip, frame=self.pictures, keyframe=self.has_new_keyframe)
        self.has_new_keyframe = False
        return Gst.FlowReturn.OK


def _description(kind: str, sdp: str) -> Any:
    _, message = GstSdp.SDPMessage.new_from_text(sdp)
    return GstWebRTC.WebRTCSessionDescription.new(getattr(GstWebRTC.WebRTCSDPType, kind), message)


def follow(receiver: Receiver, line: str) -> None:
    """Carry out one line of the input."""
    message = json.loads(line)
    if "offer" in message:
        receiver.take_offer(message["offer"])
    elif "answer" in message:
        receiver.take_answer(message["answer"])
    elif "candidate" in message:
        receiver.add_candidate(message["index"], message["candidate"])
    elif message["ask"] == "offer":
        receiver.make_offer()
    else:
        receiver.ask_for_a_keyframe(message["ask"])


def main() -> None:
    """Receive until the end of the input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", default="video")
    parser.add_argument("--codec", default="H264")
    parser.add_argument("--policy", default="max-bundle", choices=POLICIES)
    chosen = parser.parse_args()
    Gst.init(None)
    loop = GLib.MainLoop()
    threading.Thread(target=loop.run, daemon=True).start()
    receiver = Receiver(chosen.media.split(","), chosen.codec, chosen.policy)
    for line in sys.stdin:
        follow(receiver, line)
    receiver.close()


if __name__ == "__main__":
    main()
