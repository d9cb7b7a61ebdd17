"""H.264 (ITU-T H.264) as far as receivers and encoders must agree on it: levels, NAL units, RTP payloads, avcC."""
