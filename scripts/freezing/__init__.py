"""How the sidecar is frozen; see scripts/freeze.py."""
