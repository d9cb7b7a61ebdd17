"""Congestion control for one viewer: sent packets and feedback in, decisions out. It has no socket, clock or loop."""
