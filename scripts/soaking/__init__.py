"""The soak; see scripts/soak.py."""
