"""The behaviour of navigator.mediaDevices, which is the same in every webview."""

from __future__ import annotations

import re
from pathlib import Path

CASES = Path(__file__).with_suffix(".js").read_text("utf-8")
"""A function of JavaScript: (invoke, clip) => (name) => Promise, which rejects when the case fails."""

NAMES = re.findall(r'^    "(.+)": async \(\)', CASES, re.MULTILINE)
