"""The guides in English and in French are the same guide."""

from __future__ import annotations

import re

from tests.support.documented import blocks, named, text_of, without_blocks

ENGLISH, FRENCH = "docs/guide.md", "docs/guide.fr.md"
COMMENT = re.compile(r"//.*|/\*\*.*\*/")


def code_of(page: str) -> dict[str, str]:
    """The snippets of a guide, without their comments."""
    return {name: COMMENT.sub("", text) for name, text in named(page, "js").items()}


def test_both_guides_have_the_same_code() -> None:
    assert code_of(ENGLISH) == code_of(FRENCH)
    assert [block.text for block in blocks(ENGLISH, "log")] == [block.text for block in blocks(FRENCH, "log")]


def test_both_guides_have_the_same_chapters() -> None:
    heading = re.compile(r"^#+(?= )", re.MULTILINE)
    english, french = (heading.findall(without_blocks(text_of(page))) for page in (ENGLISH, FRENCH))
    assert english == french
