"""What one transaction will write: which entries are new, what they ask of the tables, where the
checkpoints stand after them. Made without the database, from the checkpoints as they stand there.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from projections.changes import Changes
from projections.checkpoints import LIVE, Checkpoint, Held, Key
from projections.entries import GapFound, LogEntry
from projections.moves import move
from projections.parking import Reading, apply, read, wanted_types
from projections.projection import Projection
from projections.rows import NONE
from projections.upserts import Statement, statements

Batches = Mapping[int, Sequence[LogEntry]]
"""Entries by partition, each in the partition's order."""


class Applied(NamedTuple):
    """How many entries were new to a projection, how many to none, how many records were parked."""

    applied: int = 0
    repeated: int = 0
    parked: int = 0

    def plus(self, other: "Applied") -> "Applied":
        return Applied(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Prepared(NamedTuple):
    """Good for one state of the checkpoints and held streams: the one it was made from.

    Each of `moves` takes so many checkpoints from there. With `at_once` they take all of them, and
    no stream is held: how many they found there tells whether things stand so.
    """

    stored: Mapping[Key, Checkpoint]
    held: Held
    moves: Sequence[tuple[Statement, int]]
    rows: Sequence[Statement]
    at_once: bool
    applied: Applied
    after: dict[Key, Checkpoint]

    @property
    def statements(self) -> list[Statement]:
        """Checkpoints and rows."""
        return [*[statement for statement, _ in self.moves], *self.rows]


class Preparing:
    """Turns entries into statements, for some projections in a database of that dialect."""

    def __init__(
        self, projections: tuple[Projection, ...], dialect: str, moves: str = LIVE
    ) -> None:
        """Those whose checkpoints are in another state than `moves` take nothing."""
        self.projections, self.dialect, self.moves = projections, dialect, moves
        self._wanted = wanted_types(projections)

    def prepare(
        self,
        batches: Batches,
        stored: Mapping[Key, Checkpoint],
        held: Held,
        condemned: Mapping[str, str] = NONE,
    ) -> Prepared:
        """GapFound if entries do not join on to what `stored` says is there already.

        `condemned` says of a projection why the database refuses its rows for these entries.
        """
        changes, moves = Changes(self.dialect), list[tuple[Statement, int]]()
        after, done = dict(stored), Applied()
        now = datetime.now(UTC)
        for partition in sorted(batches):
            entries = batches[partition]
            known: dict[tuple[int, int | None], _New] = {}
            applied = parked = 0
            for projection in self.projections:
                mark = stored[projection.name, projection.version, partition]
                if mark.state != self.moves:
                    continue
                at = (mark.position, mark.next_offset)
                new = known.get(at) or known.setdefault(at, self._new(mark, entries))
                new.marks.append(mark)
                if new.reading.reads:
                    about = (held, condemned, partition, now)
                    parked += len(apply(projection, new.reading, *about, changes))
                    applied = max(applied, len(new.reading.reads))
            for new in known.values():
                if new.puts:
                    puts = {"applied_at": now, **new.puts}
                    moves.append((move(self.dialect, new.marks, puts, new.records), len(new.marks)))
                    after |= new.after()
            done = done.plus(Applied(applied, len(entries) - applied, parked))
        all_move = sum(count for _, count in moves) == len(stored)
        at_once = all_move and not any(held.values()) and self.dialect == "mysql"
        return Prepared(stored, held, moves, statements(changes), at_once, done, after)

    def _new(self, mark: Checkpoint, entries: Sequence[LogEntry]) -> "_New":
        """Repeats move the offset too: they need not come again."""
        fresh = fresh_entries(mark, entries)
        puts: dict[str, Any] = {}
        if entries and entries[-1].offset >= (mark.next_offset or 0):
            puts["next_offset"] = entries[-1].offset + 1
        position = max((entry.position for entry in fresh), default=0)
        if position > mark.position:
            puts["position"] = position
        place = (puts.get("position", mark.position), puts.get("next_offset", mark.next_offset))
        records = [entry.record for entry in fresh if entry.record is not None]
        if records:
            puts["recorded_at"] = records[-1].recorded_at
        return _New(read(fresh, self._wanted), puts, place, len(records), [])


class _New(NamedTuple):
    """What is new to the projections that stand at one place, and how it changes their marks."""

    reading: Reading
    puts: dict[str, Any]
    place: tuple[int, int | None]
    records: int
    marks: list[Checkpoint]

    def after(self) -> dict[Key, Checkpoint]:
        """Where it leaves them."""
        return {mark[:3]: Checkpoint(*mark[:3], *self.place, mark.state) for mark in self.marks}


def halves(batches: Batches) -> list[Batches]:
    """Two parts, neither of them empty, in the order of each partition; none of a single entry."""
    if len(batches) > 1:
        partitions = sorted(batches)
        half = len(partitions) // 2
        return [{p: batches[p] for p in part} for part in (partitions[:half], partitions[half:])]
    ((partition, entries),) = batches.items()
    if len(entries) <= 1:
        return []
    half = len(entries) // 2
    return [{partition: entries[:half]}, {partition: entries[half:]}]


def fresh_entries(mark: Checkpoint, entries: Sequence[LogEntry]) -> list[LogEntry]:
    """The entries that the checkpoint does not cover. GapFound if one is missing before them."""
    position = mark.position
    begin = mark.next_offset or 0
    fresh = []
    for entry in entries:
        _, offset, at, previous, _ = entry
        if 0 <= offset < begin or 0 < at <= position:
            continue
        if previous is not None and previous > position:
            raise GapFound(mark.partition, mark.projection, position, previous)
        fresh.append(entry)
        position = at or position
    return fresh
