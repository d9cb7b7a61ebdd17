"""docs/troubleshooting.md quotes texts that the program has, and log lines that it writes."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from sidecar.contract.errors import ERRORS
from tests.support.documented import text_of
from tests.support.sidecar_process import ROOT

PAGE = text_of("docs/troubleshooting.md")
QUOTED = sorted(set(re.findall(r'"([^"\n]+)"', PAGE)))
LOG_LINES = re.findall(r"^\| `([^`]*)` \|", PAGE.partition("## Lines of the log")[2], re.MULTILINE)
COMPOSED = {"Poor: network"}
"""A quotation that the player puts together from words."""


@cache
def sources() -> str:
    """The texts of the program and of the player, with strings that are broken over lines put together."""
    folders = (ROOT / "sidecar", ROOT / "tauri-shell")
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".js", ".rs", ".html")]
    kept = [path for path in found if not {"node_modules", "target", "dist"} & set(path.parts)]
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(path.read_text("utf-8") for path in kept))


@cache
def logged() -> list[str]:
    """The format of every line that the sidecar logs, its placeholders as …"""
    found = []
    for path in (ROOT / "sidecar").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                is_log = isinstance(node.func.value, ast.Name) and node.func.value.id == "log"
                line = node.args[0]
                if is_log and isinstance(line, ast.Constant) and isinstance(line.value, str):
                    found.append(re.sub(r"%\w", "…", line.value))
    return found


@pytest.mark.parametrize("quoted", [text for text in QUOTED if text not in COMPOSED])
def test_a_quoted_text_is_in_the_sources(quoted: str) -> None:
    assert quoted in sources()


@pytest.mark.parametrize("line", LOG_LINES)
def test_a_line_of_the_log_is_logged(line: str) -> None:
    formats = [re.escape(form).replace("…", ".+") for form in logged()]
    assert any(re.fullmatch(form, line) for form in formats if form != ".+")


def test_the_page_names_kinds_of_errors_that_exist() -> None:
    kinds = {error.kind for error in ERRORS}
    named = set(re.findall(r"`((?:camera|source|ice|invalid|limit|encoder|session|connection|format)_[a-z_]+)`", PAGE))
    fields = {"connection_state", "camera_state", "ice_candidate", "connection_id", "ice_restart"}
    assert named - fields <= kinds
    assert named & kinds
