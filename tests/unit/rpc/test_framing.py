from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sidecar.rpc.framing import LineSplitter, Oversized


def split(stream: bytes, cuts: list[int], limit: int = 1000) -> list[bytes | Oversized]:
    splitter = LineSplitter(limit)
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    lines = [line for a, b in pairwise(edges) for line in splitter.feed(stream[a:b])]
    return lines + splitter.end()


def test_lines_end_with_a_line_feed_or_with_a_carriage_return_before_it() -> None:
    assert LineSplitter().feed(b"one\ntwo\r\nthree\n") == [b"one", b"two", b"three"]


def test_a_line_may_come_in_pieces() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"o") == []
    assert splitter.feed(b"n") == []
    assert splitter.feed(b"e\nt") == [b"one"]


def test_blank_lines_are_left_out() -> None:
    assert LineSplitter().feed(b"\n\r\n  \none\n") == [b"one"]


def test_a_byte_order_mark_at_the_start_of_a_line_is_left_out() -> None:
    mark = b"\xef\xbb\xbf"
    assert LineSplitter().feed(mark + b"one\n" + mark + b"\r\n" + mark + b" two\r\n") == [b"one", b"two"]
    assert LineSplitter().feed(mark + mark + b"\nthree" + mark + b"\n") == [mark, b"three" + mark]


def test_the_end_of_the_stream_ends_the_last_line() -> None:
    splitter = LineSplitter()
    splitter.feed(b"one")
    assert splitter.end() == [b"one"]
    assert splitter.end() == []


def test_a_line_of_exactly_the_limit_passes() -> None:
    assert LineSplitter(4).feed(b"abcd\nabcde\nab\n") == [b"abcd", Oversized(4), b"ab"]


def test_an_oversized_line_is_reported_before_it_ends_and_the_next_one_is_served() -> None:
    splitter = LineSplitter(4)
    assert splitter.feed(b"abc") == []
    assert splitter.feed(b"de") == [Oversized(4)]
    assert splitter.feed(b"f" * 1000) == []
    assert splitter.feed(b"g\nnext\n") == [b"next"]


def test_an_oversized_line_is_reported_once_when_the_stream_ends_in_it() -> None:
    splitter = LineSplitter(4)
    assert splitter.feed(b"abcdef") == [Oversized(4)]
    assert splitter.end() == []


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_how_the_stream_is_cut_makes_no_difference(stream: bytes, cuts: list[int]) -> None:
    assert split(stream, cuts) == split(stream, [])


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.lists(st.integers(0, 400), max_size=8))
def test_a_line_is_oversized_however_the_stream_is_cut(pieces: list[bytes], cuts: list[int]) -> None:
    stream = b"\n".join(pieces)
    assert split(stream, cuts, limit=10) == split(stream, [], limit=10)
