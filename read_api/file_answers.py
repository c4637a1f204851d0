"""How a file leaves: as what, under which name, and which part of it.

What customers send is nothing to be trusted: only types we know are named, nothing is run, and all
but pictures and recordings is to be saved, not shown.
"""

import mimetypes
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

from domain.access import Problem
from domain.media import LIMITS

KNOWN: Final = frozenset[str]().union(*(limit.mime_types for limit in LIMITS.values()))
UNKNOWN: Final = "application/octet-stream"
SHOWN: Final = ("image/", "audio/", "video/")
LONGEST_NAME: Final = 150
_RANGE: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)
_PLAIN: Final = re.compile(r"[^ A-Za-z0-9._()-]", re.ASCII)


class Span(NamedTuple):
    """From the first byte through the last one."""

    first: int
    last: int


def kind_of(mime_type: str) -> str:
    """The type, if it is one that customers may be sent, too."""
    plain = mime_type.partition(";")[0].strip().lower()
    return plain if plain in KNOWN else UNKNOWN


def disposition(kind: str, filename: str, otherwise: str) -> str:
    """RFC 6266: a name that every client reads, and beside it the one it really has."""
    way = "inline" if kind.startswith(SHOWN) else "attachment"
    name = "".join(c for c in filename if c.isprintable()).replace("/", "_").replace("\\", "_")
    name = name.strip(". ")[-LONGEST_NAME:] or otherwise + (mimetypes.guess_extension(kind) or "")
    plain = _PLAIN.sub("_", name)
    if plain == name:
        return f'{way}; filename="{plain}"'
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def span(headers: Mapping[str, str], size: int, tag: str) -> Span | None:
    """The part that is asked for; None for all of it. Problem 416 for one that is not there.

    Of several parts at once, and of an older file (If-Range), all of it is the answer.
    """
    asked = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if asked is None or headers.get("if-range", tag) != tag:
        return None
    first, last, suffix = asked.groups()
    if suffix is not None:
        found = Span(max(0, size - int(suffix)), size - 1)
    else:
        found = Span(int(first), min(int(last), size - 1) if last else size - 1)
        if last and int(last) < int(first):
            return None
    if found.first >= size:
        detail = f"the file has {size} bytes; there is nothing at {headers['range'][:60]!r}"
        raise Problem(
            416, "range_unsatisfiable", detail, headers={"Content-Range": f"bytes */{size}"}
        )
    return found
