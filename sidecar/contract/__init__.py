"""The contract: what goes over the wire. Imports nothing of ours."""
