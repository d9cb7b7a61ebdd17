"""Network cameras: an RTSP client (RFC 2326, RFC 7826) and an RTP receiver (RFC 3550) on blocking sockets.

libav's RTSP client is not used: it follows redirects by itself, and with the camera's login; it hides status codes; and
its parser holds each picture back until the next one begins.
"""
