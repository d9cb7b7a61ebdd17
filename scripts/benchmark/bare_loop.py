"""The minimum of work: the test pattern's pictures, converted and encoded with the sidecar's settings.

One thread, no connection. The program writes `ready` after the first picture and runs until its standard input ends.
"""

from __future__ import annotations

import json
import sys
import threading

from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.pattern.test_pattern import TestPattern
from sidecar.contract.errors import CameraFailedError
from sidecar.encoding.h264.x264 import X264Encoder
from sidecar.encoding.settings import EncoderSettings


def main() -> None:
    """Encode at the camera's rate. The arguments are width, height, frames per second and bits per second."""
    width, height, fps, bitrate = map(int, sys.argv[1:])
    camera = TestPattern(RequestedFormat(width, height, fps))
    encoder = X264Encoder(EncoderSettings(bitrate=bitrate, fps=fps))
    encoder.encode(camera.read(), keyframe=True)
    threading.Thread(target=close_at_end_of_input, args=[camera], daemon=True).start()
    print(json.dumps({"jsonrpc": "2.0", "method": "ready", "params": {}}), flush=True)
    try:
        while True:
            encoder.encode(camera.read(), keyframe=False)
    except (CameraFailedError, KeyboardInterrupt):
        return


def close_at_end_of_input(camera: TestPattern) -> None:
    """Close the camera when standard input ends, which ends the loop."""
    sys.stdin.read()
    camera.close()


if __name__ == "__main__":
    main()
