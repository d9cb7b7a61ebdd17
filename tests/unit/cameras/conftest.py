from __future__ import annotations

from tests.support.session_fixtures import notifications

__all__ = ["notifications"]
