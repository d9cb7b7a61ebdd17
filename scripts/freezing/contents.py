"""The modules and files that stay out of the bundle, each with its reason.

PyInstaller follows every import, also imports that never run here. The results of its analysis, lists of (name in the
bundle, source file, kind), are filtered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

Entry = tuple[str, str, str]

EXCLUDED_MODULES = {
    "IPython": "only for interactive use",
    "_pytest": "test tool, which numpy and hypothesis plugins look for",
    "aiortc.contrib": "players and recorders",
    "aiortc.rtcpeerconnection": "not used; aiortc/__init__.py never runs (sidecar/startup/replacements.py)",
    "aiortc.rtcrtpreceiver": "the sidecar receives no media",
    "aiortc.rtcrtpsender": "the program has its own",
    "aiortc.rtcrtptransceiver": "the same",
    "aiortc.rtcdatachannel": "there are no data channels",
    "aiortc.rtcsctptransport": "for data channels",
    "bz2": "archives; shutil and zipfile do without",
    "cffi": "builds bindings; the program needs only _cffi_backend",
    "curses": "a terminal",
    "cv2.gapi": "OpenCV's graph interface; never imported by cv2 itself",
    "doctest": "test tool",
    "ftplib": "urllib.request's FTP",
    "hypothesis": "test tool, which pydantic and attrs know of",
    "idna": "for host names of dnspython, which does without; the program does not require it",
    "jsonrpcserver.async_main": "the program imports modules of jsonrpcserver and never runs its __init__",
    "jsonrpcserver.main": "the same; it would bring jsonschema",
    "jsonrpcserver.server": "a server over HTTP",
    "lib2to3": "for source code",
    "lzma": "archives; shutil and zipfile do without",
    "mypy": "type checker, which pydantic and numpy have plugins for",
    "numpy._core._multiarray_tests": "numpy's own tests",
    "numpy._core.tests": "numpy's own tests",
    "numpy.distutils": "builds extensions",
    "numpy.f2py": "builds Fortran extensions",
    "numpy.testing": "test tool",
    "pdb": "a debugger, which doctest, bdb and unittest bring",
    "pip": "installs packages",
    "pkg_resources": "installs packages",
    "psutil": "for the tests and the benchmarks",
    "pycparser": "builds bindings",
    "pydantic.mypy": "type checker's plugin",
    "pydantic.v1": "pydantic's old interface, which the program does not use",
    "pydoc": "documentation at a prompt",
    "pygments": "colours for tracebacks",
    "pytest": "test tool",
    "readline": "a prompt",
    "rich": "colours for tracebacks",
    "setuptools": "installs packages",
    "sidecar.client": "for programs that drive the sidecar",
    "smtplib": "logging by mail",
    "sqlite3": "no database here",
    "test": "Python's own tests",
    "tkinter": "windows",
    "unittest": "test tool",
    "webbrowser": "the program opens no browser",
    "xmlrpc": "the program does not use XML-RPC",
    "yaml": "for the description of numpy's build, which does without",
}

DROPPED_FILES = {
    r"(?!rubicon_objc-).*\.dist-info/.*": "metadata for installers; of all libraries, only rubicon-objc reads its own",
    r".*\.(pyi|pyx|pxd|h)": "source, for compilers",
    r".*/py\.typed": "for type checkers",
    r"(.*/)?_(multiarray|operand_flag|rational|struct_ufunc|umath)_tests\..*": "numpy's own tests",
    r"numpy/_core/_simd\..*": "numpy's own tests of its vector instructions, 3 MB",
    r"libmvec\.so\..*": "a part of glibc, which comes from the system as a whole or not at all",
    r"cv2/opencv_videoio_ffmpeg.*\.dll": "OpenCV's FFmpeg on Windows; cameras are opened through DirectShow there",
}

DROPPED_HOOKS = {
    "pyi_rth_multiprocessing": "for process pools, which are not used; half of all imports before the first line",
    "pyi_rth_inspect": "finds source text, which is not in the bundle; imports inspect and zipfile",
    "pyi_rth_pkgutil": "lists the modules of a package, which the program does not do; imports pkgutil",
}


def without_unneeded(entries: Iterable[Entry]) -> list[Entry]:
    """Leave out DROPPED_FILES, and PyInstaller's links to all libraries in the top folder.

    Linux finds the libraries by the search path that each wheel has in its files; installers that copy links as files
    would double the size.
    """
    pattern = re.compile("|".join(DROPPED_FILES))
    return [
        (name, source, kind)
        for name, source, kind in entries
        if not pattern.fullmatch(PurePosixPath(name).as_posix()) and not (kind == "SYMLINK" and "/" not in name)
    ]


def without_hooks(scripts: Iterable[Entry]) -> list[Entry]:
    """Leave out DROPPED_HOOKS, which run before the program."""
    return [entry for entry in scripts if entry[0] not in DROPPED_HOOKS]
