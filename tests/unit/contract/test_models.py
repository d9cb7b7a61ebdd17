from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from sidecar.contract import events, types
from sidecar.contract.errors import ERRORS, CameraBusyError, ContractError
from sidecar.contract.methods import (
    METHODS,
    SUBJECTS,
    AddIceCandidateParams,
    CreatePeerConnectionParams,
    SetEncodingParams,
    StartStreamingParams,
)
from sidecar.contract.types import (
    EncodingOptions,
    IceCandidate,
    IceServer,
    PlayoutDelay,
    RequestedFormat,
    SessionDescription,
)

CODES = {
    "camera_not_found": 1001,
    "camera_busy": 1002,
    "camera_permission_denied": 1003,
    "camera_failed": 1004,
    "source_not_allowed": 1005,
    "format_not_supported": 1006,
    "connection_not_found": 1101,
    "invalid_state": 1102,
    "invalid_sdp": 1103,
    "invalid_candidate": 1104,
    "ice_server_not_allowed": 1105,
    "session_not_found": 1201,
    "limit_exceeded": 1301,
    "encoder_failed": 1401,
    "shutting_down": 1901,
}


def test_every_kind_of_error_has_its_code() -> None:
    assert {error.kind: error.code for error in ERRORS} == CODES


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_names_a_remedy_in_one_sentence(error: type[ContractError]) -> None:
    hint = error("what happened").data().hint
    assert hint.endswith(".")
    assert "\n" not in hint


def test_an_error_of_its_own_hint_and_details_carries_them() -> None:
    data = CameraBusyError("busy", hint="Close the other app.", details={"holder": "the other app"}).data()
    assert (data.hint, data.details) == ("Close the other app.", {"holder": "the other app"})


@pytest.mark.parametrize("name", ["sdpMid", "sdp_mid"])
@pytest.mark.parametrize("index", ["sdpMLineIndex", "sdpMlineIndex", "sdp_m_line_index", "sdp_mline_index"])
def test_a_candidate_takes_every_spelling_and_is_written_in_the_w3cs(name: str, index: str) -> None:
    candidate = IceCandidate.model_validate({"candidate": "x", name: "0", index: 1, "usernameFragment": "abcd"})
    assert candidate.model_dump() == {
        "candidate": "x",
        "sdpMid": "0",
        "sdpMLineIndex": 1,
        "usernameFragment": "abcd",
    }


@pytest.mark.parametrize("candidate", [None, {"candidate": ""}, {"candidate": "x", "sdpMid": "0"}])
def test_a_candidate_may_be_null_or_empty_or_without_an_index(candidate: Any) -> None:
    AddIceCandidateParams.model_validate({"connectionId": "c", "candidate": candidate})


def test_the_candidate_itself_cannot_be_left_out() -> None:
    with pytest.raises(ValidationError):
        AddIceCandidateParams.model_validate({"connectionId": "c"})


@pytest.mark.parametrize("urls", ["stun:a", ["stun:a", "stun:b"]])
def test_the_urls_of_an_ice_server_are_one_or_several(urls: Any) -> None:
    params = CreatePeerConnectionParams.model_validate({"iceServers": [{"urls": urls, "credentialType": "password"}]})
    assert params.ice_servers[0].urls == urls


@pytest.mark.parametrize("value", ["5", True, float("inf"), float("nan"), 0, 1e9])
def test_a_number_is_a_number_within_its_bounds(value: Any) -> None:
    with pytest.raises(ValidationError):
        SetEncodingParams.model_validate({"session_id": "s", "fps": value})


def test_an_unknown_member_of_an_object_of_ours_is_refused() -> None:
    with pytest.raises(ValidationError):
        StartStreamingParams.model_validate({"device_id": "x", "format": {"width": 320, "depth": 8}})


def optional(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if not field.is_required()]


OBJECTS: dict[type[BaseModel], dict[str, Any]] = {
    **{method.params: method.example.params for method in METHODS},
    RequestedFormat: {},
    EncodingOptions: {},
    PlayoutDelay: {},
    IceServer: {"urls": "stun:a"},
    SessionDescription: {"type": "offer", "sdp": "v=0"},
    IceCandidate: {"candidate": "x"},
}


@pytest.mark.parametrize("model", OBJECTS, ids=lambda model: model.__name__)
def test_null_for_a_member_that_may_be_left_out_counts_as_left_out(model: type[BaseModel]) -> None:
    example = OBJECTS[model]
    required = {name: value for name, value in example.items() if name not in optional(model)}
    absent = model.model_validate(required)
    schema = model.model_json_schema(by_alias=False)["properties"]
    for name in optional(model):
        for spelling in {name, model.model_fields[name].alias or name}:
            assert model.model_validate({**required, spelling: None}) == absent
        assert {"type": "null"} in schema[name]["anyOf"], name


def test_null_for_a_required_member_is_refused_and_for_an_unknown_one_too() -> None:
    for params in ({"device_id": None}, {"device_id": "x", "colour": None}):
        with pytest.raises(ValidationError):
            StartStreamingParams.model_validate(params)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_parameter_goes_by_its_snake_case_name_too(method: Any) -> None:
    params: type[BaseModel] = method.params
    assert params.model_config["populate_by_name"]
    assert list(params.model_fields) == [name.lower() for name in params.model_fields]


@pytest.mark.parametrize("module", [types, events, *SUBJECTS], ids=lambda module: module.__name__)
def test_no_annotation_of_a_model_is_compiled_at_the_start(module: ModuleType) -> None:
    models = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    assert models
    for model in models:
        if model.__module__ == module.__name__:
            assert not any(isinstance(annotation, str) for annotation in model.__annotations__.values()), model
