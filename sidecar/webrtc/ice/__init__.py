"""Ways to the peer: candidates, servers, relays and restarts (RFC 8445)."""
