"""The sender: RTP packets out, RTCP in, and the bitrate that a viewer's network carries."""
