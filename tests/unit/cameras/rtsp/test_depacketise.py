"""Depacketisation of RTP payloads to access units."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Sequence

import av
import pytest

from sidecar.cameras.rtsp.depacketise import ENCODINGS
from sidecar.cameras.rtsp.depacketise.depacketiser import Depacketiser
from sidecar.cameras.rtsp.description import VideoDescription
from sidecar.cameras.rtsp.rtp import RtpPacket
from tests.support.encoded_pictures import SIZE, EncodingName, cut_h264, encoded_pictures
from tests.support.growth import MOST_GROWTH, growth

START = b"\0\0\0\1"
SLICE, LATER_SLICE, SETS = b"\x65\x88abc", b"\x65\x08abc", b"\x67set"


def description(encoding: str, **parameters: str) -> VideoDescription:
    return VideoDescription(96, encoding, 90_000, "", "", parameters, None, None, frozenset())


def depacketiser(encoding: str, **parameters: str) -> Depacketiser:
    return ENCODINGS[encoding].depacketiser(description(encoding, **parameters))


def units(one: Depacketiser, payloads: Sequence[tuple[bytes, int, bool]], skipped: Sequence[int] = ()) -> list[bytes]:
    """Return the access units of payloads with time stamps and marker bits, without the packets at `lost`."""
    found = []
    for sequence, (payload, timestamp, marker) in enumerate(payloads):
        if sequence not in skipped:
            found += one.push(RtpPacket(96, marker, sequence % 65536, timestamp, 1, payload))
    return found


def test_single_units_aggregates_and_fragments_of_h264_become_one_access_unit() -> None:
    aggregate = b"\x78" + len(SETS).to_bytes(2) + SETS + (3).to_bytes(2) + b"\x68pp"
    long_slice = SLICE + bytes(500)
    payloads = [aggregate, *cut_h264(long_slice)]
    (unit,) = units(depacketiser("H264"), [(each, 0, each is payloads[-1]) for each in payloads])
    assert unit == START + SETS + START + b"\x68pp" + START + long_slice


@pytest.mark.parametrize(
    "payload",
    [
        b"\x78\xff\xff\x67",  # a length beyond the end
        b"\x78\x00\x00\x00\x00",  # empty units
        b"\x78\x00",
        b"\x7c",  # a fragment without its header
        b"\x7c\x05body",  # the middle of a unit, without its first fragment
        b"\x7c\x45body",
        b"\x79\x00\x01\x00\x02ab",  # STAP-B, which mode 1 does not have
        b"\x1f",
    ],
)
def test_a_damaged_payload_leaves_the_rest_of_the_picture(payload: bytes) -> None:
    assert units(depacketiser("H264"), [(payload, 0, False), (SLICE, 0, True)]) == [START + SLICE]


def test_a_fragment_whose_end_is_missing_is_dropped() -> None:
    fragments = cut_h264(SLICE + bytes(900))
    payloads = [(each, 0, False) for each in fragments] + [(SLICE, 3000, True)]
    assert units(depacketiser("H264"), payloads, skipped=[len(fragments) - 1]) == [START + SLICE]


def test_parameter_sets_with_a_time_stamp_or_a_marker_of_their_own_stay_with_the_picture() -> None:
    assert units(depacketiser("H264"), [(SETS, 0, True), (SLICE, 9, True)]) == [START + SETS + START + SLICE]


def test_a_new_picture_ends_the_one_before_it_without_a_marker_bit() -> None:
    payloads = [
        (SLICE, 0, False),
        (LATER_SLICE, 0, False),
        (b"\x09\xf0", 0, False),
        (SLICE, 0, False),
        (SLICE, 0, True),
    ]
    assert units(depacketiser("H264"), payloads) == [
        START + SLICE + START + LATER_SLICE,
        START + b"\x09\xf0" + START + SLICE,
        START + SLICE,
    ]


def test_a_marker_bit_inside_of_a_picture_is_no_longer_believed() -> None:
    picture = [(SLICE, True), (LATER_SLICE, True)]
    payloads = [(unit, 3000 * number, marker) for number in range(4) for unit, marker in picture]
    found = units(depacketiser("H264"), payloads)
    assert found[-1] == START + SLICE + START + LATER_SLICE


def test_units_with_start_codes_inside_of_the_payload_are_separated() -> None:
    payload = START + SETS + b"\0\0\1" + SLICE
    assert units(depacketiser("H264"), [(payload, 0, True)]) == [START + SETS + START + SLICE]


def test_aggregates_and_fragments_of_h265_are_joined_with_and_without_order_numbers() -> None:
    sets, picture = b"\x42\x01set", b"\x26\x01\xafpicture"
    aggregate = b"\x60\x01" + (5).to_bytes(2) + sets + (10).to_bytes(2) + picture
    ordered = b"\x60\x01\0\0" + (5).to_bytes(2) + sets + b"\0" + (10).to_bytes(2) + picture
    expected = [START + sets + START + picture]
    assert units(depacketiser("H265"), [(aggregate, 0, True)]) == expected
    assert units(depacketiser("H265", **{"sprop-max-don-diff": "1"}), [(ordered, 0, True)]) == expected
    fragments = [(b"\x62\x01\x93\xafpic", 0, False), (b"\x62\x01\x53ture", 0, True)]
    assert units(depacketiser("H265"), fragments) == [START + picture]


@pytest.mark.parametrize("encoding", ["JPEG", "MP4V-ES"])
def test_a_picture_with_a_missing_piece_is_dropped(encoding: EncodingName) -> None:
    pictures = encoded_pictures(encoding, 3).payloads
    payloads = [
        (payload, 3000 * number, payload is each[-1]) for number, each in enumerate(pictures) for payload in each
    ]
    assert len(units(depacketiser(encoding), payloads)) == 3
    assert len(units(depacketiser(encoding), payloads, skipped=[1])) == 2


@pytest.mark.parametrize("quality", [1, 50, 99])
def test_jpeg_headers_are_made_from_the_quality(quality: int) -> None:
    scan = encoded_pictures("JPEG", 1).payloads[0]
    restart = scan[0][4] >= 64
    first = (
        scan[0][:5] + bytes((quality,)) + scan[0][6 : 12 if restart else 8] + scan[0][(12 if restart else 8) + 132 :]
    )
    payloads = [first, *(each[:5] + bytes((quality,)) + each[6:] for each in scan[1:])]
    (unit,) = units(depacketiser("JPEG"), [(each, 0, each is payloads[-1]) for each in payloads])
    decoder = av.CodecContext.create("mjpeg", "r")
    (picture,) = decoder.decode(av.Packet(unit))
    assert isinstance(picture, av.VideoFrame)
    assert (picture.width, picture.height) == SIZE


@pytest.mark.parametrize(
    "payload",
    [
        b"\0\0\0\0\1\xff\6",
        b"\0\0\0\0\1\xff\6\6",
        b"\0\0\0\0\1\xff\6\6\0\0\xff\xff" + bytes(64),
        b"\0\0\0\0\1\x80\6\6\0\0\0\0scan",
        b"\0\0\0\0\x09\x32\6\6scan",
        b"\0\0\0\0\1\0\6\6scan",
        b"\0\0\0\0\x41\x32\6\6\0",
        b"\0\0\0\x09\1\x32\6\6scan",
    ],
)
def test_damaged_jpeg_headers_give_no_picture(payload: bytes) -> None:
    assert units(depacketiser("JPEG"), [(payload, 0, True)]) == []


@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_an_access_unit_has_a_limit(encoding: EncodingName) -> None:
    begin = {"H264": b"\x7c\x85\x88", "H265": b"\x62\x01\x93\xaf", "JPEG": b"\0\0\0\0\1\x32\6\6", "MP4V-ES": b""}[
        encoding
    ]
    more = {"H264": b"\x7c\x05", "H265": b"\x62\x01\x13", "JPEG": b"", "MP4V-ES": b""}[encoding]
    one = depacketiser(encoding)
    one.max_access_unit = 1000
    payloads = [(begin + bytes(100), 0, False)]
    for number in range(40):
        header = b"\0" + (100 + 100 * number).to_bytes(3) + b"\1\x32\6\6" if encoding == "JPEG" else more
        payloads.append((header + bytes(100), 0, number == 39))
    assert units(one, payloads) == []
    assert units(one, [(encoded_pictures(encoding, 1).payloads[0][0], 3000, False)]) == []


@pytest.mark.parametrize("encoding", list(ENCODINGS))
@pytest.mark.parametrize(
    "pattern",
    [
        b"\0",
        b"\x78\x00\x01\x09",
        b"\x60\x01\0\1\x26",
        b"\0\0\1\x65",
        b"\x7c\x85\x88",
        b"\x65\x88",
        b"\xff",
        b"\x62\x01\x93",
    ],
)
def test_reading_takes_linear_time(encoding: str, pattern: bytes) -> None:
    def read(data: bytes) -> None:
        one = depacketiser(encoding)
        for at in range(0, len(data), 1400):
            one.push(RtpPacket(96, False, at // 1400 % 65536, 0, 1, pattern + data[at : at + 1400]))

    assert growth(lambda size: pattern * size, read) < MOST_GROWTH


@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_random_payloads_raise_no_error_and_keep_little_memory(encoding: str) -> None:
    source = random.Random(3)
    one = depacketiser(encoding)
    heads = [b"\x7c\x85", b"\x7c\x45", b"\x78\x00", b"\x62\x01\x93", b"\x60\x01", b"\0\0\0\0\1\xff\6\6", b"", START]
    tracemalloc.start()
    for _ in range(20_000):
        payload = source.choice(heads) + source.randbytes(source.randint(0, 60))
        packet = RtpPacket(96, source.random() < 0.2, source.randrange(65536), source.randrange(4), 1, payload)
        assert all(isinstance(unit, bytes) for unit in one.push(packet))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
