"""Measures how frozen programs start; see scripts/bench_startup.py."""
