"""The detection of libav's encoders, without loading libav where possible."""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path

logger = logging.getLogger(__name__)

_BUNDLES = ("../av.libs", ".dylibs")
"""The folders of a PyAV wheel, relative to the package av, that hold libav and its libraries: auditwheel and delvewheel
write the first one (Linux, Windows), delocate the second (macOS)."""


@cache
def libav_has(encoder: str) -> bool:
    """Return whether libav can encode with `encoder`, a name such as libx264.

    A wheel of PyAV contains the library of each external encoder that its libav was built with, so the file answers.
    Libav would be a third of the memory of an idle sidecar; it is loaded for other builds of PyAV only.
    """
    return _is_bundled(encoder) or _can_create(encoder)


def _is_bundled(encoder: str) -> bool:
    spec = find_spec("av")
    packages = spec.submodule_search_locations if spec is not None else None
    folders = [Path(package) / bundle for package in packages or () for bundle in _BUNDLES]
    return any(True for folder in folders for _ in folder.glob(f"{encoder}[-.]*"))


def _can_create(encoder: str) -> bool:
    try:
        import av

        av.Codec(encoder, "w")
    except ImportError:
        logger.warning("libav cannot be loaded, so there is no encoder %s", encoder, exc_info=True)
        return False
    except ValueError:  # av.codec.codec.UnknownCodecError
        return False
    return True
