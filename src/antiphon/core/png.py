"""A picture from outside, made anew: only what draws it is kept, and nothing in it can grow beyond its limits.

PNG (ISO/IEC 15948) alone: an SVG is a program, and other formats hide places, names and thumbnails in their metadata.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from antiphon.core.decision import Refusal

MOST_BYTES: Final = 200_000
WIDEST: Final = 1_200
HIGHEST: Final = 400
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_BROKEN: Final = Refusal("The logo is no whole PNG picture: export it again as PNG.", "logo")


def made_anew(data: bytes) -> bytes | Refusal:
    """The picture without its metadata, or what is wrong with it. Its pixels are unpacked once, within their size."""
    if len(data) > MOST_BYTES:
        return Refusal(
            f"The logo has {len(data) // 1000} kB, more than {MOST_BYTES // 1000} kB: make it smaller.", "logo"
        )
    if not data.startswith(_SIGNATURE):
        return Refusal("The logo must be a PNG picture; SVG and other formats are not taken.", "logo")
    try:
        chunks = list(_chunks(data))
    except (ValueError, struct.error):
        return _BROKEN
    refusal = _header(chunks) or _pixels(chunks)
    if refusal:
        return refusal
    return _SIGNATURE + b"".join(_written(kind, body) for kind, body in chunks if kind in _KEPT)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk with its body; ValueError where its checksum or its end is wrong."""
    at = len(_SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if len(body) != length or zlib.crc32(kind + body) != checksum:
            raise ValueError(at)
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + length
    raise ValueError(at)


def _header(chunks: list[tuple[bytes, bytes]]) -> Refusal | None:
    kinds = [kind for kind, _ in chunks]
    if kinds[0] != b"IHDR" or kinds.count(b"IHDR") != 1 or len(chunks[0][1]) != 13 or b"IDAT" not in kinds:
        return _BROKEN
    wide, high, depth, colour, packing, filtering, lacing = struct.unpack(">IIBBBBB", chunks[0][1])
    if not 1 <= wide <= WIDEST or not 1 <= high <= HIGHEST:
        return Refusal(f"The logo has {wide} × {high} pixels; at most {WIDEST} × {HIGHEST} are taken.", "logo")
    known = depth in _DEPTHS.get(colour, set()) and (packing, filtering) == (0, 0) and lacing in (0, 1)
    return None if known and (colour != 3 or b"PLTE" in kinds) else _BROKEN


def _pixels(chunks: list[tuple[bytes, bytes]]) -> Refusal | None:
    """Unpacked, the pixels are as many as the header says, and no more are ever unpacked."""
    wide, high, depth, colour, *_, lacing = struct.unpack(">IIBBBBB", chunks[0][1])
    row = (wide * depth * _SAMPLES[colour] + 7) // 8 + 1
    most = row * high * (2 if lacing else 1) + 64 * high
    unpacking = zlib.decompressobj()
    try:
        found = len(unpacking.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"), most + 1))
    except zlib.error:
        return _BROKEN
    whole = unpacking.eof and (found == row * high if not lacing else found <= most)
    return None if whole else _BROKEN


def _written(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
