"""How much of everything there may be, and how long things may take."""

MAX_CAMERAS = 16
MAX_SESSIONS = 256
MAX_CONNECTIONS = 64

REMEMBERED = 1024
"""Ended sessions and connections whose ids are still answered as ended rather than unknown."""

IMPORT_TIMEOUT = 60.0
"""Seconds an import may take; on a cold disk under a virus scanner it takes ten."""

STOP_TIMEOUT = 1.0
"""Seconds a capture or encoder thread may take to end before it is left behind."""

ANSWER_TIMEOUT = 60.0
"""Seconds an offer waits for its answer while it holds a camera: a page that crashed never answers."""

NETWORK_INTERVAL = 0.25
"""Seconds between two looks, while a viewer is lost, whether a network has come."""

WATCH_INTERVAL = 1.0
"""Seconds between two looks at which cameras there are."""

BITRATE_FLOOR = 100_000
"""Bits per second that no receiver's estimate goes below: less shows nothing useful at any size."""

LOCAL_TIMEOUT = 15.0
"""Seconds the address of a local stream waits for its viewer while it holds a camera."""

FIRST_KEYFRAME_TIMEOUT = 10.0
"""Seconds an open camera may take to give the picture that describes a local stream."""
