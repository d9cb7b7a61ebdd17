"""The measure of growth tells linear from quadratic work."""

from __future__ import annotations

from tests.support.growth import MOST_GROWTH, growth


def test_linear_work_grows_less_than_the_bound() -> None:
    assert growth(lambda size: "a," * size, lambda text: text.split(",")) < MOST_GROWTH


def test_quadratic_work_grows_more_than_the_bound() -> None:
    def count_in_each_prefix(text: str) -> list[int]:
        return [text[:end].count("a") for end in range(len(text))]

    assert growth(lambda size: "a" * size, count_in_each_prefix) > MOST_GROWTH


def test_input_that_is_refused_by_its_length_does_not_grow() -> None:
    assert growth(lambda size: "a" * size, lambda text: None if len(text) > 64 else text.split()) == 1.0
