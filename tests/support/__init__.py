"""The helpers that several test folders share."""
