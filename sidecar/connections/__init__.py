"""Connections to viewers, over WebRTC and over the loopback interface, and their lifetimes."""
