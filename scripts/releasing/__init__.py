"""The files of a release; scripts/release.py has the command line."""
