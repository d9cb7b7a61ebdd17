"""The encoder thread and its encoders: h264/, JPEG, colour conversion, rate control."""
