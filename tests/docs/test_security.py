"""docs/security.md names the permissions of the plugin."""

from __future__ import annotations

import re
import tomllib

from tests.support.documented import text_of
from tests.support.sidecar_process import ROOT

PERMISSIONS = ROOT / "tauri-shell" / "plugin" / "permissions"


def test_the_page_has_the_default_and_every_set() -> None:
    documented = re.findall(r"^\| `camera-sidecar:([\w-]+)` \|", text_of("docs/security.md"), re.MULTILINE)
    sets = tomllib.loads((PERMISSIONS / "sets.toml").read_text("utf-8"))["set"]
    assert sorted(documented) == sorted(["default", *(each["identifier"] for each in sets)])
