"""Lifetimes: who uses which camera, and until when."""
