"""What outages do to the picture; see bench_network.py."""
