"""Every link between the pages leads to a file and a heading that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.documented import anchors, links, markdown_files
from tests.support.sidecar_process import ROOT


def broken(page: Path, root: Path = ROOT) -> list[str]:
    """The links of a page that lead nowhere; addresses on the web are not visited."""
    found = []
    for link in links(page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        is_there = target.is_relative_to(root) and target.exists()
        if not is_there or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            found.append(link)
    return found


@pytest.mark.parametrize("page", [path.relative_to(ROOT).as_posix() for path in markdown_files()])
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    assert broken(ROOT / page) == []


def test_every_page_of_the_documentation_is_linked_from_its_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(index.read_text("utf-8"))}
    assert [path for path in (ROOT / "docs").rglob("*.md") if path != index and path not in linked] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](other.md)", []),
        ("[a](other.md#a-heading-with-code)", []),
        ("[a](#title)", []),
        ("[the web](https://example.org/missing)", []),
        ("`[a](missing.md)`", []),
        ("```\n[a](missing.md)\n```", []),
        ("[a](other.md#no-heading)", ["other.md#no-heading"]),
        ("[a](missing.md)", ["missing.md"]),
        ("![a picture](missing.png)", ["missing.png"]),
        ("[`code` in [brackets]](missing.md)", ["missing.md"]),
        ("[outside](../outside.md)", ["../outside.md"]),
    ],
)
def test_a_broken_link_is_found(text: str, found: list[str], tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside.md").touch()
    (root / "other.md").write_text("# A heading with `code`\n", "utf-8")
    page = root / "page.md"
    page.write_text(f"# Title\n\n{text}\n", "utf-8")
    assert broken(page, root) == found
