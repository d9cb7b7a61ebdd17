"""Cameras of macOS (AVFoundation)."""
