"""Logging in to a camera: Digest, Basic, and stale nonces."""

from __future__ import annotations

import pytest

from sidecar.cameras.rtsp.authentication import Login, strongest
from tests.support.rtsp_opening import opened
from tests.support.rtsp_server import Behaviour, RtspServer

BASIC, MD5 = 'Basic realm="a"', 'Digest realm="a", nonce="n"'
SHA = 'Digest realm="a", nonce="n", algorithm=SHA-256, qop="auth,auth-int"'


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "Digest SHA-256"])
def test_each_scheme_opens_the_camera(scheme: str) -> None:
    with RtspServer(1, behaviour=Behaviour(login=("admin", 'p@ss"w:rd'), scheme=scheme)) as server:
        opened(server.url.replace("rtsp://", "rtsp://admin:p%40ss%22w%3Ard@")).close()
    assert not any("admin:" in head for head in server.heads)


def test_a_stale_nonce_is_replaced_by_the_new_one() -> None:
    with RtspServer(1, behaviour=Behaviour(login=("admin", "pw"), is_stale=True)) as server:
        opened(server.url.replace("rtsp://", "rtsp://admin:pw@")).close()
    assert server.requests.count("SETUP") == 2


def test_a_wrong_login_is_sent_once() -> None:
    login = Login("admin", "wrong")
    assert login.accept([MD5])
    assert not login.accept([MD5])
    assert not Login(None, None).accept([MD5])


@pytest.mark.parametrize(
    ("headers", "scheme", "algorithm"),
    [
        ([BASIC, MD5], "digest", "MD5"),
        ([f"{BASIC}, {MD5}"], "digest", "MD5"),
        ([MD5, SHA], "digest", "SHA-256"),
        ([BASIC], "basic", "MD5"),
        ([BASIC, 'Digest realm="a", nonce="n", algorithm=UNKNOWN'], "basic", "MD5"),
        ([BASIC, 'Digest realm="a", nonce="n", qop="auth-int"'], "basic", "MD5"),
    ],
)
def test_the_strongest_challenge_that_can_be_answered_is_taken(headers: list[str], scheme: str, algorithm: str) -> None:
    challenge = strongest(headers)
    assert challenge is not None
    assert (challenge.scheme, challenge.algorithm) == (scheme, algorithm)


def test_the_digest_of_rfc_2617_without_qop_is_as_other_clients_calculate_it() -> None:
    login = Login("Mufasa", "Circle Of Life")
    login.accept(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    header = login.header("GET", "/dir/index.html")
    assert header is not None
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in header
