"""AVCaptureDevice, through rubicon-objc: the only module that calls Objective-C."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rubicon.objc import ObjCClass

AVFOUNDATION = "/System/Library/Frameworks/AVFoundation.framework/AVFoundation"
VIDEO = "vide"  # AVMediaTypeVideo


class AVCaptureDevice:
    """The authorization of this process to capture video. AVFoundation is loaded with the first call."""

    def status(self) -> int:
        """Return [AVCaptureDevice authorizationStatusForMediaType:AVMediaTypeVideo]."""
        return int(self._class.authorizationStatusForMediaType_(VIDEO))

    def request(self, answered: Callable[[], None]) -> None:
        """Send [AVCaptureDevice requestAccessForMediaType:AVMediaTypeVideo completionHandler:…].

        AVFoundation keeps the block and calls it on a dispatch queue of its own.
        """
        from rubicon.objc import Block

        handler = Block(lambda _granted: answered(), None, ctypes.c_bool)
        self._class.requestAccessForMediaType_completionHandler_(VIDEO, handler)

    @cached_property
    def _class(self) -> ObjCClass:
        from rubicon.objc import ObjCClass

        ctypes.CDLL(AVFOUNDATION)
        return ObjCClass("AVCaptureDevice")
