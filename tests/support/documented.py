"""The pages of the documentation, with their fenced blocks, links and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.sidecar_process import ROOT

_FENCE = re.compile(r"^( *)(```+)([^`\n]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.*?)(?: #+)?$", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\][]|\[[^\]]*\])*\]\(([^()\s]*(?:\([^()]*\))?[^()\s]*)\)")


class Block(NamedTuple):
    """A fenced block: its info string is the language and a name, which is empty for most."""

    page: str
    line: int
    language: str
    name: str
    text: str


def pages() -> list[str]:
    """The pages whose blocks are tried: README.md and docs/, as paths below the root."""
    found = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def text_of(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page, or those in one language."""
    return [block for block in parse_blocks(page, text_of(page)) if language in (None, block.language)]


def named(page: str, language: str) -> dict[str, str]:
    """The texts of a page's blocks in one language, by name."""
    found = blocks(page, language)
    assert max(Counter(block.name for block in found).values()) == 1, "a name is used twice"
    return {block.name: block.text for block in found}


def parse_blocks(page: str, text: str) -> list[Block]:
    """The fenced blocks of a text."""

    def parsed() -> Iterator[Block]:
        for fence in _FENCE.finditer(text):
            language, _, name = fence[3].strip().partition(" ")
            yield Block(page, text.count("\n", 0, fence.start()) + 1, language, name, fence[4])

    return list(parsed())


def without_blocks(text: str) -> str:
    """A text without its fenced blocks, in which # and []() mean other things."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    """The targets of the links and pictures of a text."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "``", without_blocks(text)))


def anchors(text: str) -> set[str]:
    """The anchors of a text's headings, as GitHub makes them: repeated ones are numbered."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(without_blocks(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def matches(documented: str, real: str) -> bool:
    """Whether a documented line describes a real one; … stands for any text."""
    return re.fullmatch(".*".join(map(re.escape, documented.split("…"))), real) is not None


def markdown_files() -> list[Path]:
    """Every page of the repository that people read, outside of the folders that builds make."""
    built = {"node_modules", "target", "dist", "vendor"}
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tauri-shell").rglob("*.md")]
    return sorted(path for path in found if not built & set(path.relative_to(ROOT).parts))
