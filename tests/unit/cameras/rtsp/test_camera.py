"""Playing rtsp: sources from a small server on loopback."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.policy import RtspPolicy
from sidecar.contract.errors import CameraFailedError
from tests.support.encoded_pictures import EncodingName
from tests.support.rtsp_opening import opened
from tests.support.rtsp_server import SIZE, Behaviour, RtpPackets, RtspServer

LIMIT = 10


def greys(camera: Camera, count: int) -> list[int]:
    """Return the encoded mean luma of `count` frames, to the nearest twenty."""
    scale, offset = (1.0, 0) if camera.format.pixel_format == "mjpeg" else (219 / 255, 16)
    return [round((float(camera.read().planes[0].mean()) * scale + offset) / 20) for _ in range(count)]


def shown(behaviour: Behaviour, count: int = 4, query: str = "") -> tuple[list[int], RtspServer]:
    with RtspServer(count, behaviour=behaviour) as server:
        camera = opened(server.url + query)
        try:
            return greys(camera, count - len(behaviour.packets.lost)), server
        finally:
            camera.close()


def test_pictures_come_from_a_network_camera_over_tcp() -> None:
    with RtspServer(count=4, hangs_up=True) as server:
        camera = opened(server.url)
        values = greys(camera, 4)
        with pytest.raises(CameraFailedError) as caught:
            camera.read()
        camera.close()
    assert values == [2, 3, 4, 5]
    assert (camera.format.width, camera.format.height, camera.format.pixel_format) == (*SIZE, "h264")
    assert server.requests[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
    assert "network" in caught.value.hint


@pytest.mark.parametrize("encoding", ["H264", "H265", "MP4V-ES", "JPEG"])
@pytest.mark.parametrize("transports", [("tcp",), ("udp",)])
def test_each_encoding_comes_over_each_transport(encoding: EncodingName, transports: tuple[str, ...]) -> None:
    values, server = shown(Behaviour(encoding=encoding, transports=transports))
    assert values == [2, 3, 4, 5]
    assert server.requests.count("SETUP") == (1 if transports == ("tcp",) else 2)


def test_a_source_may_ask_for_udp_first() -> None:
    values, server = shown(Behaviour(), query="?transport=udp")
    assert values == [2, 3, 4, 5]
    assert "client_port" in next(head for head in server.heads if head.startswith("SETUP"))
    assert "transport" not in server.heads[0].split()[1]


def test_a_camera_at_an_ipv6_address_plays() -> None:
    assert shown(Behaviour(host="::1"))[0] == [2, 3, 4, 5]
    assert shown(Behaviour(host="::1", transports=("udp",)))[0] == [2, 3, 4, 5]


@pytest.mark.parametrize("encoding", ["H264", "H265"])
@pytest.mark.parametrize(("in_band", "in_description"), [(True, False), (False, True)])
def test_parameter_sets_come_in_band_or_in_the_description(
    encoding: EncodingName, in_band: bool, in_description: bool
) -> None:
    behaviour = Behaviour(encoding=encoding, packets=RtpPackets(in_band=in_band, in_description=in_description))
    assert shown(behaviour)[0] == [2, 3, 4, 5]


@pytest.mark.parametrize("encoding", ["H264", "H265", "MP4V-ES", "JPEG"])
def test_a_camera_that_sets_no_marker_bit_is_one_picture_late(encoding: EncodingName) -> None:
    with RtspServer(5, behaviour=Behaviour(encoding=encoding, packets=RtpPackets(marker=False))) as server:
        camera = opened(server.url)
        values = greys(camera, 4)
        camera.close()
    assert [value - values[0] for value in values] == [0, 1, 2, 3]


def test_a_jump_in_the_time_stamps_has_no_effect() -> None:
    assert shown(Behaviour(packets=RtpPackets(jump=5000 * 90_000)))[0] == [2, 3, 4, 5]
    assert shown(Behaviour(packets=RtpPackets(jump=-5000 * 90_000)))[0] == [2, 3, 4, 5]


def test_bytes_between_messages_that_belong_to_none_are_skipped() -> None:
    assert shown(Behaviour(between=b"\0\xff$garbage RTSP\r\n"))[0] == [2, 3, 4, 5]


def test_datagrams_in_another_order_are_put_in_order() -> None:
    order = [0, 2, 1, *range(3, 8), 9, 8]
    behaviour = Behaviour(transports=("udp",), packets=RtpPackets(order=[*order, *range(10, 12)]))
    with RtspServer(4, behaviour=behaviour) as server:
        camera = opened(server.url)
        assert greys(camera, 1) == [2]
        camera.close()


def test_a_lost_picture_leaves_the_next_keyframe_whole() -> None:
    behaviour = Behaviour(encoding="JPEG", packets=RtpPackets(lost=frozenset((1,))))
    with RtspServer(4, behaviour=behaviour) as server:
        camera = opened(server.url)
        values = greys(camera, 3)
        camera.close()
    assert [value - values[0] for value in values] == [0, 1, 2]


def test_a_datagram_of_a_stranger_is_no_picture() -> None:
    behaviour = Behaviour(encoding="JPEG", transports=("udp",))
    with RtspServer(2, behaviour=behaviour) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        camera = opened(server.url)
        first = greys(camera, 1)
        assert server.ports is not None
        for sequence in range(20, 60):
            stranger.sendto(b"\x80\x9a" + sequence.to_bytes(2) + bytes(4) + b"\0\0\0\1junk", server.ports.client)
        assert greys(camera, 1) == [first[0] + 1]
        camera.close()


def test_the_session_is_kept_alive_and_ended() -> None:
    with RtspServer(2, behaviour=Behaviour(session="abc;timeout=0")) as server:
        camera = opened(server.url, policy=RtspPolicy(shortest_session=0.1))
        reader = threading.Thread(target=read_to_the_end, args=(camera,))
        reader.start()
        assert server.wait_for("GET_PARAMETER", 2)
        camera.close()
        assert server.wait_for("TEARDOWN")
        reader.join(LIMIT)
    heads = [head for head in server.heads if head.startswith(("GET_PARAMETER", "TEARDOWN"))]
    assert all("Session: abc\r\n" in head + "\r\n" for head in heads)


def test_a_camera_without_get_parameter_is_kept_alive_by_options() -> None:
    statuses = {"GET_PARAMETER": "501 Not Implemented"}
    with RtspServer(2, behaviour=Behaviour(session="abc;timeout=0", statuses=statuses)) as server:
        camera = opened(server.url, policy=RtspPolicy(shortest_session=0.1))
        reader = threading.Thread(target=read_to_the_end, args=(camera,))
        reader.start()
        assert server.wait_for("OPTIONS", 3)
        camera.close()
        reader.join(LIMIT)


def read_to_the_end(camera: Camera) -> None:
    with pytest.raises(CameraFailedError):
        while True:
            camera.read()


def test_closing_ends_a_read_that_waits_at_once() -> None:
    with RtspServer(2) as server:
        camera = opened(server.url)
        reader = threading.Thread(target=read_to_the_end, args=(camera,))
        reader.start()
        began = time.monotonic()
        camera.close()
        reader.join(LIMIT)
        assert not reader.is_alive()
        assert time.monotonic() - began < RtspPolicy().read_timeout


def test_a_bye_of_the_camera_ends_the_stream() -> None:
    goodbye = b"$\1\0\x08" + b"\x81\xcb\0\1" + (1).to_bytes(4)
    with RtspServer(2, behaviour=Behaviour(after_pictures=goodbye)) as server:
        camera = opened(server.url)
        greys(camera, 2)
        with pytest.raises(CameraFailedError, match="stopped sending"):
            camera.read()
        camera.close()


def test_a_camera_s_own_requests_are_answered() -> None:
    request = b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n"
    with RtspServer(2, behaviour=Behaviour(between=request)) as server:
        camera = opened(server.url)
        assert greys(camera, 2) == [2, 3]
        camera.close()


def test_a_network_camera_that_falls_silent_is_lost() -> None:
    with RtspServer(count=5) as server:
        camera = opened(server.url, policy=RtspPolicy(read_timeout=0.3))
        with pytest.raises(CameraFailedError):
            for _ in range(6):
                camera.read()
        camera.close()


def test_a_server_that_never_answers_does_not_hold_up_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(CameraFailedError) as caught:
        opened(f"rtsp://user:secret@127.0.0.1:{silent.getsockname()[1]}/stream", policy=RtspPolicy(open_timeout=0.3))
    assert "secret" not in caught.value.message + caught.value.hint
    assert "OPTIONS" in caught.value.message


def test_an_answer_that_comes_byte_by_byte_does_not_hold_up_for_ever() -> None:
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            client.sendall(b"RTSP/1.0 200 OK\r\nX: ")
            while not over.wait(0.02):
                try:
                    client.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,))
        dripping.start()
        with pytest.raises(CameraFailedError, match="in time"):
            opened(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/stream", policy=RtspPolicy(open_timeout=0.5))
        over.set()
        dripping.join(LIMIT)


def test_a_camera_without_a_decodable_picture_does_not_open() -> None:
    behaviour = Behaviour(packets=RtpPackets(in_band=False, in_description=False))
    with RtspServer(10, behaviour=behaviour) as server, pytest.raises(CameraFailedError, match="decoded") as caught:
        opened(server.url, policy=RtspPolicy(max_bad_units=5))
    assert "keyframe" in caught.value.hint
