"""H.264 encoders."""
