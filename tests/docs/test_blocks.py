"""Every fenced block of the documentation is run by a test, or listed with a reason."""

from __future__ import annotations

import pytest

from tests.docs.not_run import NOT_RUN
from tests.support.documented import Block, blocks, pages, parse_blocks
from tests.support.sidecar_process import ROOT

DIAGRAM = ""
"""The language of diagrams and of the lines on the wire; test_wire.py reads the latter."""

RUN_BY: dict[tuple[str, str], str] = {
    ("*", "python"): "tests/docs/test_programs.py",
    ("*", "sh"): "tests/docs/test_commands.py",
    ("README.md", "js"): "tests/browser/test_documentation.py",
    ("docs/getting-started/electron.md", "js"): "tests/docs/test_electron.py",
    ("docs/getting-started/frameworks.md", "*"): "tests/templates/",
    ("docs/getting-started/html.md", "html"): "tests/docs/test_html.py",
    ("docs/getting-started/html.md", "python"): "tests/docs/test_html.py",
    ("docs/getting-started/tauri.md", "*"): "tests/templates/",
    ("docs/guide.fr.md", "js"): "tests/browser/test_documentation.py",
    ("docs/guide.fr.md", "log"): "tests/browser/test_documentation.py",
    ("docs/guide.md", "js"): "tests/browser/test_documentation.py",
    ("docs/guide.md", "log"): "tests/browser/test_documentation.py",
    ("docs/local-stream.md", "hex"): "tests/unit/local_stream/test_document.py",
    ("docs/local-stream.md", "json"): "tests/unit/local_stream/test_document.py",
    ("docs/media-devices.md", "js"): "tests/browser/test_documentation.py",
    ("docs/photos.md", "js"): "tests/browser/test_documentation.py",
    ("docs/methods.md", "json"): "tests/contract/test_golden.py",
}
"""The test that runs the blocks of a page in a language. A page's own row comes before the row of all pages."""


def runner_of(block: Block) -> str | None:
    """The test that runs a block; None when no test does."""
    rows = [(block.page, block.language), (block.page, "*"), ("*", block.language)]
    return next((RUN_BY[row] for row in rows if row in RUN_BY), None)


def reason_of(block: Block) -> str | None:
    """The reason why a block is not run."""
    found = [why for (page, begin), why in NOT_RUN.items() if page == block.page and block.text.startswith(begin)]
    return found[0] if found else None


@pytest.mark.parametrize("page", pages())
def test_every_block_is_run_by_a_test_or_listed_with_a_reason(page: str) -> None:
    left = [
        f"{page}:{block.line} {block.language} {block.name}"
        for block in blocks(page)
        if block.language != DIAGRAM and runner_of(block) is None and reason_of(block) is None
    ]
    assert left == []


@pytest.mark.parametrize("runner", sorted(set(RUN_BY.values())))
def test_the_tests_that_run_the_blocks_exist(runner: str) -> None:
    assert (ROOT / runner).exists()


def test_no_row_and_no_reason_is_left_over() -> None:
    every = [block for page in pages() for block in blocks(page)]
    for page, language in RUN_BY:
        assert any(page in ("*", block.page) and language in ("*", block.language) for block in every), (page, language)
    for page, begin in NOT_RUN:
        assert any(block.page == page and block.text.startswith(begin) for block in every), (page, begin)


def test_a_block_has_a_page_a_line_a_language_and_a_name() -> None:
    text = "# Title\n\n```js start\nlet a;\n```\n\n- in a list\n\n  ```sh\n  ls\n  ```\n"
    first, second = parse_blocks("page.md", text)
    assert first == Block("page.md", 3, "js", "start", "let a;\n")
    assert (second.line, second.language, second.name, second.text) == (9, "sh", "", "  ls\n")
