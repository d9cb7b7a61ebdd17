from __future__ import annotations

import threading

import pytest

from sidecar.rpc.outbox import Outbox


def never() -> None:
    raise AssertionError("the outbox overflowed")


def stats(number: int) -> dict[str, object]:
    return {"method": "stats", "params": {"number": number}}


def test_messages_come_out_in_order_each_on_a_line() -> None:
    outbox = Outbox(never)
    outbox.post({"id": 1})
    outbox.post_line(b'{"id":2}')
    assert outbox.take() == b'{"id":1}\n{"id":2}\n'
    assert outbox.take(timeout=0) == b""


def test_a_newer_message_of_the_same_key_replaces_the_one_that_waits() -> None:
    outbox = Outbox(never)
    outbox.post(stats(1), coalesce="stats")
    outbox.post({"id": 1})
    outbox.post(stats(2), coalesce="stats")
    assert outbox.take() == b'{"id":1}\n{"method":"stats","params":{"number":2}}\n'


def test_a_message_that_was_taken_is_not_replaced() -> None:
    outbox = Outbox(never)
    outbox.post(stats(1), coalesce="stats")
    first = outbox.take()
    outbox.post(stats(2), coalesce="stats")
    assert (first, outbox.take()) == (
        b'{"method":"stats","params":{"number":1}}\n',
        b'{"method":"stats","params":{"number":2}}\n',
    )


def test_coalesced_messages_never_fill_the_outbox() -> None:
    outbox = Outbox(never, max_messages=2, max_bytes=100)
    for number in range(1000):
        outbox.post(stats(number), coalesce="stats")
    assert len(outbox) == 1


@pytest.mark.parametrize(("messages", "size"), [(3, 1000), (1000, 30)])
def test_an_overflow_is_reported_once_and_queued_lines_can_still_be_taken(messages: int, size: int) -> None:
    told: list[bool] = []
    outbox = Outbox(lambda: told.append(True), max_messages=messages, max_bytes=size)
    for number in range(20):
        outbox.post_line(b"%09d" % number)
    assert told == [True]
    assert len(outbox) == 4
    assert outbox.take().startswith(b"000000000\n000000001\n")
    assert outbox.take() == b""


def test_a_closed_outbox_takes_no_line_and_gives_out_the_queued_ones() -> None:
    outbox = Outbox(never)
    outbox.post_line(b"early")
    outbox.close()
    outbox.post_line(b"late")
    assert (outbox.take(), outbox.take()) == (b"early\n", b"")


def test_a_waiting_reader_is_woken_by_a_message_and_by_the_end() -> None:
    outbox = Outbox(never)
    taken: list[bytes] = []

    def drain() -> None:
        while data := outbox.take():
            taken.append(data)

    writer = threading.Thread(target=drain)
    writer.start()
    outbox.post_line(b"one")
    outbox.close()
    writer.join(5)
    assert not writer.is_alive()
    assert taken == [b"one\n"]


def test_a_value_without_json_is_refused_when_it_is_posted() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        Outbox(never).post({"fps": float("nan")})


def test_the_bytes_that_wait_are_those_of_the_lines_that_are_not_taken() -> None:
    outbox = Outbox(on_overflow=lambda: None)
    assert outbox.bytes_waiting == 0
    outbox.post_line(b"12345")
    outbox.post_line(b"1")
    assert outbox.bytes_waiting == len(b"12345\n1\n")
    outbox.take()
    assert outbox.bytes_waiting == 0
