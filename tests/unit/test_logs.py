from __future__ import annotations

import logging

import pytest

from sidecar.contract.events import Log
from sidecar.logs import DiscreetFormatter, NotifyingHandler

SECRET = "marked-password"
URL = f"rtsp://somebody:{SECRET}@10.0.0.1:554/picture"


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error is not None else None
    return logging.LogRecord("sidecar.cameras", logging.WARNING, __file__, 1, message, (), info)


def test_a_url_is_logged_without_its_user_and_password() -> None:
    line = DiscreetFormatter("%(message)s").format(record(f"{URL}: opened at 10 fps, and {URL}"))
    assert line == "rtsp://***@10.0.0.1:554/picture: opened at 10 fps, and rtsp://***@10.0.0.1:554/picture"


def test_the_text_of_an_exception_is_logged_without_them_too() -> None:
    try:
        raise OSError(f"cannot open {URL}")
    except OSError as error:
        text = DiscreetFormatter("%(message)s").format(record("broke", error))
    assert "cannot open rtsp://***@10.0.0.1" in text


@pytest.mark.parametrize("text", ["user@example.org", "rtsp://10.0.0.1/a@b", "v4l2:usb-0000:00:14.0-1:0"])
def test_what_is_no_password_stays_as_it_is(text: str) -> None:
    assert DiscreetFormatter("%(message)s").format(record(text)) == text


def test_a_log_notification_holds_no_password_either() -> None:
    sent: list[Log] = []
    NotifyingHandler(sent.append).handle(record(URL))
    assert [(line.level, line.message) for line in sent] == [("warning", "rtsp://***@10.0.0.1:554/picture")]
