"""The table of H.264 encoders: the choice by name, and the encoders that this machine can open."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args, get_type_hints

import pytest

from sidecar.contract.errors import EncoderFailedError
from sidecar.contract.types import EncodingOptions
from sidecar.encoding.h264 import AUTOMATIC, ENCODERS, EncoderType, available_encoders, choose_encoder
from sidecar.encoding.h264.libraries import libav_has
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.video_encoder import BitrateControl, ScaleControl
from tests.support.h264 import Decoder
from tests.support.pictures import MovingPicture


def row(name: str, *, available: bool) -> EncoderType:
    return EncoderType(name, ENCODERS[0].load, lambda: available)


TABLE = (row("absent", available=False), row("second", available=True), row("third", available=True))


@pytest.mark.parametrize("name", [None, AUTOMATIC])
def test_without_a_name_the_first_available_encoder_is_chosen(name: str | None) -> None:
    assert choose_encoder(name, TABLE).name == "second"


def test_a_name_chooses_its_encoder() -> None:
    assert choose_encoder("third", TABLE).name == "third"


@pytest.mark.parametrize("name", ["absent", "libx999", ""])
def test_an_encoder_that_is_not_available_is_an_error_and_no_other_is_chosen(name: str) -> None:
    with pytest.raises(EncoderFailedError) as refused:
        choose_encoder(name, TABLE)
    assert refused.value.details == {"encoder": name, "available": ["second", "third"]}
    assert "initialize" in refused.value.hint


def test_a_machine_without_any_encoder_is_told_so() -> None:
    with pytest.raises(EncoderFailedError, match=r"no H\.264 encoder"):
        choose_encoder(None, (row("absent", available=False),))


def test_every_name_that_a_client_can_ask_for_is_in_the_table() -> None:
    (names, _) = get_args(get_type_hints(EncodingOptions)["encoder"])
    assert {encoder.name for encoder in ENCODERS} | {AUTOMATIC} >= set(get_args(names))


@pytest.mark.parametrize("name", available_encoders())
def test_an_available_encoder_encodes_and_follows_the_link(name: str) -> None:
    encoder = choose_encoder(name).load()(EncoderSettings(encoder=name))
    unit = encoder.encode(MovingPicture().frame(0), keyframe=True)
    assert unit.keyframe
    assert len(Decoder().decode(unit.nal_units)) == 1
    assert isinstance(encoder, BitrateControl) and isinstance(encoder, ScaleControl)
    encoder.close()


def test_libav_tells_which_encoders_it_has() -> None:
    assert libav_has("libx264")
    assert libav_has("mpeg4"), "a part of libav itself, without a library of its own"
    assert not libav_has("libx999")


def test_a_machine_whose_libav_cannot_be_loaded_has_no_encoder(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)  # importing it raises ImportError
    assert not libav_has("libx998")
    assert "libav cannot be loaded" in caplog.text


def test_the_table_is_answered_without_loading_libav() -> None:
    code = """import sys
from sidecar.encoding.h264 import available_encoders
print(available_encoders(), {"av", "numpy"} & {*sys.modules})"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['libx264'] set()"
