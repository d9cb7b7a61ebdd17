"""Parsing the arguments of --allow-source."""

from __future__ import annotations

import os

from sidecar.cameras.sources.file_path import FilePattern
from sidecar.cameras.sources.rtsp_pattern import RtspPattern
from sidecar.cameras.sources.syntax import SourceSyntaxError, check_characters, check_length, scheme_of

Pattern = RtspPattern | FilePattern


def parse_pattern(text: str) -> Pattern:
    """Return the pattern of an argument. Raises SourceSyntaxError, which quotes no part of the argument."""
    check_length(text)
    check_characters(text)
    scheme = scheme_of(text)
    if scheme is None:
        raise SourceSyntaxError("A pattern starts with file: or rtsp://, as in rtsp://10.0.0.*.")
    if scheme == "rtsp":
        return RtspPattern.parse(text)
    return FilePattern.parse(text, os.getcwd())  # noqa: PTH109 - a text for text
