"""A fuzz run against the sidecar; see scripts/fuzz.py."""
