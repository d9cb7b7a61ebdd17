"""What outages do to the picture; see bench.py."""
