"""A camera on the screen of a desktop app: JSON-RPC over stdio in, WebRTC out."""

__version__ = "0.1.0"
