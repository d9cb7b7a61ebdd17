"""The native libraries that the wheels and the system bring into the bundle, and whose they are.

No wheel says this about all that it carries, so it stands here; freezing fails when a library comes up that this table
does not know. Licences are SPDX identifiers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Component:
    """A native library's project; `files` is a pattern of file names."""

    project: str
    files: str
    licence: str
    copyright: str
    source: str


GPL2, GPL3, LGPL21, LGPL3 = "GPL-2.0-or-later", "GPL-3.0-or-later", "LGPL-2.1-or-later", "LGPL-3.0-or-later"
BSD2, BSD3 = "BSD-2-Clause", "BSD-3-Clause"
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"

COMPONENTS = (
    Component("x264", r"libx264[-.].*", GPL2, "2003-2026 the x264 project", "code.videolan.org/videolan/x264"),
    Component("x265", r"libx265[-.].*", GPL2, "2013-2026 MulticoreWare, Inc.", "bitbucket.org/multicoreware/x265_git"),
    Component(
        "FFmpeg",
        r"(lib)?(avcodec|avdevice|avfilter|avformat|avutil|swresample|swscale)[-.].*",
        f"{LGPL3}; with x264 or x265 in it {GPL3}",
        "2000-2026 the FFmpeg developers",
        "ffmpeg.org; as built in github.com/PyAV-Org/pyav-ffmpeg",
    ),
    Component(
        "SVT-AV1", r"libSvtAv1Enc[-.].*", BSD3, "2019 Intel; Alliance for Open Media", "gitlab.com/AOMediaCodec/SVT-AV1"
    ),
    Component(
        "dav1d", r"libdav1d[-.].*", BSD2, "2018-2026 VideoLAN and dav1d authors", "code.videolan.org/videolan/dav1d"
    ),
    Component(
        "libvpx", r"libvpx[-.].*", BSD3, "2010 The WebM Project authors", "chromium.googlesource.com/webm/libvpx"
    ),
    Component(
        "Opus",
        r"libopus[-.].*",
        BSD3,
        "2001-2023 Xiph.Org, Skype Limited, Octasic, Jean-Marc Valin, Timothy B. Terriberry, CSIRO, Gregory Maxwell, "
        "Mark Borgerding, Erik de Castro Lopo, Mozilla, Amazon",
        "opus-codec.org",
    ),
    Component(
        "libwebp", r"lib(webp\w*|sharpyuv)[-.].*", BSD3, "2010 Google Inc.", "chromium.googlesource.com/webm/libwebp"
    ),
    Component("LAME", r"libmp3lame[-.].*", "LGPL-2.0-or-later", "1999-2026 the LAME project", "lame.sourceforge.io"),
    Component(
        "OpenCORE AMR", r"libopencore-amr.*", "Apache-2.0", "1998-2009 PacketVideo", "opencore-amr.sourceforge.net"
    ),
    Component("GnuTLS", r"libgnutls[-.].*", LGPL21, "2000-2026 Free Software Foundation and others", "gnutls.org"),
    Component(
        "Nettle",
        r"lib(nettle|hogweed)[-.].*",
        f"{LGPL3} OR {GPL2}",
        "2001-2026 Niels Möller and others",
        "lysator.liu.se/~nisse/nettle",
    ),
    Component("GMP", r"libgmp[-.].*", f"{LGPL3} OR {GPL2}", "1991-2026 Free Software Foundation", "gmplib.org"),
    Component(
        "libunistring",
        r"libunistring[-.].*",
        f"{LGPL3} OR {GPL2}",
        "2001-2026 Free Software Foundation",
        "gnu.org/software/libunistring",
    ),
    Component("Intel VPL", r"libvpl[-.].*", "MIT", "2019 Intel Corporation", "github.com/intel/libvpl"),
    Component("ALSA library", r"libasound[-.].*", LGPL21, "1998-2026 the ALSA project", "alsa-project.org"),
    Component("libdrm", r"libdrm[-.].*", "MIT", "1999-2026 the libdrm authors", "gitlab.freedesktop.org/mesa/drm"),
    Component(
        "libxcb, libXau",
        r"lib(xcb|Xau).*",
        "MIT",
        "2001-2006 Bart Massey, Jamey Sharp, Josh Triplett; The Open Group",
        "x.org",
    ),
    Component("libavif", r"libavif[-.].*", BSD2, "2019 Joe Drago", "github.com/AOMediaCodec/libavif"),
    Component("libaom", r"libaom[-.].*", BSD2, "2016 Alliance for Open Media", "aomedia.googlesource.com/aom"),
    Component("libpng", r"libpng.*", "libpng-2.0", "1995-2026 the PNG Reference Library authors", "libpng.org"),
    Component("OpenBLAS", r"lib(scipy_)?openblas.*", BSD3, "2011-2026 The OpenBLAS Project", "openblas.net"),
    Component(
        "GCC runtime",
        r"lib(gcc_s|stdc\+\+|gfortran|quadmath|gomp|atomic)[-.].*",
        GCC,
        "1987-2026 Free Software Foundation",
        "gcc.gnu.org",
    ),
    Component("crc32c", r"libcrc32c[-.].*", BSD3, "2017 The CRC32C Authors", "github.com/google/crc32c"),
    Component(
        "OpenSSL", r"lib(ssl|crypto)[-.].*", "Apache-2.0", "1998-2026 The OpenSSL Project Authors", "openssl.org"
    ),
    Component("libsrtp", r"libsrtp2?[-.].*", BSD3, "2001-2017 Cisco Systems, Inc.", "github.com/cisco/libsrtp"),
    Component("zlib", r"libz[-.].*", "Zlib", "1995-2026 Jean-loup Gailly and Mark Adler", "zlib.net"),
    Component(
        "libffi", r"libffi[-.].*", "MIT", "1996-2026 Anthony Green, Red Hat, Inc and others", "github.com/libffi/libffi"
    ),
    Component("libuuid", r"libuuid[-.].*", BSD3, "1996-2026 Theodore Ts'o", "github.com/util-linux/util-linux"),
    Component("Expat", r"libexpat[-.].*", "MIT", "1998-2026 the Expat maintainers", "libexpat.github.io"),
)

INSIDE = {
    "cryptography": ("OpenSSL",),
    "pylibsrtp": ("libsrtp", "OpenSSL"),
}
"""Projects that are linked into a distribution's own module and so have no file of their own."""


def component_of(file: str) -> Component | None:
    """Whose library a file is."""
    name = PurePosixPath(file).name
    return next((component for component in COMPONENTS if re.fullmatch(component.files, name)), None)


def component_named(project: str) -> Component:
    """The component of a project."""
    return next(component for component in COMPONENTS if component.project == project)
