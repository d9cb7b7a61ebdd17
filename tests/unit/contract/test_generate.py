from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import generate
import pytest
from jsonschema import Draft7Validator

from sidecar.contract.events import EVENTS
from sidecar.contract.method import AnyMethod, Event, wire_form
from sidecar.contract.methods import METHODS

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts/generate.py"
RUST = "tauri-shell/src-tauri/src/camera_sidecar/contract.rs"


@cache
def expected() -> dict[str, str]:
    return generate.expected()


def schema_of(path: str) -> Any:
    return json.loads(expected()[f"schemas/{path}.json"])


def test_the_generated_files_in_the_tree_are_those_of_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_a_file_that_differs_is_listed_and_the_next_writing_repairs_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--root", str(tmp_path)]
    generate.main(options)
    capsys.readouterr()
    (tmp_path / "schemas/methods/ping.json").unlink()
    (tmp_path / "schemas/events/stats.json").write_text("{}")
    (tmp_path / "schemas/errors/another.json").write_text("{}")
    (tmp_path / "sidecar/contract/calls.py").write_text("")
    (tmp_path / RUST).unlink()
    assert generate.main(["--check", *options]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "missing: schemas/methods/ping.json",
        f"missing: {RUST}",
        "stale: schemas/events/stats.json",
        "stale: sidecar/contract/calls.py",
        "superfluous: schemas/errors/another.json",
    ]
    generate.main(options)
    assert generate.main(["--check", *options]) == 0
    assert not (tmp_path / "schemas/errors/another.json").exists()


def test_the_shell_lets_pages_call_every_method_but_shutdown() -> None:
    listed = re.findall(r'^    Method \{ name: "([^"]+)"', expected()[RUST], re.M)
    assert len(listed) == len(set(listed))
    assert set(listed) == {method.name for method in METHODS} - {"shutdown"}


def test_it_needs_no_library_but_pydantic() -> None:
    code = f"""
import runpy, sys
sys.argv = [{str(SCRIPT)!r}, "--check"]
try:
    runpy.run_path({str(SCRIPT)!r}, run_name="__main__")
except SystemExit:
    print([name for name in ("av", "cv2", "numpy", "aiortc", "jsonrpcserver") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_schema_of_a_method_describes_its_example(method: AnyMethod) -> None:
    schema = schema_of(f"methods/{method.name}")
    Draft7Validator.check_schema(schema)
    result = wire_form(method.result, method.example.result)
    Draft7Validator(schema).validate({"params": method.example.params, "result": result})


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_the_schema_of_an_event_describes_its_example(event: Event) -> None:
    schema = schema_of(f"events/{event.name}")
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate({"params": wire_form(event.params, event.example)})


def test_the_schema_of_an_error_describes_it_and_no_other() -> None:
    validator = Draft7Validator(schema_of("errors/camera_busy"))
    data = {"kind": "camera_busy", "retryable": True, "hint": "Close it.", "details": {"holder": "app"}}
    assert validator.is_valid({"code": 1002, "message": "busy", "data": data})
    assert not validator.is_valid({"code": 1003, "message": "busy", "data": data})
    assert not validator.is_valid({"code": 1002, "message": "busy", "data": {**data, "kind": "other"}})
