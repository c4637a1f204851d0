"""A stored fact as a Kafka record: CloudEvents 1.0 binary mode, the value the stored bytes."""

from binascii import hexlify
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from infra.log.facts import RawFact
from projections.headers import WATERMARK

Headers = list[tuple[str, bytes]]

_FIXED: Final[Headers] = [
    ("content-type", b"application/json"),
    ("ce_specversion", b"1.0"),
    ("ce_source", b"/blazz"),
]
WATERMARK_KEY: Final = b""
WATERMARK_VALUE: Final = b"{}"


class _Trace(msgspec.Struct):
    traceparent: str = ""


_trace = msgspec.json.Decoder(_Trace)


def headers_of(fact: RawFact, previous: bytes, workspace: bytes) -> Headers:
    """`previous` is the position sent to the fact's partition before it; `workspace` its key."""
    position, _, stream_id, version, type_, at, metadata, _ = fact
    return [
        *_FIXED,
        ("ce_id", position),
        ("ce_type", type_),
        ("ce_subject", hexlify(stream_id)),
        _time(at),
        ("ce_workspaceid", workspace),
        ("ce_position", position),
        ("ce_prevposition", previous),
        ("ce_streamversion", version),
        *_around(metadata),
    ]


def watermark_headers(position: int, previous: int, now: datetime) -> Headers:
    """Says that the partition has everything up to `position`."""
    instant = now.astimezone(UTC).replace(tzinfo=None)
    return [
        *_FIXED,
        ("ce_id", b"watermark-%d" % position),
        ("ce_type", WATERMARK.encode()),
        ("ce_time", instant.isoformat(timespec="microseconds").encode() + b"Z"),
        ("ce_position", b"%d" % position),
        ("ce_prevposition", b"%d" % previous),
    ]


@lru_cache(maxsize=1024)
def _time(at: bytes) -> tuple[str, bytes]:
    """Facts of one commit have the same, and stand side by side."""
    return "ce_time", b"%bT%bZ" % (at[:10], at[11:])


@lru_cache(maxsize=1024)
def _around(metadata: bytes) -> Headers:
    """The same of one request's facts."""
    headers = [("ce_metadata", metadata)]
    with suppress(msgspec.MsgspecError):
        if trace := _trace.decode(metadata).traceparent:
            headers.append(("traceparent", trace.encode()))
    return headers
