"""The build of the frozen sidecar; scripts/freeze.py has the command line."""
