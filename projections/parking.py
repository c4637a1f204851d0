"""What a batch asks of a projection's rows, and which of its records are set aside instead.

A record that cannot be read or whose function fails is parked with the reason; later records of
its stream that concern the projection wait behind it, so that order within a stream is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from domain.kernel import Recorded
from domain.wire import EVENT_TYPES, UnknownEvent, decode, type_of
from projections.checkpoints import Held, parked
from projections.entries import LogEntry
from projections.fits import Misfit, check
from projections.projection import Projection
from projections.rows import Row, put

LONGEST_REASON: Final = 1000
LONGEST_TYPE: Final = 100


class Read(NamedTuple):
    """An entry with its contents: `fact` is None where nobody asks for it or `error` is set."""

    entry: LogEntry
    fact: Recorded | None
    error: str = ""


def wanted_types(projections: Iterable[Projection]) -> frozenset[str]:
    """Wire names of the events that at least one of the projections has a function for."""
    return frozenset(type_of_class(t) for p in projections for t in p.handlers)


def type_of_class(type_: type) -> str:
    """The wire name of an event class."""
    return str(type_.__struct_config__.tag)  # type: ignore[attr-defined]


def read_contents(entries: Iterable[LogEntry], wanted: frozenset[str]) -> list[Read]:
    """Decode what is wanted. A type that is not known here concerns everyone."""
    out = []
    for entry in entries:
        record = entry.record
        if record is None:
            out.append(Read(entry, None, entry.error))
        elif record.type in wanted or record.type not in EVENT_TYPES:
            try:
                out.append(Read(entry, decode(record)))
            except UnknownEvent as error:
                out.append(Read(entry, None, str(error)))
        else:
            out.append(Read(entry, None))
    return out


def rows_of(
    projection: Projection,
    reads: Sequence[Read],
    held: Held,
    condemned: Mapping[str, str],
    partition: int,
    now: datetime,
) -> tuple[list[Row], int]:
    """The rows for all of `reads`, and how many of the records they park.

    `condemned` names projections whose rows for these entries the database has refused.
    """
    if not held and not condemned and not any(read.error for read in reads):
        try:
            rows = projection.rows([read.fact for read in reads if read.fact])
            check(rows)
        except Exception:  # noqa: BLE001, S110 - found again below, record by record
            pass
        else:
            return rows, 0
    held_here = {stream: at for (name, stream), at in held.items() if name == projection.name}
    rows, count = [], 0
    for read in reads:
        found = _one(projection, read, held_here, condemned.get(projection.name, ""))
        if isinstance(found, str):
            rows.append(_parked(projection.name, partition, read.entry, found, now))
            count += 1
            if read.entry.record is not None:
                stream = read.entry.record.stream_id
                held_here.setdefault(stream, read.entry.position)
        else:
            rows += found
    return rows, count


def _one(
    projection: Projection, read: Read, held: Mapping[UUID, int], condemned: str
) -> list[Row] | str:
    """The record's rows, or why it is parked."""
    concerns = read.error or (
        read.fact is not None and type(read.fact.event) in projection.handlers
    )
    if not concerns:
        return []
    record = read.entry.record
    if record is not None and record.stream_id in held:
        return f"waits behind position {held[record.stream_id]}"
    if read.error or condemned:
        return read.error or condemned
    assert read.fact is not None
    try:
        rows = projection.rows([read.fact])
        check(rows)
    except Misfit as misfit:
        return f"{type_of(read.fact.event)} does not fit {projection.name}: {misfit}"
    except Exception as error:  # noqa: BLE001 - whatever a function raises, the rest must flow
        return f"{type_of(read.fact.event)} fails in {projection.name}: {error!r}"
    return rows


def _parked(name: str, partition: int, entry: LogEntry, reason: str, now: datetime) -> Row:
    """Everything needed to try it again. Without a known position it stands under its offset."""
    record = entry.record
    return put(
        parked,
        projection=name,
        partition=partition,
        position=entry.position or -1 - entry.offset,
        offset=entry.offset,
        workspace_id=record.workspace_id if record else None,
        stream_id=record.stream_id if record else None,
        stream_version=record.version if record else None,
        type=record.type[:LONGEST_TYPE] if record else "",
        recorded_at=record.recorded_at if record else None,
        metadata=record.metadata if record else None,
        data=record.data if record else None,
        reason=reason[:LONGEST_REASON],
        parked_at=now,
    )
