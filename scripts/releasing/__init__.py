"""What a release is made of; scripts/release.py has the command line."""
