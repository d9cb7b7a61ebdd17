"""The native libraries that the wheels and the system bring into the bundle, with their projects and licences.

No wheel says this about all that it carries, so it stands here; freezing fails when a library comes up that this table
does not know. Licences are SPDX identifiers. Copyright lines name holders as the projects themselves do, written down
once: years were not compared with each version that a wheel may carry, and where there are many, not all are named.
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
AOM_PATENTS = "Alliance for Open Media Patent License 1.0"
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"

COMPONENTS = (
    Component(
        "x264",
        r"libx264[-.].*",
        GPL2,
        "2003-2025 x264 project",
        "code.videolan.org/videolan/x264",
    ),
    Component(
        "x265",
        r"libx265[-.].*",
        GPL2,
        "2013-2025 MulticoreWare, Inc; 2003-2013 x264 project",
        "bitbucket.org/multicoreware/x265_git",
    ),
    Component(
        "FFmpeg",
        r"(lib)?(avcodec|avdevice|avfilter|avformat|avutil|swresample|swscale)[-.].*",
        f"{LGPL3}; with x264 or x265 in it {GPL3}",
        "2000-2026 the FFmpeg developers",
        "ffmpeg.org; as built in github.com/PyAV-Org/pyav-ffmpeg",
    ),
    Component(
        "SVT-AV1",
        r"libSvtAv1Enc[-.].*",
        f"{BSD3}-Clear, and the {AOM_PATENTS}",
        "2016-2021 Alliance for Open Media; 2018-2022 Intel Corporation; 2019 Netflix, Inc.; 2020 Tencent Corporation",
        "gitlab.com/AOMediaCodec/SVT-AV1",
    ),
    Component(
        "dav1d",
        r"libdav1d[-.].*",
        BSD2,
        "2018-2025 VideoLAN and dav1d authors",
        "code.videolan.org/videolan/dav1d",
    ),
    Component(
        "libvpx",
        r"libvpx[-.].*",
        BSD3,
        "2010 The WebM Project authors",
        "chromium.googlesource.com/webm/libvpx",
    ),
    Component(
        "Opus",
        r"libopus[-.].*",
        BSD3,
        "2001-2023 Xiph.Org, Skype Limited, Octasic, Jean-Marc Valin, Timothy B. Terriberry, CSIRO, "
        "Gregory Maxwell, Mark Borgerding, Erik de Castro Lopo, Mozilla, Amazon",
        "opus-codec.org",
    ),
    Component(
        "libwebp",
        r"lib(webp\w*|sharpyuv)[-.].*",
        BSD3,
        "2010 Google Inc.",
        "chromium.googlesource.com/webm/libwebp",
    ),
    Component(
        "LAME",
        r"libmp3lame[-.].*",
        "LGPL-2.0-or-later",
        "1998 Michael Cheng; 1999-2001 Mark Taylor; 1999-2002 Albert L. Faber; 1999-2005 Takehiro "
        "Tominaga; 2000-2005 Alexander Leidinger; 2000-2008 Gabriel Bouvigne; 2000-2017 Robert Hegemann; "
        "1999-2010 The LAME Project",
        "lame.sourceforge.io",
    ),
    Component(
        "OpenCORE AMR",
        r"libopencore-amr.*",
        "Apache-2.0",
        "1998-2009 PacketVideo",
        "opencore-amr.sourceforge.net",
    ),
    Component(
        "GnuTLS",
        r"libgnutls[-.].*",
        LGPL21,
        "2000-2023 Free Software Foundation, Inc.; 2001-2023 Nikos Mavrogiannopoulos; 2015-2017 Red Hat, "
        "Inc.; and others",
        "gnutls.org",
    ),
    Component(
        "Nettle",
        r"lib(nettle|hogweed)[-.].*",
        f"{LGPL3} OR {GPL2}",
        "2001-2025 Niels Möller and others",
        "lysator.liu.se/~nisse/nettle",
    ),
    Component(
        "GMP",
        r"libgmp[-.].*",
        f"{LGPL3} OR {GPL2}",
        "1991-2023 Free Software Foundation, Inc.",
        "gmplib.org",
    ),
    Component(
        "libunistring",
        r"libunistring[-.].*",
        f"{LGPL3} OR {GPL2}",
        "1995-2025 Free Software Foundation, Inc.",
        "gnu.org/software/libunistring",
    ),
    Component(
        "Intel VPL",
        r"libvpl[-.].*",
        "MIT",
        "2020 Intel Corporation",
        "github.com/intel/libvpl",
    ),
    Component(
        "ALSA library",
        r"libasound[-.].*",
        LGPL21,
        "1998-2022 Jaroslav Kysela, Abramo Bagnara and others",
        "alsa-project.org",
    ),
    Component(
        "libdrm",
        r"libdrm[-.].*",
        "MIT",
        "1999-2000 Precision Insight, Inc.; 2000 VA Linux Systems, Inc.; 2002-2008 Tungsten Graphics, "
        "Inc.; 2007-2009 Intel Corporation; 2007-2009 Red Hat Inc.; and others",
        "gitlab.freedesktop.org/mesa/drm",
    ),
    Component(
        "libxcb",
        r"libxcb.*",
        "MIT",
        "2001-2006 Bart Massey, Jamey Sharp, and Josh Triplett",
        "x.org",
    ),
    Component(
        "libXau",
        r"libXau.*",
        "MIT",
        "1988, 1993, 1994, 1998 The Open Group",
        "x.org",
    ),
    Component(
        "libavif",
        r"libavif[-.].*",
        BSD2,
        "2019 Joe Drago; 2018-2019 VideoLAN and dav1d authors",
        "github.com/AOMediaCodec/libavif",
    ),
    Component(
        "libaom",
        r"libaom[-.].*",
        f"{BSD2}, and the {AOM_PATENTS}",
        "2016 Alliance for Open Media",
        "aomedia.googlesource.com/aom",
    ),
    Component(
        "libpng",
        r"libpng.*",
        "libpng-2.0",
        "1995-2026 The PNG Reference Library Authors; 2018-2026 Cosmin Truta; 2000-2002, 2004, 2006-2018 "
        "Glenn Randers-Pehrson; 1996-1997 Andreas Dilger; 1995-1996 Guy Eric Schalnat, Group 42, Inc.",
        "libpng.org",
    ),
    Component(
        "OpenBLAS",
        r"lib(scipy_)?openblas.*",
        BSD3,
        "2011-2014 The OpenBLAS Project; LAPACK in it: 1992-2013 The University of Tennessee, 2000-2013 "
        "The University of California Berkeley, 2006-2013 The University of Colorado Denver",
        "openblas.net",
    ),
    Component(
        "GCC runtime",
        r"lib(gcc_s|stdc\+\+|gfortran|quadmath|gomp|atomic)[-.].*",
        GCC,
        "1986-2026 Free Software Foundation, Inc.",
        "gcc.gnu.org",
    ),
    Component(
        "OpenSSL",
        r"lib(ssl|crypto)[-.].*",
        "Apache-2.0",
        "1998-2026 The OpenSSL Project Authors; 1995-1998 Eric A. Young, Tim J. Hudson",
        "openssl.org",
    ),
    Component(
        "libsrtp",
        r"libsrtp2?[-.].*",
        BSD3,
        "2001-2017 Cisco Systems, Inc.",
        "github.com/cisco/libsrtp",
    ),
    Component(
        "zlib",
        r"libz[-.].*",
        "Zlib",
        "1995-2024 Jean-loup Gailly and Mark Adler",
        "zlib.net",
    ),
    Component(
        "libffi",
        r"libffi[-.].*",
        "MIT",
        "1996-2026 Anthony Green, Red Hat, Inc and others",
        "github.com/libffi/libffi",
    ),
    Component(
        "libuuid",
        r"libuuid[-.].*",
        BSD3,
        "1996-1999, 2007 Theodore Ts'o; 1999 Andreas Dilger",
        "github.com/util-linux/util-linux",
    ),
    Component(
        "Expat",
        r"libexpat[-.].*",
        "MIT",
        "1998-2000 Thai Open Source Software Center Ltd and Clark Cooper; 2001-2026 Expat maintainers",
        "libexpat.github.io",
    ),
)

INSIDE = {
    "cryptography": ("OpenSSL",),
    "pylibsrtp": ("libsrtp", "OpenSSL"),
}
"""Projects that are linked into a distribution's own module and so have no file of their own."""


def component_of(file: str) -> Component | None:
    """Return the component of a file; None for an unknown one."""
    name = PurePosixPath(file).name
    return next((component for component in COMPONENTS if re.fullmatch(component.files, name)), None)


def component_named(project: str) -> Component:
    """Return the component of a project."""
    return next(component for component in COMPONENTS if component.project == project)
