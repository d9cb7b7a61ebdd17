"""Spares the program what its libraries import and make at their start and never use here: half of its start, and
memory.

`prepare` goes before everything else that is imported, while there is one thread that imports. It changes how the
process sees other packages, so only the program itself calls it: whoever imports a module of the sidecar alone gets the
libraries as they are.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

import typing_extensions

from sidecar.startup import compiled_methods

WITHOUT_INIT = {
    "aiortc": "data channels, audio, decoders and their codecs",
    "jsonrpcserver": "a validator for requests, which rpc/envelope.py checks itself, and all of jsonschema for it",
    "oslash": "fifteen monads, of which jsonrpcserver takes one",
}
"""Packages whose `__init__` is not run, and what that would import. Their modules are imported by their own names."""

TYPES_ONLY = {
    "av": ("AudioFrame",),
    "aiortc.rtcrtpparameters": ("RTCRtpParameters", "RTCRtpReceiveParameters", "RTCRtpSendParameters"),
    "aiortc.stats": ("RTCStatsReport", "RTCTransportStats"),
}
"""What aiortc's modules of RTP and DTLS import to name the types of parameters that nobody gives them here."""


def prepare() -> None:
    """Let the imports that follow be lean. Once, in the program, before any of these packages is imported."""
    compiled_methods.use()
    for package in WITHOUT_INIT:
        _without_init(package)
    _import_pydantic()
    # For names in text: a grammar with all characters in it, and the addresses in mail headers.
    with _replaced(re, "compile", _PatternOnDemand), _stand_in("email.utils", parseaddr=_parse_address):
        importlib.import_module("cryptography.x509")
    # ifaddr would run ldconfig to find the C library, which this process has loaded.
    with _stand_in("ctypes.util", find_library=lambda _: None) as util, _replaced(ctypes, "util", util):
        importlib.import_module("ifaddr")
    sys.modules["aioice.mdns"] = _MdnsOnDemand("aioice.mdns")
    with ExitStack() as stack:
        for module, names in TYPES_ONLY.items():
            stack.enter_context(_stand_in(module, **dict.fromkeys(names, object)))
        importlib.import_module("aiortc.rtcdtlstransport")


def _import_pydantic() -> None:
    # A hundred types of dictionaries for type checkers, each made with all that such a type can tell of itself.
    with _replaced(typing_extensions, "TypedDict", _Dictionary):
        importlib.import_module("pydantic_core.core_schema")
    # It looks for plug-ins among the installed packages: there shall be none in this process.
    with _stand_in("importlib.metadata", entry_points=lambda **_: ()):
        importlib.import_module("pydantic.plugin._loader")
    # Time zones, which no model of ours has.
    with _stand_in("zoneinfo", ZoneInfo=type("ZoneInfo", (), {}), ZoneInfoNotFoundError=KeyError):
        importlib.import_module("pydantic._internal._generate_schema")


def _without_init(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    sys.modules[package] = importlib.util.module_from_spec(spec)


@contextmanager
def _stand_in(name: str, **attributes: object) -> Iterator[ModuleType]:
    """Put a module with these attributes in the place of `name` for a while; nothing where `name` is there already."""
    if name in sys.modules:
        yield sys.modules[name]
        return
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(attributes)
    try:
        yield module
    finally:
        del sys.modules[name]


@contextmanager
def _replaced(module: ModuleType, name: str, value: object) -> Iterator[None]:
    """Give a module's attribute another value for a while; one that was not there before is gone afterwards."""
    attributes = vars(module)
    before = {name: attributes[name]} if name in attributes else {}
    attributes[name] = value
    try:
        yield
    finally:
        del attributes[name]
        attributes.update(before)


def _parse_address(text: str) -> tuple[str, str]:
    """email.utils.parseaddr, imported when it is used."""
    found: tuple[str, str] = importlib.import_module("email.utils").parseaddr(text)
    return found


class _Dictionary(dict[str, Any]):
    """In the place of TypedDict."""

    def __init_subclass__(cls, *, total: bool = True) -> None:
        """Take what is said to a TypedDict."""


class _PatternOnDemand:
    """In the place of re.compile: a pattern that is compiled when it is used."""

    def __init__(self, *arguments: Any) -> None:
        self._arguments = arguments

    def __getattr__(self, name: str) -> Any:
        return getattr(re.compile(*self._arguments), name)


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
