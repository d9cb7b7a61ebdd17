from __future__ import annotations

from sidecar.encoding.probe import available_encoders


def test_x264_comes_first() -> None:
    assert available_encoders()[0] == "libx264"
