"""The rows of one transaction in the making: which entries are new, what they ask for, where the
checkpoints stand after them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from projections.checkpoints import UNBUILT, Checkpoint, Held, Key, checkpoints
from projections.entries import GapFound, LogEntry, NotRebuilt
from projections.parking import Read, read_contents, rows_of
from projections.projection import Projection
from projections.rows import Row


class Applied(NamedTuple):
    """How many entries were new to a projection, how many to none, how many records were parked."""

    applied: int = 0
    repeated: int = 0
    parked: int = 0

    def plus(self, other: "Applied") -> "Applied":
        return Applied(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Batch:
    """The rows of one transaction in the making."""

    def __init__(
        self,
        projections: tuple[Projection, ...],
        stored: Mapping[Key, Checkpoint],
        held: Held,
        condemned: Mapping[str, str],
        wanted: frozenset[str],
    ) -> None:
        self.projections, self.stored, self.held = projections, stored, held
        self.condemned, self.wanted = condemned, wanted
        self.rows: list[Row] = []
        self.now = datetime.now(UTC)

    def add(self, partition: int, entries: Sequence[LogEntry]) -> Applied:
        """A partition's part. Projections that stand at the same place share the reading."""
        shared: dict[tuple[int, int | None], list[Read]] = {}
        applied = parked = 0
        for projection in self.projections:
            mark = self.stored[projection.name, projection.version, partition]
            at = (mark.position, mark.next_offset)
            if at not in shared:
                shared[at] = read_contents(fresh_entries(mark, entries), self.wanted)
            reads = shared[at]
            if reads:
                rows, count = rows_of(
                    projection, reads, self.held, self.condemned, partition, self.now
                )
                self.rows += rows
                applied, parked = max(applied, len(reads)), parked + count
            if moved := self._moved(mark, reads, entries):
                columns = {"applied_at": self.now, **moved}
                count = sum(read.entry.record is not None for read in reads)
                self.rows.append(Row(checkpoints, mark[:3], columns, {"records": count}))
        return Applied(applied, len(entries) - applied, parked)

    def _moved(
        self, mark: Checkpoint, reads: Sequence[Read], entries: Sequence[LogEntry]
    ) -> dict[str, Any]:
        """What changes in the checkpoint. Repeats move the offset too: they need not come again."""
        puts: dict[str, Any] = {}
        if entries and entries[-1].offset >= (mark.next_offset or 0):
            puts["next_offset"] = entries[-1].offset + 1
        position = max((read.entry.position for read in reads), default=0)
        if position > mark.position:
            puts["position"] = position
        records = [read.entry.record for read in reads if read.entry.record is not None]
        if records:
            puts["recorded_at"] = records[-1].recorded_at
        return puts


def fresh_entries(mark: Checkpoint, entries: Sequence[LogEntry]) -> list[LogEntry]:
    """The entries that the checkpoint does not cover. GapFound if one is missing before them."""
    position = mark.position
    if position == UNBUILT:
        raise NotRebuilt(mark.partition, mark.projection)
    fresh = []
    for entry in entries:
        if mark.next_offset is not None and 0 <= entry.offset < mark.next_offset:
            continue
        if 0 < entry.position <= position:
            continue
        if entry.previous is not None and entry.previous > position:
            raise GapFound(mark.partition, mark.projection, position, entry.previous)
        fresh.append(entry)
        position = entry.position or position
    return fresh
