"""The tables that JPEG in RTP omits (ITU-T T.81, annex K), scaled by RFC 2435, section 4.2."""

from __future__ import annotations

import struct
from typing import Final

_LUMA: Final = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
    "383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
_CHROMA: Final = bytes.fromhex(
    "1112121815182f1a1a2f6342384263636363636363636363636363636363636363"
    "63636363636363636363636363636363636363636363636363636363636363"
)
"""Tables K.1 and K.2 in zigzag order."""


def scaled_tables(quality: int) -> bytes:
    """Return the luma and chroma tables for Q from 1 to 99."""
    factor = 5000 // quality if quality < 50 else 200 - 2 * quality
    return bytes(min(max((value * factor + 50) // 100, 1), 255) for value in _LUMA + _CHROMA)


def _table(kind: int, number: int, lengths: str, symbols: str) -> bytes:
    content = bytes((kind << 4 | number,)) + bytes.fromhex(lengths) + bytes.fromhex(symbols)
    return struct.pack("!HH", 0xFFC4, 2 + len(content)) + content


_AC_LUMA: Final = (
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9"
    "aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_AC_CHROMA: Final = (
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9"
    "aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)

HUFFMAN_TABLES: Final = (
    _table(0, 0, "00010501010101010100000000000000", "000102030405060708090a0b")
    + _table(1, 0, "0002010303020403050504040000017d", _AC_LUMA)
    + _table(0, 1, "00030101010101010101010000000000", "000102030405060708090a0b")
    + _table(1, 1, "00020102040403040705040400010277", _AC_CHROMA)
)
"""The segments of tables K.3 to K.6."""
