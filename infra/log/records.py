"""A stored fact as a Kafka record: CloudEvents 1.0 binary mode, the value the stored bytes."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from domain.wire import LogRecord
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


def headers_of(record: LogRecord, previous: int, workspace: bytes) -> Headers:
    """`previous` is the position sent to the record's partition before it; `workspace` its key."""
    position = b"%d" % record.position
    headers = [
        *_FIXED,
        ("ce_id", position),
        ("ce_type", record.type.encode()),
        ("ce_subject", record.stream_id.hex.encode()),
        ("ce_time", _instant(record.recorded_at)),
        ("ce_workspaceid", workspace),
        ("ce_position", position),
        ("ce_prevposition", b"%d" % previous),
        ("ce_streamversion", b"%d" % record.version),
        ("ce_metadata", record.metadata),
    ]
    if b'"traceparent"' in record.metadata:
        try:
            trace = _trace.decode(record.metadata).traceparent
        except msgspec.MsgspecError:
            trace = ""
        if trace:
            headers.append(("traceparent", trace.encode()))
    return headers


def watermark_headers(position: int, previous: int, now: datetime) -> Headers:
    """Says that the partition has everything up to `position`."""
    return [
        *_FIXED,
        ("ce_id", b"watermark-%d" % position),
        ("ce_type", WATERMARK.encode()),
        ("ce_time", _instant(now)),
        ("ce_position", b"%d" % position),
        ("ce_prevposition", b"%d" % previous),
    ]


def _instant(at: datetime) -> bytes:
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6].encode() + b"Z"
