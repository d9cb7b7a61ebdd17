"""The camera permission of macOS, with a stand-in for AVFoundation: no macOS runs these tests."""

from __future__ import annotations

import asyncio
import plistlib
import threading
from pathlib import Path

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.macos.consent import CameraConsent, app_around
from sidecar.cameras.macos.platform import MacOS
from sidecar.cameras.policy import CameraPolicy
from sidecar.contract.errors import CameraPermissionDeniedError
from tests.support.capture_authorization import (
    AUTHORIZED,
    DENIED,
    NOT_DETERMINED,
    RESTRICTED,
    ScriptedAuthorization,
)
from tests.support.notifications import LIMIT


class MacWithoutCameras(MacOS):
    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        return ()


def drivers(authorization: ScriptedAuthorization, app: Path | None = None, consent_timeout: float = LIMIT) -> Drivers:
    mac = MacWithoutCameras(CameraConsent(authorization, app))
    return Drivers(Catalogue(platform=mac), CameraPolicy(consent_timeout=consent_timeout))


def app_with(folder: Path, information: bytes | None) -> Path:
    app = folder / "Mirror.app"
    (app / "Contents").mkdir(parents=True)
    if information is not None:
        (app / "Contents" / "Info.plist").write_bytes(information)
    return app


@pytest.mark.parametrize(
    ("status", "word", "hint"),
    [
        (AUTHORIZED, "granted", None),
        (DENIED, "denied", "System Settings"),
        (DENIED, "denied", "com.apple.security.device.camera"),
        (RESTRICTED, "restricted", "administrator"),
        (17, "unknown", None),
    ],
)
async def test_a_known_answer_is_returned_without_asking_the_user(status: int, word: str, hint: str | None) -> None:
    authorization = ScriptedAuthorization(status)
    got, text = await drivers(authorization).request_permission(None)
    assert got == word
    assert hint in text if hint is not None and text is not None else text is hint
    assert authorization.questions == 0


@pytest.mark.parametrize(("answer", "word"), [(AUTHORIZED, "granted"), (DENIED, "denied")])
async def test_the_user_is_asked_and_the_answer_returned(answer: int, word: str) -> None:
    authorization = ScriptedAuthorization(answer=answer)
    status, _ = await drivers(authorization).request_permission(None)
    assert (status, authorization.questions) == (word, 1)


async def test_the_event_loop_runs_while_the_user_thinks() -> None:
    authorization = ScriptedAuthorization(answer=None)
    asking = asyncio.create_task(drivers(authorization).request_permission(None))
    assert await asyncio.to_thread(authorization.asked.wait, LIMIT)
    authorization.choose(AUTHORIZED)
    async with asyncio.timeout(LIMIT):
        assert await asking == ("granted", None)


async def test_an_unanswered_question_is_waited_for_within_the_limit_and_stays_open() -> None:
    authorization = ScriptedAuthorization(answer=None)
    cameras = drivers(authorization, consent_timeout=0.01)
    for _ in range(2):
        status, hint = await cameras.request_permission(None)
        assert status == "not_determined"
        assert "not answered" in str(hint)
    assert authorization.questions == 1
    authorization.choose(AUTHORIZED)
    assert await cameras.request_permission(None) == ("granted", None)


def test_callers_at_the_same_time_share_one_question() -> None:
    authorization = ScriptedAuthorization(answer=None)
    consent = CameraConsent(authorization, None)
    answers: list[object] = []
    callers = [threading.Thread(target=lambda: answers.append(consent.request(LIMIT))) for _ in range(3)]
    for caller in callers:
        caller.start()
    assert authorization.asked.wait(LIMIT)
    authorization.choose(DENIED)
    for caller in callers:
        caller.join(LIMIT)
    assert (authorization.questions, len(answers), len(set(answers))) == (1, 3, 1)


async def test_a_refusal_without_a_dialog_names_the_entitlement_of_app_and_sidecar() -> None:
    authorization = ScriptedAuthorization(answer=NOT_DETERMINED)
    status, hint = await drivers(authorization).request_permission(None)
    assert status == "not_determined"
    assert "com.apple.security.device.camera" in str(hint)
    assert "sidecar" in str(hint)


@pytest.mark.parametrize(
    "information",
    [
        None,
        b"no property list",
        b"<?xml version='1.0'?><plist><dict>",
        plistlib.dumps([]),
        plistlib.dumps({"CFBundleName": "Mirror"}),
    ],
)
async def test_the_user_of_an_app_without_a_usage_description_is_not_asked(
    tmp_path: Path, information: bytes | None
) -> None:
    authorization = ScriptedAuthorization()
    status, hint = await drivers(authorization, app_with(tmp_path, information)).request_permission(None)
    assert (status, authorization.questions) == ("not_determined", 0)
    assert "Mirror.app lacks NSCameraUsageDescription" in str(hint)


async def test_the_user_of_an_app_with_a_usage_description_is_asked(tmp_path: Path) -> None:
    information = plistlib.dumps({"NSCameraUsageDescription": "To show your picture."})
    authorization = ScriptedAuthorization()
    status, _ = await drivers(authorization, app_with(tmp_path, information)).request_permission(None)
    assert (status, authorization.questions) == ("granted", 1)


def test_a_camera_is_not_opened_for_an_app_without_a_usage_description(tmp_path: Path) -> None:
    mac = MacOS(CameraConsent(ScriptedAuthorization(), app_with(tmp_path, None)))
    with pytest.raises(CameraPermissionDeniedError) as refused, mac.opening_node("0"):
        pytest.fail("macOS would end the process here")
    assert "NSCameraUsageDescription" in refused.value.data().hint


@pytest.mark.parametrize("status", [AUTHORIZED, NOT_DETERMINED])
def test_a_camera_is_opened_from_a_terminal(status: int) -> None:
    with MacOS(CameraConsent(ScriptedAuthorization(status), None)).opening_node("0") as node:
        assert node.found() is None


@pytest.mark.parametrize(
    ("program", "app"),
    [
        ("/Applications/Mirror.app/Contents/Resources/camera-sidecar/camera-sidecar", "/Applications/Mirror.app"),
        ("/A/Outer.app/Contents/Helpers/Inner.app/Contents/MacOS/camera-sidecar", "/A/Outer.app"),
        ("/usr/local/bin/camera-sidecar", None),
        ("/tmp/Mirror.app/camera-sidecar", None),
        ("/home/Contents/camera-sidecar", None),
    ],
)
def test_the_app_is_the_outermost_bundle_around_the_program(program: str, app: str | None) -> None:
    assert app_around(Path(program)) == (Path(app) if app is not None else None)
