"""The replacements of lean_imports.py, library by library, in the order in which they are applied.

Each saves one percent or more of the start up to the first offer; a replacement that saves less is removed. The reasons
have the measured shares of the start's instructions.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import sys
import threading
from contextlib import ExitStack
from types import ModuleType
from typing import Any, Final

from sidecar.startup import compiled_methods
from sidecar.startup.replacing import (
    DoesNotFitError,
    Replacement,
    code_of,
    functions_inside,
    functions_of,
    import_bare,
    names_used_by,
    replaced,
    require_taken,
    stand_in,
)

# -- jsonrpcserver ----------------------------------------------------------------------------------------------------

JSONRPCSERVER: Final = ("async_dispatcher", "response", "result", "sentinels")
"""The modules that sidecar/rpc takes."""


def _import_jsonrpcserver() -> None:
    import_bare("oslash")
    importlib.import_module("oslash.either")
    import_bare("jsonrpcserver")
    for name in JSONRPCSERVER:
        importlib.import_module(f"jsonrpcserver.{name}")


def _check_jsonrpcserver() -> None:
    if "jsonschema" in sys.modules:
        raise DoesNotFitError("the modules of jsonrpcserver import jsonschema by themselves")


# -- pydantic ---------------------------------------------------------------------------------------------------------


class PlainDictionary(dict[str, Any]):
    """A base class in the place of TypedDict."""

    def __init_subclass__(cls, *, total: bool = True) -> None:
        """Accept the class arguments of a TypedDict."""


def _import_core_schema() -> None:
    with replaced(importlib.import_module("typing_extensions"), "TypedDict", PlainDictionary):
        importlib.import_module("pydantic_core.core_schema")


def _check_core_schema() -> None:
    require_taken("pydantic_core.core_schema", "TypedDict", PlainDictionary)


def no_entry_points(*, group: str) -> tuple[()]:
    """Return no entry points, as importlib.metadata.entry_points does where no package has any."""
    return ()


def _import_plugin_loader() -> None:
    with stand_in("importlib.metadata", entry_points=no_entry_points):
        importlib.import_module("pydantic.plugin._loader")


def _check_plugin_loader() -> None:
    require_taken("pydantic.plugin._loader", "entry_points", no_entry_points)
    loader = importlib.import_module("pydantic.plugin._loader")
    if list(loader.get_plugins()):
        raise DoesNotFitError("pydantic finds plug-ins in another way")


# -- cryptography -----------------------------------------------------------------------------------------------------


class PatternOnDemand:
    """A regular expression that is compiled at its first use, in the place of re.compile."""

    made = 0

    def __init__(self, pattern: str, flags: int = 0) -> None:
        type(self).made += 1
        self._arguments = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(re.compile(*self._arguments), name)


def parse_address(text: str) -> tuple[str, str]:
    """Call email.utils.parseaddr, which is imported at its first use."""
    found: tuple[str, str] = importlib.import_module("email.utils").parseaddr(text)
    return found


def _import_x509() -> None:
    with replaced(re, "compile", PatternOnDemand), stand_in("email.utils", parseaddr=parse_address):
        importlib.import_module("cryptography.x509")


def _check_x509() -> None:
    require_taken("cryptography.x509.general_name", "parseaddr", parse_address)
    if not PatternOnDemand.made:
        raise DoesNotFitError("cryptography.x509 compiles no regular expressions by re.compile")


# -- aioice -----------------------------------------------------------------------------------------------------------


class LoadedLibraries:
    """ctypes.util.find_library for the C library alone, which every process has loaded."""

    asked = False

    @classmethod
    def find_library(cls, name: str) -> None:
        """Return None, by which ctypes.CDLL names the libraries that the process has loaded."""
        if name != "c":
            raise DoesNotFitError(f"ifaddr asks for the library {name!r}")
        cls.asked = True


def _import_ifaddr() -> None:
    find_library = LoadedLibraries.find_library
    with stand_in("ctypes.util", find_library=find_library) as util:
        vars(ctypes)["util"] = util  # `import ctypes.util` binds no name where the module is there already
        try:
            importlib.import_module("ifaddr")
        finally:
            del vars(ctypes)["util"]


def _check_ifaddr() -> None:
    if not LoadedLibraries.asked:
        raise DoesNotFitError("ifaddr does not ask for the C library by ctypes.util.find_library")


class OnlyAnnotated:
    """The class that annotations name in the place of a class whose module is not imported."""

    def __new__(cls, *_: object, **__: object) -> OnlyAnnotated:
        """Raise DoesNotFitError."""
        raise DoesNotFitError(f"an object of {cls.__name__} is made")

    def __init_subclass__(cls, **_: object) -> None:
        """Raise DoesNotFitError."""
        raise DoesNotFitError(f"{cls.__name__} is made a base class")


class MdnsOnDemand(ModuleType):
    """The module aioice.mdns, imported with all of dnspython when there is a name to resolve."""

    MDnsProtocol = OnlyAnnotated

    HOSTNAME = re.compile(r"^[a-zA-Z0-9-]{1,63}\.local$")
    _lock = threading.Lock()

    def is_mdns_hostname(self, name: str) -> bool:
        """Return whether a remote candidate has a name in the place of its address."""
        return self.HOSTNAME.match(name) is not None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        with self._lock:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
                importlib.import_module(self.__name__)
        return getattr(sys.modules[self.__name__], name)


MDNS: Final = "aioice.mdns"


def _import_aioice() -> None:
    sys.modules[MDNS] = MdnsOnDemand(MDNS)
    importlib.import_module("aioice.ice")


def _check_aioice() -> None:
    stand_in_module = importlib.import_module(MDNS)
    if not isinstance(stand_in_module, MdnsOnDemand):
        raise DoesNotFitError("aioice uses names of aioice.mdns at its import")
    require_taken("aioice.ice", "mdns", stand_in_module)
    code = code_of(MDNS)
    function = next((each for each in functions_inside(code) if each.co_name == "is_mdns_hostname"), None)
    if function is None or function.co_varnames[: function.co_argcount + function.co_kwonlyargcount] != ("name",):
        raise DoesNotFitError("aioice.mdns.is_mdns_hostname is missing or has other parameters")
    if MdnsOnDemand.HOSTNAME.pattern not in code.co_consts or "match" not in function.co_names:
        raise DoesNotFitError("aioice.mdns knows names by another pattern")


# -- aiortc -----------------------------------------------------------------------------------------------------------

AIORTC: Final = ("rtcdtlstransport", "rtcicetransport", "rtp")
"""The modules that sidecar/webrtc takes."""

TYPES: Final = {
    "av": ("AudioFrame",),
    "aiortc.rtcrtpparameters": ("RTCRtpParameters", "RTCRtpReceiveParameters", "RTCRtpSendParameters"),
    "aiortc.stats": ("RTCStatsReport", "RTCTransportStats"),
}
"""The names that these modules import for annotations; the program passes no objects of these types."""

UNUSED_METHODS: Final = ("RTCDtlsTransport._get_stats",)
"""The methods of aiortc that use TYPES at run time, and that this program does not call."""


def _import_aiortc() -> None:
    import_bare("aiortc")
    with ExitStack() as stack:
        for module, names in TYPES.items():
            stack.enter_context(stand_in(module, **dict.fromkeys(names, OnlyAnnotated)))
        for name in AIORTC:
            importlib.import_module(f"aiortc.{name}")


def _check_aiortc() -> None:
    types = {name for names in TYPES.values() for name in names}
    for module in AIORTC:
        for function in functions_of(sys.modules[f"aiortc.{module}"]):
            used = types & names_used_by(function)
            if used and function.__qualname__ not in UNUSED_METHODS:
                raise DoesNotFitError(f"{function.__qualname__} of aiortc uses {', '.join(sorted(used))} at run time")


# -- the table --------------------------------------------------------------------------------------------------------

COMPILED_METHODS = Replacement(
    "dataclasses",
    "compiling the source of the methods that dataclasses writes: 12 %",
    (),
    compiled_methods.use,
    compiled_methods.check,
)
_IFADDR = Replacement(
    "ifaddr",
    "a process of ldconfig, which finds the C library: 1 % and the process",
    ("ifaddr",),
    _import_ifaddr,
    _check_ifaddr,
)

REPLACEMENTS: Final = (
    COMPILED_METHODS,
    Replacement(
        "jsonrpcserver",
        "jsonschema, for a validator that rpc/envelope.py replaces, and the monads of oslash: 23 %",
        ("jsonrpcserver", "oslash"),
        _import_jsonrpcserver,
        _check_jsonrpcserver,
    ),
    Replacement(
        "pydantic_core.core_schema",
        "a hundred dictionary types for type checkers: 5 %",
        ("pydantic_core",),
        _import_core_schema,
        _check_core_schema,
    ),
    Replacement(
        "pydantic.plugin",
        "a search for plug-ins among the installed packages: 5 %. No plug-in shall run in this process",
        ("pydantic",),
        _import_plugin_loader,
        _check_plugin_loader,
    ),
    Replacement(
        "cryptography.x509",
        "the grammar of distinguished names, with every character in it, and mail addresses: 9 %",
        ("cryptography",),
        _import_x509,
        _check_x509,
    ),
    *((_IFADDR,) if os.name == "posix" else ()),
    Replacement(
        "aioice.mdns",
        "dnspython, before there is a name to resolve: 12 %",
        ("aioice",),
        _import_aioice,
        _check_aioice,
    ),
    Replacement(
        "aiortc",
        "data channels, audio and decoders, and PyAV and numpy for them: 24 %, 20 MB",
        ("aiortc",),
        _import_aiortc,
        _check_aiortc,
    ),
)
