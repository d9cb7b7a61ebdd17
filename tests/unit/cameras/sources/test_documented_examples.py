"""Every example in docs/sources.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.sources.allowed import AllowedSources
from sidecar.cameras.sources.syntax import SourceSyntaxError
from sidecar.contract.errors import SourceNotAllowedError
from tests.support.checked_source import check

PAGE = Path(__file__).resolve().parents[4] / "docs" / "sources.md"


def rows(first_heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row in the table with this first heading."""
    text = PAGE.read_text("utf-8").split(f"| {first_heading} |", 1)[1]
    for line in text.splitlines()[2:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


PATTERNS = [(codes(pattern)[0], codes(yes), codes(no)) for pattern, yes, no in rows("pattern")]
IDS = [(codes(named)[0], codes(shown)[0]) for named, shown in rows("argument of `--allow-source`")]
REFUSED = [(codes(source)[0], hint) for source, hint in rows("source")]


@pytest.mark.parametrize(("pattern", "allowed", "refused"), PATTERNS, ids=[pattern for pattern, *_ in PATTERNS])
def test_a_documented_pattern_allows_what_the_page_says(pattern: str, allowed: list[str], refused: list[str]) -> None:
    sources = AllowedSources([pattern])
    assert allowed
    assert refused
    for source in allowed:
        check(sources, source)
    for source in refused:
        with pytest.raises(SourceNotAllowedError):
            check(sources, source)


def test_the_documented_ids_are_listed() -> None:
    assert len(IDS) >= 7
    assert AllowedSources([named for named, _ in IDS]).named == tuple(shown for _, shown in IDS)


@pytest.mark.parametrize(("source", "hint"), REFUSED, ids=[source for source, _ in REFUSED])
def test_a_documented_mistake_gets_the_hint_that_the_page_shows(source: str, hint: str) -> None:
    with pytest.raises(SourceNotAllowedError) as caught:
        Catalogue(["file:/*", "rtsp://*"]).resolve(source)
    assert caught.value.hint == hint


def test_the_documented_characters_pass_through_a_password_when_they_are_encoded() -> None:
    (header,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| character |")]
    (encoded,) = list(rows("character"))
    characters = [cell.strip("` ") or " " for cell in header.strip("|").split(" | ")[1:]]
    for character, code in zip(characters, encoded[1:], strict=True):
        plain = {"space": " ", ":` in a user name": ":"}.get(character, character)
        text = f"rtsp://u{codes(code)[0]}:p{codes(code)[0]}@cam/x"
        source = AllowedSources(["rtsp://cam/x"]).check_rtsp(text)
        assert (source.user, source.password) == (f"u{plain}", f"p{plain}")


@pytest.mark.parametrize("argument", ["rtsp://cam:port/x", "rtsp://u:p@10.0.0.*", "cam", "rtsp://cam/../x", "file:"])
def test_a_pattern_that_cannot_be_read_is_an_error_at_the_start(argument: str) -> None:
    with pytest.raises(SourceSyntaxError):
        AllowedSources([argument])
