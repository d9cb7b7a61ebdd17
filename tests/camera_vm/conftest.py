"""Runs the tests of `inside/` in the camera machine, all of them in one boot, each reported as a test of its own.

Outside, pytest collects them as usual; a pytest in the guest runs the selected tests and writes each
report to a shared file as it comes. Here that report stands for the test. The same file does both halves: in the guest
CAMERA_MACHINE_REPORTS names the shared file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from environment import cache_directory

from tests.camera_vm.machine import POLL, SHARE, CameraMachine, CameraMachineError, why_no_camera_machine

INSIDE = Path(__file__).parent / "inside"
REPORTS = "reports"  # the shared file's name: one serialised report a line
REPORTS_VARIABLE = "CAMERA_MACHINE_REPORTS"
BOOT_LIMIT = 240.0  # seconds until the first report: boot, imports and collection, emulated on a busy machine
ROUNDS = int(os.environ.get("CAMERA_ROUNDS", "1"))  # how often test_recovery.py has each fault
TEST_LIMIT = 240.0 + 120.0 * ROUNDS  # seconds for one test in the guest, and between two reports

REMOTE = pytest.StashKey["RemoteTests"]()


class RemoteTests:
    """The tests that run in the machine, with their reports so far."""

    def __init__(self, config: pytest.Config, node_ids: list[str]) -> None:
        self._config = config
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", f"timeout={TEST_LIMIT:.0f}"]
        self._machine = CameraMachine(
            [*command, *node_ids],
            environment={
                REPORTS_VARIABLE: f"{SHARE}/{REPORTS}",
                "CAMERA_SIDECAR_CACHE": str(cache_directory()),  # the frozen programs are there
                "CAMERA_ROUNDS": str(ROUNDS),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        self._reports: dict[str, list[pytest.TestReport]] = {}
        self._read = 0  # bytes of the shared file
        self._problem: str | None = None  # why there will be no more reports
        self._is_first_failure = True  # which alone shows the machine's output
        try:
            if any("test_frozen" in node_id for node_id in node_ids):
                freeze_outside()
            self._machine.start()
        except CameraMachineError as error:
            self._problem = str(error)
        self._deadline = time.monotonic() + BOOT_LIMIT

    def close(self) -> None:
        """End the machine."""
        self._machine.close()

    def reports_of(self, item: pytest.Item) -> list[pytest.TestReport]:
        """Wait for a test's reports (its setup, call and teardown); one that says why when they do not come."""
        while not self._is_finished(item.nodeid) and self._problem is None:
            running = self._machine.running
            if not self._read_more() and not running:
                self._problem = "The camera machine ended before this test did."
            elif time.monotonic() > self._deadline:
                self._problem = "The camera machine gave no sign of life for too long."
            else:
                time.sleep(POLL)
        reports = self._reports.get(item.nodeid, [])
        return reports if self._is_finished(item.nodeid) else [*reports, self._failure(item)]

    def _is_finished(self, node_id: str) -> bool:
        return any(report.when == "teardown" for report in self._reports.get(node_id, []))

    def _read_more(self) -> bool:
        """Take in the lines that are new in the shared file; whether there were any."""
        path = self._machine.share / REPORTS
        if not path.exists():
            return False
        with path.open("rb") as file:
            file.seek(self._read)
            whole = [line for line in file if line.endswith(b"\n")]
        for line in whole:
            report = self._config.hook.pytest_report_from_serializable(config=self._config, data=json.loads(line))
            if isinstance(report.longrepr, list):  # where a test was skipped: a tuple, which JSON does not know
                report.longrepr = tuple(report.longrepr)
            self._reports.setdefault(report.nodeid, []).append(report)
            self._read += len(line)
            self._deadline = time.monotonic() + TEST_LIMIT
        return bool(whole)

    def _failure(self, item: pytest.Item) -> pytest.TestReport:
        text = f"{self._problem}\n{self._machine.describe() if self._is_first_failure else ''}"
        self._is_first_failure = False
        return pytest.TestReport(item.nodeid, item.location, item.keywords, "failed", text, "call")


def freeze_outside() -> None:
    """Have the programs ready: to build them in the machine would take an hour."""
    from tests.support.frozen import frozen  # only here, because it imports the freezing scripts

    for onefile in (False, True):
        frozen(onefile)


# -- outside ----------------------------------------------------------------------------------------------------------


def is_remote(item: pytest.Item) -> bool:
    """Whether a test is to run in the machine, and we are not in it."""
    return REPORTS_VARIABLE not in os.environ and INSIDE in item.path.parents


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The guest's pytest keeps the time of its tests; here they take as long as the boot takes."""
    for item in items:
        if is_remote(item):
            item.add_marker(pytest.mark.timeout(0), append=False)  # before one of its own


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Let the machine's reports stand for the tests that run in it."""
    if not is_remote(item):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in reports_of(item):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def reports_of(item: pytest.Item) -> list[pytest.TestReport]:
    """The reports of a test in the machine, which is booted for the first one."""
    reason = why_no_camera_machine()
    if reason:
        where = (str(item.path), item.location[1] or 0, f"Skipped: {reason}")
        return [pytest.TestReport(item.nodeid, item.location, item.keywords, "skipped", where, "setup")]
    stash = item.config.stash
    if REMOTE not in stash:
        remote = RemoteTests(item.config, [other.nodeid for other in item.session.items if is_remote(other)])
        stash[REMOTE] = remote
        item.config.add_cleanup(remote.close)
        item.config.get_terminal_writer().line(" booting the camera machine …")
    return stash[REMOTE].reports_of(item)


# -- in the guest -----------------------------------------------------------------------------------------------------


class ReportWriter:
    """Writes each report to the shared file as it comes."""

    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config = config
        self._path = path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(data) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """In the guest, start to write reports."""
    if REPORTS_VARIABLE in os.environ:
        config.pluginmanager.register(ReportWriter(config, Path(os.environ[REPORTS_VARIABLE])))
