"""The end of the encoder thread: by request, with its slot, or by an error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from sidecar.contract.errors import ContractError, EncoderFailedError
from sidecar.encoding.h264 import EncoderType
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.thread import EncoderThread
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame
from sidecar.media.frame_slot import FrameSlot
from tests.support.access_units import unit_of_payloads
from tests.support.encoder_bench import LIMIT, Bench
from tests.support.pictures import HEIGHT, WIDTH, MovingPicture


def test_closing_ends_the_thread_without_waiting(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    bench.thread.close()
    assert bench.slot.closed
    assert bench.thread.stop(LIMIT)
    assert not bench.errors


def test_a_frame_that_cannot_be_encoded_is_reported_and_ends_the_thread(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.slot.put(replace(bench.frame(), pixel_format="bayer_rggb8"))
    bench.wait_until(lambda: bool(bench.errors))
    assert isinstance(bench.errors[0], EncoderFailedError)
    assert bench.thread.stop(LIMIT)


def test_a_bug_is_reported_without_the_text_of_the_exception(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.slot.put(replace(bench.frame(), planes=()))
    bench.wait_until(lambda: bool(bench.errors))
    assert bench.errors[0].message == "The encoder failed by an internal error."
    assert bench.errors[0].__cause__ is None


def test_stopping_closes_the_slot_and_reports_no_failure(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    assert bench.thread.stop(LIMIT)
    assert bench.slot.closed
    assert bench.thread.stop(LIMIT), "a second time does no harm"
    assert not bench.errors


def test_a_closed_slot_ends_the_thread(start: Callable[..., Bench]) -> None:
    bench = start()
    bench.show()
    (encoder,) = (thread for thread in threading.enumerate() if thread.name == "encoder")
    bench.slot.close()
    encoder.join(LIMIT)
    assert not encoder.is_alive()


def test_a_thread_that_never_started_stops() -> None:
    slot = FrameSlot()
    assert EncoderThread(slot, EncoderSettings(), lambda _: None, lambda _: None).stop(1.0)
    assert slot.closed


def test_stop_may_be_called_from_deliver() -> None:
    slot = FrameSlot()
    stopped = threading.Event()

    def deliver(_: AccessUnit) -> None:
        assert thread.stop(LIMIT)
        stopped.set()

    thread = EncoderThread(slot, EncoderSettings(), deliver, lambda _: None)
    thread.start()
    slot.put(MovingPicture().frame(0))
    assert stopped.wait(LIMIT)
    assert thread.stop(LIMIT)


class PlainEncoder:
    """An encoder of empty pictures, without capabilities."""

    def __init__(self, settings: EncoderSettings) -> None:
        self.target = settings.bitrate
        self.is_closed = False

    def encode(self, frame: Frame, *, keyframe: bool) -> AccessUnit:
        return unit_of_payloads(keyframe=keyframe, at=frame.captured_at, target_bitrate=self.target)

    def close(self) -> None:
        self.is_closed = True


def test_an_encoder_without_capabilities_keeps_its_bitrate_and_size_and_is_closed_at_the_end() -> None:
    made: list[PlainEncoder] = []

    def create(settings: EncoderSettings) -> PlainEncoder:
        made.append(PlainEncoder(settings))
        return made[0]

    table = (EncoderType("plain", lambda: create, lambda: True),)
    bench = Bench(EncoderSettings(encoder="plain", bitrate=400_000), table)
    bench.thread.start()
    assert bench.show().target_bitrate == 400_000
    bench.thread.set_bitrate(100_000)
    bench.thread.set_scale(Fraction(1, 2), (WIDTH, HEIGHT))
    unit = bench.show()
    assert (unit.target_bitrate, unit.keyframe) == (400_000, True)
    assert bench.thread.stop(LIMIT)
    assert made[0].is_closed


def test_an_encoder_that_is_not_in_the_table_is_reported_with_the_first_frame(start: Callable[..., Bench]) -> None:
    bench = start(encoder="libx999")
    bench.slot.put(bench.frame())
    bench.wait_until(lambda: bool(bench.errors))
    assert isinstance(bench.errors[0], EncoderFailedError)
    assert "libx999" in bench.errors[0].message


def test_an_error_after_stop_is_no_failure() -> None:
    slot = FrameSlot()
    errors: list[ContractError] = []
    stopped = threading.Event()

    def deliver(_: AccessUnit) -> None:
        thread.stop(0)
        stopped.set()
        raise RuntimeError("the loop is closed")

    thread = EncoderThread(slot, EncoderSettings(), deliver, errors.append)
    thread.start()
    slot.put(MovingPicture().frame(0))
    assert stopped.wait(LIMIT)
    assert thread.stop(LIMIT)
    assert not errors
