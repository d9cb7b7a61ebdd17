from __future__ import annotations

import json
import os
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel
from referencing import Registry
from referencing.jsonschema import DRAFT7

from sidecar.contract.errors import ERRORS
from sidecar.contract.events import EVENTS
from sidecar.contract.examples import STATS
from sidecar.contract.method import AnyMethod, Event, wire_form
from sidecar.contract.methods import DISCOVER, METHODS
from sidecar.contract.openrpc import document
from sidecar.contract.types import Stats

ROOT = Path(__file__).resolve().parents[3]
NODE_MODULES = Path(os.environ.get("CAMERA_SIDECAR_NODE_MODULES", ROOT / "tauri-shell/node_modules"))
META_SCHEMA = NODE_MODULES / "@open-rpc/spec/dist/1_4/schema.json"

# The meta-schema refers to a copy of draft 7 at another address, and to the part of it that describes `$ref`.
JSON_SCHEMA_TOOLS = {
    "allOf": [{"$ref": "http://json-schema.org/draft-07/schema#"}],
    "definitions": {"JSONSchemaObject": {"properties": {"$ref": {"type": "string"}}}},
}
REQUESTS = [method for method in METHODS if method is not DISCOVER]
NAMES = [method.name for method in REQUESTS] + [event.name for event in EVENTS]


@cache
def components() -> Any:
    return document()["components"]


@cache
def by_name() -> dict[str, Any]:
    return {method["name"]: method for method in document()["methods"] + document()["x-notifications"]}


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the document that stands on its own."""
    return {**schema, "components": components()}


def test_every_method_and_event_of_the_contract_is_listed_once() -> None:
    assert list(by_name()) == NAMES


def test_the_document_is_the_same_on_each_call_and_is_json() -> None:
    assert json.dumps(document(), allow_nan=False) == json.dumps(document(), allow_nan=False)


def test_a_change_of_the_document_changes_only_a_copy() -> None:
    document()["info"]["title"] = "another"
    document()["components"]["schemas"].clear()
    assert document()["info"]["title"] == "camera-sidecar"
    assert document()["components"]["schemas"]


def test_parameters_are_listed_in_the_order_by_position_in_snake_case() -> None:
    names = [param["name"] for param in by_name()["start_camera_webrtc_session"]["params"]]
    assert names == ["device_id", "ice_servers", "format", "encoding", "playout_delay"]


def test_a_parameter_without_a_default_is_required() -> None:
    required = {param["name"]: param["required"] for param in by_name()["create_offer"]["params"]}
    assert required == {"connection_id": False, "ice_servers": False, "ice_restart": False}
    assert [param["required"] for param in by_name()["connect_camera_to_webrtc"]["params"]] == [True, True]


def test_methods_are_calls_of_the_client_and_notifications_are_listed_apart() -> None:
    """A generator makes a function of each method; rpc.discover is OpenRPC's own and no name in most languages."""
    assert [method["name"] for method in document()["methods"]] == [method.name for method in REQUESTS]
    assert all(method["name"].isidentifier() and "result" in method for method in document()["methods"])
    assert [event["name"] for event in document()["x-notifications"]] == [event.name for event in EVENTS]
    assert not any("result" in event for event in document()["x-notifications"])


def test_no_schema_is_called_like_a_method_or_a_notification() -> None:
    """A generator makes a type of each, and writes its name in its language's way."""
    schemas = {name.lower() for name in components()["schemas"]}
    assert schemas & {name.replace("_", "").lower() for name in NAMES} == set()


def test_every_schema_is_used_by_a_method_or_a_notification() -> None:
    used = json.dumps(document())
    unused = [name for name in components()["schemas"] if f'"#/components/schemas/{name}"' not in used]
    assert unused == ["ErrorData"]


def test_every_error_is_described_and_stands_with_the_methods_that_can_give_it() -> None:
    described = document()["components"]["errors"]
    assert {kind: error["code"] for kind, error in described.items()} == {each.kind: each.code for each in ERRORS}
    for method in REQUESTS:
        errors = by_name()[method.name]["errors"]
        kinds = [error["data"]["kind"] for error in errors]
        assert errors == [described[kind] for kind in kinds]
        shutting_down = [] if method.answered_until_end else ["shutting_down"]
        assert kinds == [error.kind for error in method.errors] + shutting_down


def test_three_methods_are_answered_until_the_end() -> None:
    assert {method.name for method in METHODS if method.answered_until_end} == {"initialize", "ping", "shutdown"}


def test_the_error_that_any_request_may_get_stands_once_beside_the_methods() -> None:
    assert document()["x-errors"] == [{"$ref": "#/components/errors/limit_exceeded"}]


def test_every_reference_leads_somewhere() -> None:
    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if "$ref" in value else []
            return own + [found for item in value.values() for found in references(item)]
        return [found for item in value for found in references(item)] if isinstance(value, list) else []

    whole = document()
    for reference in references(whole):
        _, *steps = reference.split("/")
        target: Any = whole
        for step in steps:
            target = target[step]


def test_every_schema_is_a_valid_draft_7_schema_without_titles_on_properties() -> None:
    schemas = document()["components"]["schemas"]
    for schema in schemas.values():
        Draft7Validator.check_schema(schema)
        assert not any("title" in inner for inner in schema.get("properties", {}).values())
    assert "prefixItems" not in json.dumps(schemas)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_fits_the_schemas_that_stand_beside_it(name: str) -> None:
    method = by_name()[name]
    (example,) = method["examples"]
    values = {param["name"]: param["value"] for param in example["params"]}
    for param in method["params"]:
        assert param["name"] in values or not param["required"]
        if param["name"] in values:
            Draft7Validator(inlined(param["schema"])).validate(values[param["name"]])
    if "result" in method:
        Draft7Validator(inlined(method["result"]["schema"])).validate(example["result"]["value"])


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_example_of_a_method_is_taken_and_given_by_its_models(method: AnyMethod) -> None:
    example = method.example
    method.params.model_validate(example.params)
    result: BaseModel = method.result.model_validate(example.result)
    assert result.model_dump(mode="json", exclude_unset=True) == example.result


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_the_example_of_an_event_fits_its_model(event: Event) -> None:
    assert event.params.model_validate(event.example).model_dump(mode="json", exclude_unset=True) == event.example


def test_an_example_that_leaves_a_counter_out_is_completed() -> None:
    without = deepcopy(STATS)
    del without["connections"][0]["fir_count"]
    completed = wire_form(Stats, without)
    assert completed["connections"][0]["fir_count"] == 0
    assert completed == wire_form(Stats, STATS)


@pytest.mark.skipif(not META_SCHEMA.exists(), reason="npm package @open-rpc/spec is not in tauri-shell/node_modules")
def test_the_document_passes_the_official_meta_schema() -> None:
    meta_schema = json.loads(META_SCHEMA.read_text(encoding="utf-8"))
    registry: Registry[Any] = Registry().with_resources(
        (uri, DRAFT7.create_resource(JSON_SCHEMA_TOOLS))
        for uri in ("https://meta.json-schema.tools", "https://meta.json-schema.tools/")
    )
    assert [error.message for error in Draft7Validator(meta_schema, registry=registry).iter_errors(document())] == []
