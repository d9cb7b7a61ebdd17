"""The fixtures of sessions and connections."""

from __future__ import annotations

from tests.support.session_fixtures import connections, notifications, sessions

__all__ = ["connections", "notifications", "sessions"]
