"""The effect of outages on the picture; see bench.py."""
