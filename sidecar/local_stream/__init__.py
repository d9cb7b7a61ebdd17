"""The loopback WebSocket for webviews without WebRTC. The only importer of websockets."""
