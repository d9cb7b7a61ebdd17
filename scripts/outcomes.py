"""The outcome of test runs: counts, and the names of the tests that did not simply pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from unsteady import LIST


@dataclass
class Outcome:
    """The count of the tests that passed, and the names of the others with the reasons that are known.

    `repeated` names the tests that ran a second time, as tests/unsteady.toml allows, with the result and the cause.
    """

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """The sum of outcomes."""
    total = Outcome()
    for outcome in outcomes:
        total.passed += outcome.passed
        total.failed += outcome.failed
        total.skipped += outcome.skipped
        total.repeated += outcome.repeated
    return total


def summary(outcome: Outcome) -> str:
    """The counts in words."""
    words = f"{outcome.passed} passed, {len(outcome.failed)} failed, {len(outcome.skipped)} skipped"
    return f"{words}, {len(outcome.repeated)} ran a second time" if outcome.repeated else words


def report(total: Outcome) -> None:
    """Print the names of the tests that did not simply pass, then the counts."""
    repeated = f"Ran a second time, as {LIST} allows:"
    for heading, names in (("Skipped:", total.skipped), (repeated, total.repeated), ("Failed:", total.failed)):
        if names:
            print(heading, *(f"  {name}" for name in names), sep="\n")
    print(summary(total), flush=True)


def read_report(file: Path) -> Outcome:
    """Count the tests of pytest's JUnit report (family xunit1, which has the files' names)."""
    outcome = Outcome()
    for case in ElementTree.parse(file).iter("testcase"):
        name = node_id(case)
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed.append(name)
        elif skipped is not None:
            outcome.skipped.append(f"{name}: {skipped.get('message', '')}")
        else:
            outcome.passed += 1
    return outcome


def node_id(case: ElementTree.Element) -> str:
    """Pytest's node id of a test case; for a module that cannot be collected, the module's name."""
    file, name = case.get("file", ""), case.get("name", "")
    if not file:
        return name
    module = file.removesuffix(".py").replace("/", ".").replace("\\", ".")
    classes = case.get("classname", "").removeprefix(module).strip(".")
    return "::".join([file, *filter(None, classes.split(".")), name])
