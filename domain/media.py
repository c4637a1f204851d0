"""Which files may be sent as what, and how large they may be: the provider's limits."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.kernel import Rejected

KIBIBYTE: Final = 1024
MEBIBYTE: Final = 1024 * KIBIBYTE
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."


class Limit(NamedTuple):
    """MIME types and the most bytes one may have."""

    mime_types: frozenset[str]
    largest: int


LIMITS: Final[Mapping[str, Limit]] = {
    "image": Limit(frozenset({"image/jpeg", "image/png"}), 5 * MEBIBYTE),
    "video": Limit(frozenset({"video/mp4", "video/3gpp"}), 16 * MEBIBYTE),
    "audio": Limit(
        frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"}),
        16 * MEBIBYTE,
    ),
    "document": Limit(
        frozenset(
            {
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                f"{_OFFICE}wordprocessingml.document",
                f"{_OFFICE}spreadsheetml.sheet",
                f"{_OFFICE}presentationml.presentation",
            }
        ),
        100 * MEBIBYTE,
    ),
    "sticker": Limit(frozenset({"image/webp"}), 500 * KIBIBYTE),
}
"""A sticker that does not move has at most 100 KiB; only the file itself says whether it moves."""


LARGEST_RECEIVED: Final = 100 * MEBIBYTE
"""Customers send what they like, of any type; more than this is nothing they could have sent."""


def check_file(kind: str, mime_type: str, size: int | None) -> None:
    """Rejected if what is known of the file does not fit; an empty type is not known."""
    limit = LIMITS[kind]
    plain = mime_type.partition(";")[0].strip().lower()
    if plain and plain not in limit.mime_types:
        raise Rejected(
            "invalid_media_type",
            f"a file sent as {kind} is of type {', '.join(sorted(limit.mime_types))}; "
            f"this is {mime_type!r}",
        )
    if size is not None and not 1 <= size <= limit.largest:
        raise Rejected(
            "invalid_media_size",
            f"a file sent as {kind} has 1 to {limit.largest} bytes; this has {size}",
        )
