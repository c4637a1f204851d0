"""What a batch asks of a projection's rows, and which of its records are set aside instead.

A record that cannot be read or whose function fails is parked with the reason; later records of
its stream that concern the projection wait behind it, so that order within a stream is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from domain.kernel import Event, Recorded
from domain.wire import EVENT_TYPES, LogRecord, UnknownEvent, decode, type_of
from projections.changes import Changes
from projections.checkpoints import Held, parked
from projections.entries import LogEntry
from projections.literals import Misfit
from projections.projection import Projection
from projections.rows import Row, put
from projections.tally import Tally

LONGEST_REASON: Final = 1000
LONGEST_TYPE: Final = 100


Read = Recorded | str
"""The fact that an entry carries; or why it cannot be read, empty if nobody asks for it."""


class Reading(NamedTuple):
    """Entries that were read: what each came to, the facts alone, their types; if any is bad;
    the facts' tally.
    """

    entries: Sequence[LogEntry]
    reads: Sequence[Read]
    facts: Sequence[Recorded]
    types: frozenset[type[Event]]
    errors: bool
    tally: Tally


def wanted_types(projections: Iterable[Projection]) -> frozenset[str]:
    """Wire names of the events that at least one of the projections has a function for."""
    return frozenset(type_of_class(t) for p in projections for t in p.types)


def type_of_class(type_: type) -> str:
    """The wire name of an event class."""
    return str(type_.__struct_config__.tag)  # type: ignore[attr-defined]


def read(entries: Sequence[LogEntry], wanted: frozenset[str]) -> Reading:
    """Decode what is wanted. A type that is not known here concerns everyone."""
    reads: list[Read] = []
    for entry in entries:
        record = entry.record
        if record is None:
            reads.append(entry.error)
        elif record.type in wanted or record.type not in EVENT_TYPES:
            try:
                reads.append(decode(record))
            except UnknownEvent as error:
                reads.append(str(error))
        else:
            reads.append("")
    facts = [one for one in reads if isinstance(one, Recorded)]
    types = frozenset([type(fact.event) for fact in facts])
    errors = any(one for one in reads if isinstance(one, str))
    return Reading(entries, reads, facts, types, errors, Tally(facts))


def apply(
    projection: Projection,
    reading: Reading,
    held: Held,
    condemned: Mapping[str, str],
    partition: int,
    now: datetime,
    changes: Changes,
) -> list[LogEntry]:
    """Put into `changes` what the records ask for; those that are parked instead.

    `condemned` names projections whose rows for these records the database has refused.
    """
    if not reading.errors and projection.types.isdisjoint(reading.types):
        return []
    waiting = {
        stream: at
        for (name, stream), at in held.get(partition, {}).items()
        if name == projection.name
    }
    if not reading.errors and not condemned and _free(reading, waiting):
        try:
            changes.take(projection.rows(reading.facts, reading.tally))
        except Exception:  # noqa: BLE001, S110 - found again below, record by record
            pass
        else:
            return []
    aside = []
    for entry, one in zip(reading.entries, reading.reads, strict=True):
        refused = condemned.get(projection.name, "")
        reason = _taken(projection, entry.record, one, waiting, refused, changes)
        if reason:
            behind = waiting.get(entry.record.stream_id) if entry.record is not None else None
            changes.take([_parked(projection.name, partition, entry, reason, behind, now)])
            aside.append(entry)
            if entry.record is not None:
                waiting.setdefault(entry.record.stream_id, entry.position)
    return aside


def _free(reading: Reading, waiting: Mapping[UUID, int]) -> bool:
    """None of the records belongs to a stream that waits."""
    return not waiting or waiting.keys().isdisjoint([fact.stream_id for fact in reading.facts])


def _taken(
    projection: Projection,
    record: LogRecord | None,
    fact: Read,
    waiting: Mapping[UUID, int],
    condemned: str,
    changes: Changes,
) -> str:
    """Why the record is parked; nothing if its rows were taken, or it asks for none."""
    if not fact or (isinstance(fact, Recorded) and type(fact.event) not in projection.types):
        return ""
    if record is not None and record.stream_id in waiting:
        return f"waits behind position {waiting[record.stream_id]}"
    if isinstance(fact, str):
        return fact
    if condemned:
        return condemned
    try:
        changes.take(projection.rows([fact]))
    except Misfit as misfit:
        return f"{type_of(fact.event)} does not fit {projection.name}: {misfit}"
    except Exception as error:  # noqa: BLE001 - whatever a function raises, the rest must flow
        return f"{type_of(fact.event)} fails in {projection.name}: {error!r}"
    return ""


def _parked(
    name: str, partition: int, entry: LogEntry, reason: str, behind: int | None, now: datetime
) -> Row:
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
        behind=behind,
    )
