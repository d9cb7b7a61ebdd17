"""The steps of scripts/test.py: what each runs and how its tests are counted."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from environment import ROOT, EnvironmentFailedError, cache_directory
from node_packages import SHELL, ensure_node_modules, why_no_node
from peers import PEERS, prepare_peers, why_not
from progress import run_showing_life
from shell_app import BUILD_LIMIT, LIKE_A_BUNDLE, MANIFEST, app_program, cargo, why_no_app

CHECK_LIMIT = 600.0  # seconds for one static check
STEP_LIMIT = 1200.0  # seconds for one step's tests; each test has its own, shorter limit (pytest-timeout)
LAST_WORDS = 20.0  # seconds in which pytest may clean up after its step's limit
QEMU = "qemu-system-x86_64"
NOTHING_SELECTED = 5  # pytest's exit code
MOST_UNSTEADY = 3
"""Failures of a step that may be the machine's doing: hundreds of tests wait for a real browser, network or process, on
machines that stand still for seconds. More of them are the program's."""
PLATFORMS = ("linux", "win32", "darwin")
SIDE_BY_SIDE = ("--numprocesses", str(max(os.cpu_count() or 1, 2)), "--dist", "loadfile")
"""For tests that wait more than they calculate, and that nothing measures: a file of them in each process."""


@dataclass
class Outcome:
    """What a step came to. The lists hold names, with reasons where there are any.

    `unsteady` are tests that failed among all the others and passed when they were tried again: they count as passed,
    and are told at the end.
    """

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Session:
    """What the steps share: the environment's Python, a folder for reports, and pytest's selection."""

    python: str
    reports: Path
    keyword: str | None


@dataclass(frozen=True)
class Step:
    """One step: its name on the command line, what it does, and why it cannot run here (None: it can)."""

    name: str
    title: str
    run: Callable[[Session], Outcome]
    why_not: Callable[[], str | None] = lambda: None


def program(command: str, name: str) -> Callable[[], str | None]:
    """A condition: this program is on the PATH."""
    return lambda: None if shutil.which(command) else f"{name} is not installed"


# -- the steps --------------------------------------------------------------------------------------------------------


def check(title: str, command: Sequence[str], limit: float = CHECK_LIMIT) -> Outcome:
    """Run a static check; its output is shown when it fails."""
    done = run_showing_life(title, command, timeout=limit, folder=ROOT)
    if done.exit_code == 0:
        print(f"ok: {title}", flush=True)
        return Outcome(passed=1)
    print(f"{done.output}\nFAILED: {title}", flush=True)
    return Outcome(failed=[title])


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """The sum of outcomes."""
    total = Outcome()
    for outcome in outcomes:
        total.passed += outcome.passed
        total.failed += outcome.failed
        total.skipped += outcome.skipped
        total.unsteady += outcome.unsteady
    return total


def style(session: Session) -> Outcome:
    ruff = [session.python, "-m", "ruff"]
    return together([check("ruff check", [*ruff, "check"]), check("ruff format", [*ruff, "format", "--check"])])


def layers(session: Session) -> Outcome:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return check("lint-imports", [session.python, "-c", command, "--no-logo", "--no-cache"])


def types(session: Session) -> Outcome:
    def mypy(platform: str) -> Outcome:
        cache = cache_directory() / "mypy" / platform  # one cache for all platforms would be thrown away each time
        command = [session.python, "-m", "mypy", "--platform", platform, "--cache-dir", str(cache)]
        return check(f"mypy for {platform}", command)

    return together([mypy(platform) for platform in PLATFORMS])


def schemas(session: Session) -> Outcome:
    return check("schemas/ is what the contract says", [session.python, "scripts/generate.py", "--check"])


def frontend(session: Session) -> Outcome:
    node = shutil.which("node") or "node"
    typescript = ensure_node_modules() / "typescript" / "bin" / "tsc"
    outcome = check("tsc --checkJs", [node, str(typescript), "--project", str(SHELL / "tsconfig.json")])
    return together([outcome, node_tests(session, node)])


