"""Connections to viewers: WebRTC and local, and their lifetimes."""
