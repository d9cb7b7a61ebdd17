"""The smallest frozen program."""

print("ready", flush=True)
