"""The user's consent to the use of cameras on macOS, which AVFoundation knows and asks for.

macOS asks for the app that started this process (TCC's responsible process), and remembers the answer for it.
"""

from __future__ import annotations

import plistlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from xml.parsers.expat import ExpatError

from sidecar.cameras.platform import Permission
from sidecar.contract.types import PermissionStatus

STATUSES: tuple[PermissionStatus, ...] = ("not_determined", "restricted", "denied", "granted")
"""AVAuthorizationStatus, by number."""

ENTITLEMENT = "com.apple.security.device.camera"
USAGE_DESCRIPTION = "NSCameraUsageDescription"

HINTS: dict[PermissionStatus, str] = {
    "denied": (
        "Allow this app under System Settings, Privacy & Security, Camera, then start it again. An app that is missing"
        f" from that list lacks the entitlement {ENTITLEMENT}, or the sidecar inside it does."
    ),
    "restricted": "This Mac's administrator does not allow cameras.",
}
UNANSWERED = "The user has not answered the question of macOS yet. Call request_camera_permission again."
REFUSED_UNASKED = (
    f"macOS did not ask the user. Sign the app and the sidecar inside it with the entitlement {ENTITLEMENT}."
)


class CaptureAuthorization(Protocol):
    """The authorization of this process to capture video, as AVCaptureDevice gives it. Thread-safe."""

    def status(self) -> int:
        """Return the AVAuthorizationStatus."""

    def request(self, answered: Callable[[], None]) -> None:
        """Ask the user, and return at once. `answered` is called when the status is final, in any thread."""


class CameraConsent:
    """The state of the consent, and the one question that is open at a time. Thread-safe."""

    def __init__(self, authorization: CaptureAuthorization, app: Path | None) -> None:
        """`app` is the bundle of the app that contains this program, or None outside a bundle."""
        self._authorization = authorization
        self._app = app
        self._lock = threading.Lock()
        self._question: threading.Event | None = None

    def permission(self) -> Permission:
        """Return the consent as it stands. Never asks the user."""
        status = self._status()
        return status, HINTS.get(status)

    def request(self, limit: float) -> Permission:
        """Ask the user unless the answer is known, and return the consent after `limit` seconds at most.

        Concurrent calls share one question. macOS ends a process that asks on behalf of an app without
        NSCameraUsageDescription, so such an app's user is not asked.
        """
        status = self._status()
        if status != "not_determined":
            return status, HINTS.get(status)
        missing = self.missing_usage()
        if missing is not None:
            return status, missing
        if not self._open_question().wait(limit):
            return "not_determined", UNANSWERED
        status = self._status()
        return status, REFUSED_UNASKED if status == "not_determined" else HINTS.get(status)

    def missing_usage(self) -> str | None:
        """Return a hint when the app does not state why it uses cameras, else None."""
        if self._app is None or states_usage(self._app):
            return None
        return f"The Info.plist of {self._app.name} lacks {USAGE_DESCRIPTION}: state there why the app uses cameras."

    def _status(self) -> PermissionStatus:
        number = self._authorization.status()
        return STATUSES[number] if 0 <= number < len(STATUSES) else "unknown"

    def _open_question(self) -> threading.Event:
        """Return the event of the answer to the open question; ask when none is open."""
        with self._lock:
            if self._question is None or self._question.is_set():
                question = threading.Event()
                self._authorization.request(question.set)
                self._question = question
            return self._question


def enclosing_app() -> Path | None:
    """Return the bundle of the app that contains the frozen program; None outside a bundle and from source."""
    if not getattr(sys, "frozen", False):
        return None
    return app_around(Path(sys.executable))


def app_around(program: Path) -> Path | None:
    """Return the outermost app bundle that contains `program`, or None."""
    bundles = (folder.parent for folder in program.parents if folder.name == "Contents")
    return next((bundle for bundle in reversed(list(bundles)) if bundle.suffix == ".app"), None)


def states_usage(app: Path) -> bool:
    """Return whether the app's Info.plist states why the app uses cameras. An unreadable file does not."""
    try:
        information = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    except (OSError, ExpatError, ValueError):
        return False
    return isinstance(information, dict) and bool(information.get(USAGE_DESCRIPTION))