def node_tests(session: Session, node: str) -> Outcome:
    """Run tests/frontend with Node's own runner."""
    report = session.reports / "node.tap"
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/frontend").glob("**/*.test.js"))
    command = [node, "--test", "--test-reporter=spec", "--test-reporter-destination=stdout"]
    command += ["--test-reporter=tap", f"--test-reporter-destination={report}", *files]
    if not files:
        return Outcome(failed=["tests/frontend: there are no tests"])
    exit_code = run_tests(command)
    counts = dict(re.findall(r"^# (\w+) (\d+)$", report.read_text("utf-8") if report.exists() else "", re.MULTILINE))
    failed = ["node --test"] * (int(counts.get("fail", 0)) + int(counts.get("cancelled", 0)))
    skipped = ["node --test"] * (int(counts.get("skipped", 0)) + int(counts.get("todo", 0)))
    if exit_code != 0 and not failed:
        failed = [f"node --test ended with {exit_code}"]
    return Outcome(int(counts.get("pass", 0)), failed, skipped)


def pytest(folder: str, *options: str) -> Callable[[Session], Outcome]:
    """A step: the tests of one folder; `options` are pytest's. A few that fail are tried again by themselves."""

    def run(session: Session) -> Outcome:
        name = folder.replace("/", "-")
        command = [session.python, "-m", "pytest", folder, *options, "--quiet", "--durations=5"]
        command += ["-o", f"cache_dir={session.reports / f'{name}-cache'}", *selection(session)]
        outcome = outcome_of(command, folder, session.reports / f"{name}.xml", session)
        if not 0 < len(outcome.failed) <= MOST_UNSTEADY:
            return outcome
        print("\nWhat failed is tried again.", flush=True)
        again = outcome_of([*command, "--last-failed"], folder, session.reports / f"{name}-again.xml", session)
        if again.failed or not again.passed:
            return outcome
        return Outcome(outcome.passed + again.passed, [], outcome.skipped, outcome.failed)

    return run


def selection(session: Session) -> list[str]:
    """Pytest's options for what was selected on the command line."""
    return ["-k", session.keyword] if session.keyword else []


def outcome_of(command: Sequence[str], folder: str, report: Path, session: Session) -> Outcome:
    """Run pytest and count its tests."""
    exit_code = run_tests([*command, f"--junitxml={report}"])
    outcome = read_report(report) if report.exists() else Outcome()
    if exit_code == NOTHING_SELECTED and session.keyword:
        return outcome
    if exit_code != 0 and not outcome.failed:
        outcome.failed.append(f"{folder}: pytest ended with {exit_code} and no failed test")
    return outcome


def frozen(session: Session) -> Outcome:
    """Freeze the sidecar in both ways, look into the bundles, and hold the contract's conversations with them."""

    def contract(form: str) -> Outcome:
        reports = session.reports / form
        reports.mkdir()
        outcome = pytest("tests/contract", "-m", "not once", "--sidecar", form)(
            Session(session.python, reports, session.keyword)
        )
        outcome.failed = [f"{form}: {test}" for test in outcome.failed]
        return outcome

    return together([pytest("tests/frozen")(session), *(contract(form) for form in ("onedir", "onefile"))])


def shell(session: Session) -> Outcome:
    """Check, test and build the Tauri app, then look at it in WebKitGTK."""
    built = together(
        [
            check("cargo fmt", ["cargo", "fmt", "--all", "--check", "--manifest-path", str(MANIFEST)]),
            check("cargo clippy", cargo("clippy", "--workspace", "--all-targets", "--", "-D", "warnings"), BUILD_LIMIT),
            check("cargo test", cargo("test", "--workspace", *LIKE_A_BUNDLE), BUILD_LIMIT),
            check("cargo build", cargo("build", *LIKE_A_BUNDLE), BUILD_LIMIT),
        ]
    )
    if built.failed:
        return built  # an app of an earlier build proves nothing
    os.environ["CAMERA_SIDECAR_SHELL"] = str(app_program())
    return together([built, pytest("tests/shell")(session)])


def receivers(session: Session) -> Outcome:
    """Build the receivers that need it and run the tests with them; each peer that is missing is skipped once."""
    prepare_peers()
    outcome = pytest("tests/receivers")(session)
    missing = {peer: reason for peer in PEERS if (reason := why_not(peer)) is not None}
    others = [test for test in outcome.skipped if not any(test.endswith(reason) for reason in missing.values())]
    outcome.skipped = [*others, *(f"receivers: {peer}: {reason}" for peer, reason in missing.items())]
    return outcome


def read_report(report: Path) -> Outcome:
    """Count the tests of a JUnit report."""
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed.append(name)
        elif skipped is not None:
            outcome.skipped.append(f"{name}: {skipped.get('message', '')}")
        else:
            outcome.passed += 1
    return outcome


def run_tests(command: Sequence[str]) -> int:
    """Run a test runner with its output as it comes; ended when it passes STEP_LIMIT."""
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        return process.wait(STEP_LIMIT)
    except subprocess.TimeoutExpired:
        print(f"Stopped after {STEP_LIMIT:.0f} s.", flush=True)
        return end(process)
    except KeyboardInterrupt:
        process.wait(LAST_WORDS)
        raise


def end(process: subprocess.Popen[bytes]) -> int:
    """End a test runner, with time to clean up where the system has a signal for that."""
    if sys.platform != "win32":
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


STEPS = (
    Step("style", "ruff", style),
    Step("layers", "imports point down only", layers),
    Step("types", "mypy, strict", types),
    Step("schemas", "the generated schemas", schemas),
    Step("frontend", "the page's modules in Node", frontend, why_no_node),
    Step("unit", "unit tests", pytest("tests/unit", *SIDE_BY_SIDE)),
    Step("contract", "the contract, against the real process", pytest("tests/contract")),
    Step("lifetime", "how the real process starts, talks and ends", pytest("tests/lifetime")),
    Step("network", "lost networks, STUN and TURN", pytest("tests/network"), program("turnserver", "coturn")),
    Step("receivers", "in the WebRTC stacks of other projects", receivers),
    Step("browser", "in Chromium", pytest("tests/browser"), program("chromium", "Chromium")),
    Step("frozen", "the frozen programs, and the contract against them", frozen, program("objcopy", "binutils")),
    Step("shell", "the Tauri app, in WebKitGTK", shell, why_no_app),
    Step("camera_vm", "two cameras in a virtual machine", pytest("tests/camera_vm"), program(QEMU, "QEMU")),
)


def run_step(step: Step, session: Session, everything: bool) -> Outcome:
    """Run one step, or say why not; with `everything`, what is skipped has failed."""
    print(f"\n=== {step.name}: {step.title}", flush=True)
    started = time.monotonic()
    reason = step.why_not()
    try:
        outcome = Outcome(skipped=[f"{step.name}: {reason}"]) if reason else step.run(session)
    except EnvironmentFailedError as error:
        outcome = Outcome(failed=[f"{step.name}: {error}"])
    if everything:
        outcome.failed += [f"skipped, though nothing may be: {name}" for name in outcome.skipped]
        outcome.skipped = []
    print(f"--- {step.name}: {summary(outcome)} in {time.monotonic() - started:.1f} s", flush=True)
    return outcome


def summary(outcome: Outcome) -> str:
    """The counts in words."""
    return f"{outcome.passed} passed, {len(outcome.failed)} failed, {len(outcome.skipped)} skipped"
