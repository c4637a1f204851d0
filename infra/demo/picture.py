"""A small picture, made here: a parcel that has seen better days."""

import struct
import zlib
from typing import Final

WIDTH, HEIGHT = 240, 160
_SKY: Final = (206, 219, 228)
_FLOOR: Final = (160, 148, 136)
_BOX: Final = (190, 139, 84)
_EDGE: Final = (140, 98, 56)
_TAPE: Final = (228, 205, 160)


def parcel() -> bytes:
    """As a PNG."""
    rows = (b"\0" + b"".join(bytes(_pixel(x, y)) for x in range(WIDTH)) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    sum_ = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", sum_)


def _pixel(x: int, y: int) -> tuple[int, int, int]:
    left, right, top, bottom = 60, 180, 45, 130
    dent = max(0, 22 - abs(x - 165)) // 2  # the corner that was dropped
    if not (left <= x <= right and top + dent <= y <= bottom):
        return _SKY if y < HEIGHT * 3 // 4 else _FLOOR
    if min(x - left, right - x, y - top - dent, bottom - y) < 3:  # noqa: PLR2004 - a thin line
        return _EDGE
    return _TAPE if abs(x - (left + right) // 2) < 9 else _BOX  # noqa: PLR2004 - as wide as tape
