"""The tables and examples of docs/local-stream.md."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs/local-stream.md"

FORMATS = {"uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q"}
"""The struct format of each type in the table of the header."""


@dataclass(frozen=True)
class Field:
    """A row of the table of the header; `offset` and `size` are in bytes."""

    offset: int
    size: int
    name: str
    format: str


def header_fields() -> list[Field]:
    """Return the rows of the table of the header, in their order."""
    return [
        Field(int(row[0]), int(row[1]), row[2], FORMATS[row[3]])
        for row in table("Binary messages: sidecar to viewer")
        if row[0].isdecimal()
    ]


def limits() -> dict[str, float]:
    """Return the values of the table of limits, in bytes, pictures and seconds."""
    rows = table("Limits")[1:]
    return {name: float(value.split()[0]) for name, value in rows}


def binary_examples() -> list[tuple[bytes, dict[str, Any]]]:
    """Return each example of a binary message, with the values that the document gives for its fields."""
    values = dict(blocks("json"))
    return [(_bytes(text), json.loads(values[name])) for name, text in blocks("hex")]


def json_lines(name: str) -> list[str]:
    """Return the lines of a block of JSON, by the name after its language."""
    return dict(blocks("json"))[name].splitlines()


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the fenced blocks in this language: the name after the language, and the text."""
    return re.findall(rf"^```{language} ([a-z-]+)\n(.*?)^```$", _text(), re.M | re.S)


def table(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, its own header row included."""
    section = _text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = section[section.index("\n|") + 1 :].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if set("".join(row)) != {"-"}]


@cache
def _text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def _bytes(text: str) -> bytes:
    """The bytes of a block; two spaces end the bytes of a line, then a comment follows."""
    return bytes.fromhex("".join(line.partition("  ")[0] for line in text.splitlines()))
