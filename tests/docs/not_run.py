"""The fenced blocks that no test runs, each with its reason."""

from __future__ import annotations

NOT_RUN = {
    ("docs/platforms.md", "find camera-sidecar -type f"): "macOS's codesign",
    ("docs/platforms.md", "tccutil reset Camera com.example.my-app"): "macOS's tccutil",
}
"""The page and the beginning of each block."""
