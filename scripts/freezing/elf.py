"""The view of the dynamic loader on an ELF file (System V ABI, chapters 4 and 5): read, compared and changed in place.

Libraries that read ELF change no names in place and compare no loaded images, and those two are most of this module.
The headers that it reads are fixed by the ABI; a test compares the results with readelf.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little endian: the form of all wheels
PT_LOAD, PT_DYNAMIC = 1, 2
SHT_NOBITS, SHT_DYNSYM = 8, 11
SHF_ALLOC, SHF_TLS = 0x2, 0x400
SHN_UNDEF, SHN_LORESERVE = 0, 0xFF00
DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_RPATH, DT_RUNPATH = 1, 5, 10, 15, 29
HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
SECTION_HEADER = struct.Struct("<IIQQQQ")
SYMBOL = struct.Struct("<IBBHQQ")
DYNAMIC_ENTRY = struct.Struct("<qQ")


@dataclass(frozen=True)
class Segment:
    """A program header."""

    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    alignment: int


@dataclass(frozen=True)
class Section:
    """The fields of a section header that the loader's view needs."""

    kind: int
    flags: int
    offset: int
    address: int
    size: int


@dataclass(frozen=True)
class Linkage:
    """The libraries that a file needs, and the folders in which the loader searches them."""

    needed: tuple[str, ...]
    search: tuple[str, ...]


def is_elf(path: Path) -> bool:
    """Return whether a file is 64-bit little-endian ELF."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def segments(image: bytes) -> list[Segment]:
    """Return the program headers."""
    header = HEADER.unpack_from(image)
    offset, size, count = header[5], header[9], header[10]
    found = []
    for number in range(count):
        kind, flags, at, address, _, file_size, memory_size, alignment = PROGRAM_HEADER.unpack_from(
            image, offset + number * size
        )
        found.append(Segment(kind, flags, at, address, file_size, memory_size, alignment))
    return found


def loaded_image(path: Path) -> str:
    """Return a digest of the file's image in memory: its program headers and its allocated sections.

    Places in the file and padding between sections do not count. Raises ValueError for a file that the loader would
    refuse, or that does not load a section to its address.
    """
    image = path.read_bytes()
    loaded = [segment for segment in segments(image) if segment.kind == PT_LOAD]
    for segment in loaded:
        if segment.alignment and (segment.offset - segment.address) % segment.alignment:
            raise ValueError(f"{path.name}: a segment is not aligned")
        if segment.offset + segment.file_size > len(image):
            raise ValueError(f"{path.name}: a segment is cut off")
    digest = hashlib.sha256()
    for segment in segments(image):
        digest.update(repr((segment.kind, segment.flags, segment.address)).encode())
    for section in allocated_sections(image):
        digest.update(repr((section.kind, section.flags, section.address, section.size)).encode())
        if not is_thread_template(section) and not any(contains(segment, section) for segment in loaded):
            raise ValueError(f"{path.name}: a section is not loaded")
        if section.kind != SHT_NOBITS:
            content = image[section.offset : section.offset + section.size]
            digest.update(symbols_by_address(content) if section.kind == SHT_DYNSYM else content)
    return digest.hexdigest()


def is_thread_template(section: Section) -> bool:
    """Return whether a section is the size of each thread's memory (.tbss), which has no room in any segment."""
    return section.kind == SHT_NOBITS and bool(section.flags & SHF_TLS)


def contains(segment: Segment, section: Section) -> bool:
    """Return whether a segment loads a section to its address in memory."""
    start = section.address - segment.address
    if section.kind == SHT_NOBITS:
        return start >= 0 and start + section.size <= segment.memory_size
    return section.offset - segment.offset == start >= 0 and start + section.size <= segment.file_size


def symbols_by_address(table: bytes) -> bytes:
    """Return a symbol table without the numbers of sections, which mean only "defined" to the loader."""
    symbols = []
    for name, info, other, section, value, size in SYMBOL.iter_unpack(table):
        is_ordinary = SHN_UNDEF < section < SHN_LORESERVE
        symbols.append(SYMBOL.pack(name, info, other, 1 if is_ordinary else section, value, size))
    return b"".join(symbols)


def allocated_sections(image: bytes) -> list[Section]:
    """Return the sections of the running program, by their addresses."""
    header = HEADER.unpack_from(image)
    offset, size, count = header[6], header[11], header[12]
    found = []
    for number in range(count):
        _, kind, flags, address, at, length = SECTION_HEADER.unpack_from(image, offset + number * size)
        if flags & SHF_ALLOC:
            found.append(Section(kind, flags, at, address, length))
    return sorted(found, key=lambda section: (section.address, section.offset))


def linkage(path: Path) -> Linkage:
    """Return the linkage of a shared library or program, from its dynamic section."""
    image = path.read_bytes()
    entries = dynamic_entries(image)
    strings, _ = string_table(image)

    def text(offset: int) -> str:
        start = strings + offset
        return image[start : image.index(b"\0", start)].decode()

    search = [text(value) for tag, value in entries if tag in (DT_RPATH, DT_RUNPATH)]
    return Linkage(
        tuple(text(value) for tag, value in entries if tag == DT_NEEDED),
        tuple(folder for one in search for folder in one.split(":")),
    )


def with_strings_replaced(image: bytes, names: Mapping[str, str]) -> bytes:
    """Return the file with other names of libraries and search paths, each in the place of the old name.

    Raises ValueError when a name is longer than the old one.
    """
    start, size = string_table(image)
    table = image[start : start + size]
    for old, new in names.items():
        if len(new) > len(old):
            raise ValueError(f"{new} has no room in the place of {old}")
        table = table.replace(b"\0" + old.encode() + b"\0", b"\0" + new.encode().ljust(len(old), b"\0") + b"\0")
    return image[:start] + table + image[start + size :]


def dynamic_entries(image: bytes) -> list[tuple[int, int]]:
    """Return the tags and values of the dynamic section."""
    for segment in segments(image):
        if segment.kind == PT_DYNAMIC:
            return list(DYNAMIC_ENTRY.iter_unpack(image[segment.offset : segment.offset + segment.file_size]))
    return []


def string_table(image: bytes) -> tuple[int, int]:
    """Return the offset and the size of the dynamic string table, in bytes; zeros for a static program."""
    values = dict(dynamic_entries(image))
    if DT_STRTAB not in values:
        return 0, 0
    return file_offset(segments(image), values[DT_STRTAB]), values[DT_STRSZ]


def file_offset(all_segments: list[Segment], address: int) -> int:
    """Return the place in the file that is loaded to an address."""
    for segment in all_segments:
        if segment.kind == PT_LOAD and segment.address <= address < segment.address + segment.file_size:
            return segment.offset + address - segment.address
    raise ValueError("an address outside every segment")
