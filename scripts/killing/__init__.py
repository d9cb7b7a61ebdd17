"""Kill runs; see scripts/kill_runs.py."""
