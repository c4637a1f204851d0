"""Pieces of the log, and what each asks of the shadow tables: folded in memory, one change a row.

A piece is folded as a whole. Only if a record of it is set aside, or waits behind one that was, are
its partitions taken one by one, and record by record, as a live projector does it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from domain.wire import AT_ONCE, EVENT_TYPES, LogRecord, decode_all
from projections.changes import Changes
from projections.checkpoints import Held, partition_of
from projections.entries import NO_OFFSET, Log, LogEntry
from projections.loading import Lines, folded
from projections.parking import apply, read, wanted_types
from projections.projection import Projection
from projections.rows import NONE
from projections.shadow import shadow_of
from projections.tally import Tally
from projections.upserts import Statement

Positions = tuple[int, ...]
"""Of each partition, the position up to which its facts are taken."""


class Piece(NamedTuple):
    """`size` records behind `position`, and where the tables stand before and after them."""

    position: int
    size: int
    before: Positions
    after: Positions


class Folded(NamedTuple):
    """What a piece of the log asks of the shadow tables, and where it takes them from and to.

    `held` are the streams that wait from now on, because a record of theirs is parked.
    """

    before: Positions
    after: Positions
    statements: Sequence[Statement | Lines]
    sizes: tuple[int, ...]
    parked: int
    held: Held

    @property
    def records(self) -> int:
        """Of all partitions."""
        return sum(self.sizes)


class Folder:
    """Makes statements of records, for a database of that dialect, which it does not ask."""

    def __init__(self, dialect: str, projections: Sequence[Projection], partitions: int) -> None:
        self._dialect, self._projections = dialect, tuple(projections)
        self._wanted = wanted_types(projections)
        self._unwanted = EVENT_TYPES.keys() - self._wanted
        self._places = _Places(partitions)

    def fold_from(self, log: Log, piece: Piece, upto: Positions, held: Held) -> Folded:
        """As `fold`, of what the log has there. Of a piece that is new to all partitions, facts
        that no projection asks for are counted and not made.
        """
        position, size, before, _ = piece
        new = max(before) <= position and position + size <= min(upto)
        if new and not any(held.values()):
            found = log.sift(position, size, self._unwanted)
            if (changes := self._whole(found.records)) is not None:
                counts = Counter[int]()
                for workspace, count in found.counts.items():
                    counts[self._places[workspace.int]] += count
                after, sizes = reached(before, upto, found.end), _sizes(counts, before)
                return Folded(before, after, folded(changes), sizes, 0, {})
        return self.fold(log.read(position, size), upto, before, held)

    def fold(
        self,
        records: Sequence[LogRecord],
        upto: Positions,
        before: Positions,
        held: Held,
        condemned: Mapping[str, str] = NONE,
    ) -> Folded:
        """Whatever of `records`, which follow each other in the log, is above `before` and not
        above `upto`. `held` are the streams that wait already; `condemned` names projections whose
        rows the database has refused.
        """
        end = records[-1].position if records else 0
        after = reached(before, upto, end)
        places = [self._places[record.workspace_id.int] for record in records]
        if records and (max(before) >= records[0].position or min(upto) < end):
            both = zip(records, places, strict=True)
            new = [(r, p) for r, p in both if before[p] < r.position <= upto[p]]
            records, places = [record for record, _ in new], [place for _, place in new]
        sizes = _sizes(Counter(places), before)
        whole = None if condemned or any(held.values()) else self._whole(self._asked_for(records))
        if whole is not None:
            return Folded(before, after, folded(whole), sizes, 0, {})
        split: dict[int, list[LogEntry]] = {}
        for record, place in zip(records, places, strict=True):
            split.setdefault(place, []).append(LogEntry(record, NO_OFFSET, record.position, None))
        changes = Changes(self._dialect, shadow_of)
        waiting = {place: dict(held.get(place, {})) for place in range(len(before))}
        parked = sum(
            self._take(entries, place, waiting, condemned, changes)
            for place, entries in split.items()
        )
        for place, known in held.items():
            waiting[place] = {k: at for k, at in waiting[place].items() if k not in known}
        return Folded(before, after, folded(changes), sizes, parked, waiting)

    def _asked_for(self, records: Sequence[LogRecord]) -> Iterator[Sequence[LogRecord]]:
        for start in range(0, len(records), AT_ONCE):
            yield [r for r in records[start : start + AT_ONCE] if r.type not in self._unwanted]

    def _whole(self, parts: Iterable[Sequence[LogRecord]]) -> Changes | None:
        """What all of them ask for; None if something in them would be set aside."""
        changes = Changes(self._dialect, shadow_of)
        try:
            for records in parts:
                facts = decode_all(records)
                tally = Tally(facts)
                for projection in self._projections:
                    changes.take(projection.rows(facts, tally))
        except Exception:  # noqa: BLE001 - which record it is shows when they are taken one by one
            return None
        return changes

    def _take(
        self,
        entries: Sequence[LogEntry],
        place: int,
        held: Held,
        condemned: Mapping[str, str],
        changes: Changes,
    ) -> int:
        """The number of entries set aside; their streams are held now."""
        reading, now, count = read(entries, self._wanted), datetime.now(UTC), 0
        for projection in self._projections:
            for entry in apply(projection, reading, held, condemned, place, now, changes):
                count += 1
                if entry.record is not None:
                    key = (projection.name, entry.record.stream_id)
                    held.setdefault(place, {}).setdefault(key, entry.position)
        return count


def _sizes(counts: Counter[int], places: Positions) -> tuple[int, ...]:
    return tuple(counts[partition] for partition in range(len(places)))


class _Places(dict[int, int]):
    """The partition of each workspace that was met, by the number of its id."""

    def __init__(self, partitions: int) -> None:
        super().__init__()
        self._partitions = partitions

    def __missing__(self, number: int) -> int:
        place = self[number] = partition_of(UUID(int=number), self._partitions)
        return place


def reached(before: Positions, upto: Positions, end: int) -> Positions:
    """Where those that stand at `before` and go to `upto` are when the log is read up to `end`."""
    return tuple(max(b, min(u, end)) for b, u in zip(before, upto, strict=True))
