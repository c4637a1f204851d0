"""What the first bytes of a file say of its type: whether it is what it is called.

Only the types that may be sent are known here. What is inside is not looked at any further.
"""

import re
from collections.abc import Mapping
from typing import Final

from domain.media import KIBIBYTE, LIMITS

LOOKED_AT: Final = 1024
"""So many bytes of the beginning are enough."""
STATIC_STICKER: Final = 100 * KIBIBYTE
VOICE: Final = "audio/ogg; codecs=opus"

TYPES: Final[Mapping[str, int]] = {
    mime_type: limit.largest for limit in LIMITS.values() for mime_type in sorted(limit.mime_types)
}
"""Every type that may be sent, and the most bytes a file of it may have."""

_BOX: Final = rb".{4}ftyp"
_OLE: Final = rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = rb"PK\x03\x04"
_SIGNS: Final[Mapping[str, bytes]] = {
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/webp": rb"RIFF.{4}WEBP",
    "video/mp4": _BOX,
    "video/3gpp": _BOX,
    "audio/mp4": _BOX,
    # Tags, or a frame at once: eleven or twelve bits set, and a layer or none.
    "audio/mpeg": rb"ID3|\xff[\xe2-\xe7\xea-\xef\xf2-\xf7\xfa-\xff]",
    "audio/aac": rb"ADIF|\xff[\xf0\xf1\xf8\xf9]",
    "audio/amr": rb"#!AMR",
    "audio/ogg": rb"OggS.{,60}OpusHead",
    "application/pdf": rb".*%PDF-",
    # UTF-16 says so itself; otherwise no byte is one that no text has.
    "text/plain": rb"\xff\xfe|\xfe\xff|(?!%PDF-|\{\\rtf)[^\x00-\x08\x0e-\x1a\x1c-\x1f]*\Z",
    "application/msword": _OLE,
    "application/vnd.ms-excel": _OLE,
    "application/vnd.ms-powerpoint": _OLE,
}
_BEGINNINGS: Final = {  # the newer office types are archives
    known: re.compile(_SIGNS.get(known, _ZIP), re.DOTALL) for known in TYPES
}
_FLAGGED: Final = re.compile(rb".{12}VP8X.{4}(.)", re.DOTALL)
_ANIMATED: Final = 0x02


def plain(mime_type: str) -> str:
    """Without parameters, in small letters."""
    return mime_type.partition(";")[0].strip().lower()


def fits(mime_type: str, head: bytes) -> bool:
    """Whether a file that begins so can be of that type. Others than those sent are none."""
    beginning = _BEGINNINGS.get(plain(mime_type))
    return beginning is not None and beginning.match(head) is not None


def largest(mime_type: str, head: bytes) -> int:
    """The most bytes a file of that type may have that begins so: a picture that moves has more."""
    known = plain(mime_type)
    if known != "image/webp":
        return TYPES[known]
    flags = _FLAGGED.match(head)
    moves = flags is not None and bool(flags[1][0] & _ANIMATED)
    return TYPES[known] if moves else STATIC_STICKER
