"""Read models in memory: what a projection's row operations make of empty tables."""

from datetime import timedelta

from msgspec.structs import replace

from domain.kernel import Metadata, Recorded
from projections.changes import Change, Changes
from projections.rows import Row
from tests.spec import NOW, over_the_wire


def at(position):
    """When the fact at that position was recorded."""
    return NOW + timedelta(seconds=position)


def recorded(*events, time_zone="UTC"):
    """The facts in their envelopes, at positions from 1, as one stream."""
    metadata = Metadata(time_zone=time_zone)
    return [
        Recorded(n, event.workspace_id, n, at(n), metadata, over_the_wire(event))
        for n, event in enumerate(events, 1)
    ]


class Tables:
    """Table -> key -> row, as a dict of the columns that are not in the key."""

    def __init__(self):
        self.content = {}

    def apply(self, rows):
        for row in rows:
            table = self.content.setdefault(row.table.name, {})
            if row.fresh:
                table.pop(row.key, None)
                if not row.stands:
                    continue
            stored = table.setdefault(row.key, fresh(row.table))
            assert stored.keys() >= row.puts.keys() | row.adds.keys()
            stored |= row.puts
            for column, n in row.adds.items():
                stored[column] += n

    def __getitem__(self, table):
        return self.content.get(table.name, {})

    def one(self, table):
        """The only row's columns."""
        (row,) = self[table].values()
        return row


def fresh(table):
    """A row that was just made: every column at its default."""
    row = {}
    for column in table.columns:
        if column.primary_key:
            continue
        default = column.server_default
        if default is None:
            assert column.nullable, f"{table.name}.{column.name} has neither default nor null"
            row[column.name] = None
        else:
            text = getattr(default.arg, "text", default.arg).strip("'")
            row[column.name] = int(text) if column.type.python_type is int else text
    return row


def built(projection, *events, **options):
    """What the facts leave behind; applied one by one they must leave the same."""
    facts = recorded(*events, **options)
    tables, at_once, by_one = Tables(), Tables(), Tables()
    rows = projection.rows(facts)
    tables.apply(rows)
    at_once.apply(merged(rows))
    for row in rows:
        by_one.apply(merged([row]))
    assert _filled(at_once) == _filled(by_one)
    return tables


def merged(rows):
    """What a transaction makes of the operations: one a row, its values as SQLite takes them."""
    changes = Changes("sqlite")
    changes.take(rows)
    return [
        Row(table, key, change.puts, change.adds, change.fresh, kept=True)
        if isinstance(change, Change)
        else replace(change[0], key=key, puts=dict(zip(*change[2:], strict=True)))
        for table, found in changes.tables.items()
        for key, change in found.items()
    ]


def _filled(tables):
    return {name: rows for name, rows in tables.content.items() if rows}


def changed(row, table):
    """The columns of a row that are not at their defaults."""
    return {name: value for name, value in row.items() if value != fresh(table)[name]}
