"""The least that a frozen program can do."""

print("ready", flush=True)
