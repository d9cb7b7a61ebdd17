"""What is in a bundle, by package: how large it is, and why it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from freezing.inventory import OURS, PYTHON, SYSTEM, Item

WHY = {
    OURS: "the program",
    PYTHON: "the interpreter and the modules of its library that are used",
    SYSTEM: "libraries of this machine that Python is linked against",
    "aioice": "ICE, STUN, TURN, mDNS",
    "aiortc": "DTLS, SRTP, RTP",
    "annotated-types": "pydantic",
    "av": "FFmpeg: x264, V4L2, RTSP, files; libavcodec is linked against every codec in av.libs",
    "cffi": "_cffi_backend: pylibsrtp's and cryptography's bindings",
    "cryptography": "certificates and DTLS; OpenSSL is linked into it",
    "dnspython": "aioice's mDNS messages",
    "ifaddr": "aioice: the addresses of this machine",
    "jsonrpcserver": "dispatch of requests",
    "numpy": "pictures; its core is linked against its OpenBLAS and does not start without",
    "opencv-python-headless": "cameras and colour conversion: one module, not divisible, linked against OpenBLAS",
    "oslash": "jsonrpcserver",
    "pydantic": "the contract's models",
    "pydantic-core": "pydantic",
    "pyee": "aiortc's events",
    "pylibsrtp": "SRTP; libsrtp and OpenSSL are linked into it",
    "pyopenssl": "aiortc's DTLS",
    "typing-extensions": "pydantic, pyee",
    "typing-inspection": "pydantic",
    "websockets": "the local stream, for webviews without WebRTC",
}
"""Who needs a package; a package that is not named here does not belong into the bundle."""


def sizes(inventory: Iterable[Item]) -> dict[str, tuple[int, int]]:
    """Bytes and files of each owner. Python modules count as compiled and before they are packed."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in inventory:
        source = Path(item.source)
        size = source.stat().st_size if item.kind != "SYMLINK" and source.is_file() else 0
        total, count = found[item.owner]
        found[item.owner] = (total + size, count + 1)
    return dict(found)


def unknown(inventory: Iterable[Item]) -> list[str]:
    """Packages in the bundle that nobody has given a reason for."""
    return sorted({item.owner for item in inventory} - set(WHY))


def table(inventory: Iterable[Item], total: int) -> str:
    """A Markdown table, the largest first; `total` is the size of the whole result in bytes."""
    rows = sorted(sizes(inventory).items(), key=lambda row: -row[1][0])
    lines = ["| package | MB | files | why |", "|---|---:|---:|---|"]
    lines += [f"| {name} | {size / 1e6:.1f} | {count} | {WHY.get(name, '?')} |" for name, (size, count) in rows]
    return "\n".join([*lines, f"| **all, on disk** | **{total / 1e6:.1f}** | | |"])


def size_on_disk(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; links count nothing."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())
