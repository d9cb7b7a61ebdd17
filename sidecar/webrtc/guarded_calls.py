"""Calls into the code of a peer's owner."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def call_owner(connection_id: str, call: Callable[[], None]) -> None:
    """Call the owner's code; its errors are logged, so they do not end the ICE agent or DTLS transport that calls."""
    try:
        call()
    except Exception:
        logger.exception("connection %s: a call to its owner failed", connection_id)
