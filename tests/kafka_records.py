"""A record as the relay would send it, from a fact that was read already."""

from datetime import UTC

from infra.log.facts import RawFact
from infra.log.records import headers_of


def headers_of_record(record, previous, workspace):
    """`previous` is the position before it in its partition; `workspace` its key."""
    instant = record.recorded_at.astimezone(UTC).replace(tzinfo=None)
    raw = RawFact(
        b"%d" % record.position,
        record.workspace_id.bytes,
        record.stream_id.bytes,
        b"%d" % record.version,
        record.type.encode(),
        instant.isoformat(" ", "microseconds").encode(),
        record.metadata,
        record.data,
    )
    return headers_of(raw, b"%d" % previous, workspace)
