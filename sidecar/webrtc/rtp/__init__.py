"""RTP for one viewer: packets out, RTCP in (RFC 3550)."""
