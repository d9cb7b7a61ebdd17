"""The sources that the command line allows, and their ids."""

from __future__ import annotations

import os
from collections.abc import Sequence

from sidecar.cameras.sources.allowed_files import FOLDER_TIMEOUT, AllowedFiles, FolderHangsError
from sidecar.cameras.sources.display import next_id
from sidecar.cameras.sources.file_path import FilePattern, FileSource
from sidecar.cameras.sources.patterns import Pattern, parse_pattern
from sidecar.cameras.sources.rtsp_pattern import RtspPattern
from sidecar.cameras.sources.rtsp_url import RtspSource
from sidecar.cameras.sources.secrets import SECRETS
from sidecar.cameras.sources.syntax import Scheme, SourceSyntaxError
from sidecar.contract.errors import CameraFailedError, SourceNotAllowedError

Source = RtspSource | FileSource


class AllowedSources:
    """The patterns of the command line. `named` are the ids of the sources that patterns without a wildcard name.

    The id of a source contains no secret: a file's id is the text of its pattern, a network camera's id is its
    `display`. Several logins of one camera have numbered ids, in the order of the command line. Thread-safe.
    """

    def __init__(self, patterns: Sequence[str] = (), folder_timeout: float = FOLDER_TIMEOUT) -> None:
        """Raises SourceSyntaxError for a malformed pattern.

        A check waits `folder_timeout` seconds for the folder of a file: pattern.
        """
        parsed = [(text, parse_pattern(text)) for text in patterns]
        self._rtsp = tuple(pattern for _, pattern in parsed if isinstance(pattern, RtspPattern))
        files = [pattern for _, pattern in parsed if isinstance(pattern, FilePattern)]
        folder = os.getcwd() if files else "/"  # noqa: PTH109 - a string, as the sources are
        self._files = AllowedFiles(files, folder, folder_timeout)
        self._cameras = _ids([pattern.named for pattern in self._rtsp if pattern.named is not None])
        self._ids = {source: device_id for device_id, source in self._cameras.items()}
        self.named = tuple(filter(None, (self._listed_as(text, pattern) for text, pattern in parsed)))
        for source in self._ids:
            SECRETS.remember(source, permanent=True)

    def refuse_text(self, device_id: str) -> None:
        """Raise SourceNotAllowedError when no pattern allows the text of a file: source. Never blocks."""
        try:
            refused = self._files.refuses_text(device_id)
        except SourceSyntaxError as error:
            raise _unreadable("file", error) from None
        if refused:
            raise _not_allowed("file")

    def check_file(self, device_id: str) -> FileSource:
        """Return the source of a file: id. Blocks as long as the file system does.

        Raises SourceNotAllowedError; CameraFailedError when the folder of a pattern does not answer.
        """
        try:
            source = self._files.find(device_id)
        except SourceSyntaxError as error:
            raise _unreadable("file", error) from None
        except FolderHangsError:
            raise CameraFailedError(
                "The folder of an allowed source does not answer.", hint="Check the disk or the server of the folder."
            ) from None
        if source is None:
            raise _not_allowed("file")
        return source

    def check_rtsp(self, device_id: str) -> RtspSource:
        """Return the source of an rtsp: id. Never blocks. Raises SourceNotAllowedError."""
        source = self._cameras.get(device_id)
        if source is not None:
            return source
        try:
            source = RtspSource.parse(device_id)
        except SourceSyntaxError as error:
            raise _unreadable("rtsp", error) from None
        self._check_patterns(source)
        SECRETS.remember(source)
        return source

    def check_redirect(self, source: RtspSource, location: str) -> RtspSource:
        """Return the target of an allowed camera's redirect; the patterns must allow the target too.

        A target with another host or port does not get the login. Raises SourceNotAllowedError.
        """
        try:
            target = source.redirected(location)
        except SourceSyntaxError as error:
            raise SourceNotAllowedError(
                f"{source.display} redirects to an address that cannot be used.", hint=str(error)
            ) from None
        if not any(pattern.allows(target) for pattern in self._rtsp):
            raise SourceNotAllowedError(
                f"{source.display} redirects to an address that is not allowed.",
                hint="Start the sidecar with --allow-source and a pattern that covers the other address too.",
                details={"kind": "rtsp"},
            )
        SECRETS.remember(target)
        return target

    def id_of(self, source: RtspSource) -> str:
        """Return the id of an allowed network camera.

        It is the source's `display`, with a number while another source has the same `display`.
        """
        device_id = self._ids.get(source)
        if device_id is None:
            device_id = source.display
            while device_id in self._cameras:
                device_id = next_id(device_id)
        return device_id

    def _check_patterns(self, source: RtspSource) -> None:
        if any(pattern.allows(source) for pattern in self._rtsp):
            return
        if any(pattern.allows(source, any_port=True) for pattern in self._rtsp):
            hint = "Name the port in the pattern of --allow-source, as in rtsp://10.0.0.*:8554, or :* for every port."
            raise _not_allowed("rtsp", hint)
        raise _not_allowed("rtsp")

    def _listed_as(self, text: str, pattern: Pattern) -> str | None:
        if isinstance(pattern, RtspPattern):
            return self._ids[pattern.named] if pattern.named is not None else None
        return text if pattern.is_exact else None


def _ids(sources: Sequence[RtspSource]) -> dict[str, RtspSource]:
    """Return the sources by their ids. Sources without secrets come first, so that their id is their text."""
    ids: dict[str, RtspSource] = {}
    for source in sorted(dict.fromkeys(sources), key=lambda source: source.hides):
        device_id = source.display
        while device_id in ids:
            device_id = next_id(device_id)
        ids[device_id] = source
    return ids


def _not_allowed(kind: Scheme, hint: str | None = None) -> SourceNotAllowedError:
    return SourceNotAllowedError("This source is not allowed.", hint=hint, details={"kind": kind})


def _unreadable(kind: Scheme, error: SourceSyntaxError) -> SourceNotAllowedError:
    return SourceNotAllowedError("This source is malformed.", hint=str(error), details={"kind": kind})
