"""The parts of a URL that may be shown."""

from __future__ import annotations

import pytest

from sidecar.cameras.sources.display import hide_logins, shown_path, shown_query
from tests.support.growth import MOST_GROWTH, growth


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ""),
        ("channel=1&subtype=0", "channel=1&subtype=0"),
        ("user=a&password=b", "***"),
        ("channel=1&token=x&subtype=0", "channel=1&subtype=0&***"),
        ("c2VjcmV0==", "***"),
        ("channel=" + "x" * 40, "***"),
        ("channel=a%2Fb", "***"),
        ("Channel=1", "Channel=1"),
    ],
)
def test_only_the_parameters_that_choose_a_picture_are_shown_of_a_query(query: str, shown: str) -> None:
    assert shown_query(query) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/live/main", "/live/main"),
        ("/cam/trackID=1", "/cam/trackID=1"),
        ("/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp", "/***"),
        ("/user%3Dadmin&passwd%3Dx/main", "/***/main"),
        ("/live;token=abc/main", "/***/main"),
        ("/user/admin/Password/s3cret/live", "/user/admin/Password/***/live"),
        ("/token/s3cret", "/token/***"),
        ("/p%61ss/s3cret", "/p%61ss/***"),
        ("/password/", "/password/"),
    ],
)
def test_a_login_in_the_path_is_hidden(path: str, shown: str) -> None:
    assert shown_path(path) == shown


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("no URL, user@example.org", "no URL, user@example.org"),
        ("rtsp://10.0.0.1/a@b", "rtsp://10.0.0.1/a@b"),
        ("rtsp://[::1]:8554/x: opened", "rtsp://[::1]:8554/x: opened"),
        ("a rtsp://u:p@ss@h/x, b", "a rtsp://***@h/x, b"),
        ("rtsp://u:p/q@h/x", "rtsp://***@h/x"),
        ("rtsp://u:p?q@h/x", "rtsp://***@h/x"),
        ("rtsp://u:p#q@h/x", "rtsp://***@h/x"),
        ("http://h/x?a=b,c&d='e' failed", "http://h/x?***' failed"),
        ("see 'rtsp://h/x?channel=1&k=v'.", "see 'rtsp://h/x?channel=1&***'."),
        ("rtsp://h/x?***: opened, rtsp://u@h", "rtsp://h/x?***: opened, rtsp://***@h"),
        ("rtsp://u:p@h1/rtsp://v:q@h2", "rtsp://***@h1/rtsp://***@h2"),
    ],
)
def test_logins_and_query_values_of_any_url_are_hidden(text: str, hidden: str) -> None:
    assert hide_logins(text) == hidden


@pytest.mark.parametrize("unit", ["a://", "://", "@", "a://b@", "a://?&=", "a://b:", "?", "a://c/@ ", "a@b:c/", "&"])
def test_hiding_takes_linear_time(unit: str) -> None:
    assert growth(lambda size: "x://" + unit * size, hide_logins, size=512) < MOST_GROWTH
