"""The time limits, counts and retry delays of cameras, in one value that `Drivers` is given."""

from __future__ import annotations

from typing import NamedTuple

from sidecar.blocking import IMPORT_TIMEOUT


class RetryPolicy(NamedTuple):
    """The delays before a lost camera is opened again, in seconds."""

    first_delay: float = 0.3
    longest_delay: float = 2.0
    """The delay doubles with each try, from the first to the longest. A try lists the cameras, which costs some
    milliseconds of one core; a hot-plug event of the system starts a try at once."""

    steady: float = 2.0
    """The streaming time after which the next loss is followed by an immediate try. It equals the longest delay, so a
    camera that breaks again and again is not opened more often than a missing one."""

    permission_patience: float = 3.0
    """The time that a newly plugged device may be forbidden: on Linux its node exists before udev sets its group."""


class StallPolicy(NamedTuple):
    """The silence after which a streaming camera counts as lost, whatever its driver reports."""

    limit: float | None = None
    """Seconds without a frame; None takes the limit of the camera's kind."""

    frames: int = 10
    slowest_fps: float = 0.5
    """A slow camera may miss this number of frames, where that takes longer than `limit`. A file may claim any frame
    rate, so rates below `slowest_fps` count as `slowest_fps`."""

    step: float = 0.5
    """Seconds between two polls of the frame counter. Polls are counted instead of clock time, because a suspended
    process has not stalled."""


class RtspPolicy(NamedTuple):
    """The limits of an RTSP session. Times are in seconds."""

    open_timeout: float = 8.0
    """The time until PLAY is answered, with the look-up of the host name."""

    read_timeout: float = 5.0
    """The time that a playing camera may take to send a packet."""

    first_picture_timeout: float = 11.0
    """The time from the start of the opening to the first picture. Cameras that wait for their next keyframe send one
    every ten seconds at least. It is shorter than the time limit of every opening (CameraPolicy.open_timeout)."""

    max_bad_units: int = 300
    """Consecutive access units that decode to no picture, as after lost packets up to the next keyframe."""

    shortest_session: float = 2.0
    """The lower bound of a camera's session timeout, after which it ends a session without a request."""


class CameraPolicy(NamedTuple):
    """The limits of all calls into drivers, and the policies of a camera's lifecycle. Times are in seconds."""

    import_timeout: float = IMPORT_TIMEOUT
    query_timeout: float = 5.0
    """The time that the system may take to list its cameras."""

    consent_timeout: float = 50.0
    """The time that the user may take to answer the system's question for permission: less than the 60 s after which
    the clients of the Tauri shell and of its page give up a call."""

    open_timeout: float = 12.0
    """The time that a driver may take to open a camera: longer than the 10 s of the backends, whose own errors name
    the cause."""

    stop_timeout: float = 1.0
    """The time that a capture thread may take to end before it is abandoned."""

    max_hanging: int = 3
    """Threads that may hang in the driver of one camera. Each keeps its stack and the driver's buffers until the
    process ends."""

    max_queries: int = 8
    """Concurrent queries to the system, and the same number to file systems. A query takes some milliseconds, or never
    returns."""

    max_opening: int = 32
    """Cameras that are being opened at a time, including cameras whose driver or file system hangs: twice as many as
    may be open (streams/policy.py)."""

    placeholder_fps: float = 4.0
    """Placeholder frames per second: enough that the picture visibly moves. At 1280x720 they take 12 ms of processor
    time per second, a ninth of the time that encoding a camera at 30 fps takes (measured), and 16 kbit/s."""

    retries: RetryPolicy = RetryPolicy()
    stalls: StallPolicy = StallPolicy()
