"""The built-in test pattern, for trying out without a camera."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.pattern.formats import FORMATS
from sidecar.cameras.providers.provider import Provider
from sidecar.cameras.sources.syntax import Scheme

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera

TEST_PATTERN = Device(
    device_id="test:pattern",
    name="Test picture",
    description="A built-in moving picture with the time in it, for trying out without a camera",
    kind="test",
    is_available=True,
    formats=FORMATS,
    platform=sys.platform,
    address="",
)
_NUMBERED = re.compile(r"test:pattern-([2-9]|[1-9]\d)")
"""test:pattern-2 to test:pattern-99, for trying out many cameras; they are not listed."""


class TestPatterns(Provider):
    """The test pattern, and unlisted copies of it under numbered ids."""

    __test__ = False  # the name is the contract's; it is no test case
    stall_limit = 30.0  # the pattern cannot hang, but its first frame imports the modules that draw it

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        return (TEST_PATTERN,)

    def owns(self, device_id: str, scheme: Scheme | None) -> bool:
        return device_id == TEST_PATTERN.device_id or _NUMBERED.fullmatch(device_id) is not None

    def resolve(self, device_id: str) -> Device:
        numbered = _NUMBERED.fullmatch(device_id)
        if numbered is None:
            return TEST_PATTERN
        return replace(TEST_PATTERN, device_id=device_id, name=f"{TEST_PATTERN.name} {numbered[1]}")

    def nearest_format(self, device: Device, requested: RequestedFormat) -> Format | None:
        from sidecar.cameras.pattern.test_pattern import nearest_pattern_format

        return nearest_pattern_format(requested)

    def prepare(self, device: Device) -> None:
        return

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        from sidecar.cameras.pattern.test_pattern import TestPattern

        return TestPattern(requested)
