"""The benchmarks behind scripts/bench.py; run with the environment's Python."""
