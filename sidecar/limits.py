"""How much of everything there may be, and how long things may take."""

MAX_CAMERAS = 16

IMPORT_TIMEOUT = 60.0
"""Seconds an import may take; on a cold disk under a virus scanner it takes ten."""

STOP_TIMEOUT = 1.0
"""Seconds a capture or encoder thread may take to end before it is left behind."""
