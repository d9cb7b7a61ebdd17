"""Spares the program what its libraries import at their start and never use here: a third of its start, and memory.

`prepare` goes before everything else that is imported, while there is one thread that imports. It changes how the
process sees other packages, so only the program itself calls it: whoever imports a module of the sidecar alone gets the
libraries as they are.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

WITHOUT_INIT = {
    "aiortc": "data channels, audio, decoders and their codecs",
    "jsonrpcserver": "a validator for requests, which rpc/envelope.py checks itself, and all of jsonschema for it",
    "oslash": "fifteen monads, of which jsonrpcserver takes one",
}
"""Packages whose `__init__` is not run, and what that would import. Their modules are imported by their own names."""


def prepare() -> None:
    """Let the imports that follow be lean. Once, in the program, before any of these packages is imported."""
    for package in WITHOUT_INIT:
        _without_init(package)
    # pydantic looks for plug-ins among the installed packages: there shall be none in this process.
    with _stand_in("importlib.metadata", entry_points=lambda **_: ()):
        importlib.import_module("pydantic.plugin._loader")
    # aiortc names a class of PyAV's as the type of a parameter.
    with _stand_in("av", AudioFrame=object):
        importlib.import_module("aiortc.rtp")
    sys.modules["aioice.mdns"] = _MdnsOnDemand("aioice.mdns")


def _without_init(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    sys.modules[package] = importlib.util.module_from_spec(spec)


@contextmanager
def _stand_in(name: str, **attributes: object) -> Iterator[None]:
    """Put a module with these attributes in the place of `name` for a while; nothing where `name` is there already."""
    if name in sys.modules:
        yield
        return
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(attributes)
    try:
        yield
    finally:
        del sys.modules[name]


class _MdnsOnDemand(ModuleType):
    """aioice.mdns, imported with all of dnspython only when there is a name to resolve."""

    MDnsProtocol = object
    """The type of something in aioice.ice; nothing is made of it."""

    _HOSTNAME = re.compile(r"^[a-zA-Z0-9-]{1,63}\.local$")
    _lock = threading.Lock()

    def is_mdns_hostname(self, name: str) -> bool:
        """Asked of each remote candidate."""
        return self._HOSTNAME.match(name) is not None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        with self._lock:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
                importlib.import_module(self.__name__)
        return getattr(sys.modules[self.__name__], name)
