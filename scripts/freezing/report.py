"""The packages in a bundle: their sizes and the reasons for them."""

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
    "rubicon-objc": "macOS: asks for the camera permission",
    "typing-extensions": "pydantic, pyee",
    "typing-inspection": "pydantic",
    "websockets": "the local stream, for webviews without WebRTC",
}
"""The reason for each package; a package without a reason does not belong into the bundle."""


def sizes(inventory: Iterable[Item]) -> dict[str, tuple[int, int]]:
    """Return the bytes and files of each owner. Python modules count as compiled, before they are packed."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in inventory:
        source = Path(item.source)
        size = source.stat().st_size if item.kind != "SYMLINK" and source.is_file() else 0
        total, count = found[item.owner]
        found[item.owner] = (total + size, count + 1)
    return dict(found)


def unknown(inventory: Iterable[Item]) -> list[str]:
    """Return the packages in the bundle that have no reason in WHY."""
    return sorted({item.owner for item in inventory} - set(WHY))


def table(inventory: Iterable[Item], total: int) -> str:
    """Return a Markdown table, the largest package first; `total` is the size of the whole result in bytes."""
    rows = sorted(sizes(inventory).items(), key=lambda row: -row[1][0])
    lines = ["| package | MB | files | why |", "|---|---:|---:|---|"]
    lines += [f"| {name} | {size / 1e6:.1f} | {count} | {WHY.get(name, '?')} |" for name, (size, count) in rows]
    return "\n".join([*lines, f"| **all, on disk** | **{total / 1e6:.1f}** | | |"])


def size_on_disk(path: Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes; links count 0."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())
