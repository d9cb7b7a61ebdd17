"""ICE (RFC 8445): candidates, STUN and TURN servers, relays, consent and restarts."""
