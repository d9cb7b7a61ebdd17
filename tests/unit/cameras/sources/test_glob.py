"""Wildcards of patterns."""

from __future__ import annotations

import pytest

from sidecar.cameras.sources.glob import glob
from tests.support.growth import MOST_GROWTH, growth


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*b*c", "a--b--b--c", True),
        ("a*b*c", "a--c--b", False),
        ("*ab", "aab", True),
        ("*a*a", "a", False),
        ("a**b", "ab", True),
        ("a.b", "axb", False),
        ("(a|b)*", "(a|b)\n", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("[*]*", "*x", True),
        ("[[]a]", "[a]", True),
        ("[?]", "x", False),
    ],
)
def test_a_wildcard_stands_for_any_text_and_a_bracket_for_itself(pattern: str, text: str, fits: bool) -> None:
    assert glob(pattern, single=True).matches(text) is fits


def test_without_single_wildcards_a_question_mark_is_itself() -> None:
    assert glob("a?").exact == "a?"
    assert glob("a?", single=True).exact is None


@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*b", "*" * 20 + "b", "a*" * 20, "*?a?*?b", "*aaaa*aaab"])
def test_matching_takes_linear_time(pattern: str) -> None:
    assert growth(lambda size: "a" * size, glob(pattern, single=True).matches, size=512) < MOST_GROWTH
