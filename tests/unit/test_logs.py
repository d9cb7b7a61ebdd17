from __future__ import annotations

import logging
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.cameras.sources.rtsp_url import RtspSource
from sidecar.cameras.sources.secrets import SECRETS
from sidecar.contract.events import Log
from sidecar.logs import DiscreetFormatter, NotifyingHandler, configure
from sidecar.options import parse
from sidecar.stdio.log_file import FILE_BYTES
from tests.support.growth import MOST_GROWTH, growth

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
def test_texts_without_a_password_stay_as_they_are(text: str) -> None:
    assert DiscreetFormatter("%(message)s").format(record(text)) == text


def test_a_log_notification_holds_no_password_either() -> None:
    sent: list[Log] = []
    NotifyingHandler(sent.append).handle(record(URL))
    assert [(line.level, line.message) for line in sent] == [("warning", "rtsp://***@10.0.0.1:554/picture")]


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "\x1b[2J", "a\x9bb", "a\u2028b", "a\u202eb", "a\ud800b", "a\0b", "\x7f"]
)
def test_a_record_is_one_line_of_printable_characters(text: str) -> None:
    line = DiscreetFormatter("%(levelname)s %(message)s").format(record(text))
    assert line.isprintable()
    assert line.startswith("WARNING ")
    sent: list[Log] = []
    NotifyingHandler(sent.append).handle(record(text))
    assert sent[0].message.isprintable()


def test_the_lines_of_a_traceback_cannot_be_taken_for_records() -> None:
    forged = "2026-01-01T00:00:00.000Z ERROR sidecar: forged"
    try:
        raise OSError(f"broke\n{forged}\x1b[2J")
    except OSError as error:
        lines = DiscreetFormatter("%(message)s").format(record("broke", error)).split("\n")
    assert lines[0] == "broke"
    assert any(forged in line for line in lines)
    assert all(line.startswith("    ") and line.isprintable() for line in lines[1:])


def test_a_secret_of_a_named_source_is_hidden_wherever_it_is_quoted() -> None:
    SECRETS.remember(RtspSource.parse("rtsp://somebody:hidden%40password@cam/x"))
    line = DiscreetFormatter("%(message)s").format(record("401 for somebody with hidden@password (hidden%40password)"))
    assert line == "401 for *** with *** (***)"


@pytest.mark.parametrize("unit", ["\n", "a://", "\x1b[0m", "x", "rtsp://u:p@h/x?y=z "])
def test_a_record_is_written_in_linear_time(unit: str) -> None:
    formatter = DiscreetFormatter("%(message)s")
    assert growth(lambda size: record(unit * size), formatter.format, size=512) < MOST_GROWTH


@pytest.mark.skipif(sys.platform == "win32", reason="Windows inherits the rights of the folder")
def test_only_its_owner_may_read_the_log_file_and_the_older_ones(tmp_path: Path, quiet_logging: None) -> None:
    log_file = tmp_path / "sidecar.log"
    for before in (log_file, tmp_path / "sidecar.log.1"):
        before.write_text("before\n")
        before.chmod(0o644)
    options = parse(["--log-file", str(log_file)])
    assert modes(tmp_path) == {"sidecar.log": 0o600, "sidecar.log.1": 0o600}
    configure(options)
    logging.getLogger().handlers[0].setLevel(logging.CRITICAL)  # stderr
    for _ in range(3):
        logging.getLogger("sidecar").error("%s", "x" * (FILE_BYTES // 2))
    found = modes(tmp_path)
    assert len(found) >= 3
    assert set(found.values()) == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows inherits the rights of the folder")
def test_a_new_log_file_is_never_readable_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("it was created with other rights")

    monkeypatch.setattr(os, "fchmod", fails)
    before = os.umask(0)
    try:
        parse(["--log-file", str(tmp_path / "sidecar.log")])
    finally:
        os.umask(before)
    assert modes(tmp_path) == {"sidecar.log": 0o600}


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture
def quiet_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging and the hooks for exceptions as they were, after a test that configures them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)
