"""Measures the start-up of frozen programs; see scripts/bench.py."""
