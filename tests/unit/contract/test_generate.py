from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import generate
import pytest
from jsonschema import Draft7Validator

from sidecar.contract.examples import EVENT_EXAMPLES, METHOD_EXAMPLES

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts/generate.py"
SHELL_FILES = ("src/contract.d.ts", "src-tauri/src/camera_sidecar/contract.rs")


@cache
def expected() -> dict[str, str]:
    return generate.expected()


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    generate.main(["--directory", str(tmp_path / "schemas"), "--shell", str(tmp_path / "shell")])
    return tmp_path / "schemas"


def test_the_schemas_in_the_tree_are_those_of_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_what_differs_is_listed_and_what_is_superfluous_goes_with_the_next_writing(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (schemas / "methods/ping.json").unlink()
    (schemas / "events/stats.json").write_text("{}")
    (schemas / "errors/another.json").write_text("{}")
    capsys.readouterr()
    shell = schemas.parent / "shell"
    (shell / SHELL_FILES[0]).write_text("")
    (shell / SHELL_FILES[1]).unlink()
    options = ["--directory", str(schemas), "--shell", str(shell)]
    assert generate.main(["--check", *options]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "missing: methods/ping.json",
        "stale: events/stats.json",
        "superfluous: errors/another.json",
        *(f"stale: {file}" for file in SHELL_FILES),
    ]
    generate.main(options)
    assert generate.main(["--check", *options]) == 0
    assert not (schemas / "errors/another.json").exists()


def test_the_shell_lets_pages_call_every_method_but_shutdown() -> None:
    module = generate.expected_in_shell()[SHELL_FILES[1]]
    listed = re.findall(r'^    Method \{ name: "([^"]+)"', module, re.M)
    assert len(listed) == len(set(listed))
    assert set(listed) == METHOD_EXAMPLES.keys() - {"shutdown"}


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


@pytest.mark.parametrize("name", METHOD_EXAMPLES)
def test_the_schema_of_a_method_describes_its_example(name: str) -> None:
    schema = json.loads(expected()[f"methods/{name}.json"])
    Draft7Validator.check_schema(schema)
    example = METHOD_EXAMPLES[name]
    Draft7Validator(schema).validate({"params": example.params, "result": example.result})


@pytest.mark.parametrize("name", EVENT_EXAMPLES)
def test_the_schema_of_an_event_describes_its_example(name: str) -> None:
    schema = json.loads(expected()[f"events/{name}.json"])
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate({"params": EVENT_EXAMPLES[name]})


def test_the_schema_of_an_error_describes_it_and_no_other() -> None:
    validator = Draft7Validator(json.loads(expected()["errors/camera_busy.json"]))
    data = {"kind": "camera_busy", "retryable": True, "hint": "Close it.", "details": {"holder": "app"}}
    assert validator.is_valid({"code": 1002, "message": "busy", "data": data})
    assert not validator.is_valid({"code": 1003, "message": "busy", "data": data})
    assert not validator.is_valid({"code": 1002, "message": "busy", "data": {**data, "kind": "other"}})
