from __future__ import annotations

from tests.support.session_fixtures import cameras, connections, notifications

__all__ = ["cameras", "connections", "notifications"]
