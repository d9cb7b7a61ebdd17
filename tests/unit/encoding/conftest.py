from __future__ import annotations

from tests.support.encoder_bench import start

__all__ = ["start"]
