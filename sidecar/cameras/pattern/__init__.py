"""Frames that the program draws: the test pattern, and the placeholder of a lost camera."""
