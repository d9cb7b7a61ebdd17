"""Network cameras: an RTSP client (RFC 2326, RFC 7826) and an RTP receiver (RFC 3550) on blocking sockets.

libav's RTSP client is not used: it follows redirects with the camera's login, it hides status codes, and its parser
delays each picture until the next one begins.
"""
