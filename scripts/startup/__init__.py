"""Measures how frozen programs start; see scripts/bench.py."""
