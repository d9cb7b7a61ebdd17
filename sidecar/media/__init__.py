"""Frames, access units and codecs, and the protocols between rooms. Imports only contract/."""
