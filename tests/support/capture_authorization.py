"""A stand-in for AVCaptureDevice's authorization: what macOS answers, and when. It answers in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.support.notifications import LIMIT

NOT_DETERMINED, RESTRICTED, DENIED, AUTHORIZED = range(4)
"""AVAuthorizationStatus."""


class ScriptedAuthorization:
    """The status of macOS, which the user's answer sets.

    `answer` None leaves the question open; NOT_DETERMINED refuses it without a dialog, as for a missing entitlement.
    """

    def __init__(self, status: int = NOT_DETERMINED, answer: int | None = AUTHORIZED) -> None:
        self._status = status
        self._answer = answer
        self._open: list[Callable[[], None]] = []
        self.questions = 0
        self.asked = threading.Event()

    def status(self) -> int:
        return self._status

    def request(self, answered: Callable[[], None]) -> None:
        """Return at once, as AVFoundation does; the scripted answer follows in another thread."""
        self.questions += 1
        self._open.append(answered)
        self.asked.set()
        if self._answer is not None:
            self.choose(self._answer)

    def choose(self, status: int) -> None:
        """Answer every open question as the user, on a thread of the system."""
        questions, self._open = self._open, []

        def answer() -> None:
            self._status = status
            for answered in questions:
                answered()

        queue = threading.Thread(target=answer)
        queue.start()
        queue.join(LIMIT)
