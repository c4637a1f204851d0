"""How MySQL means to find the rows of a statement, and what is wrong with that."""

from typing import NamedTuple


class Step(NamedTuple):
    """One line of EXPLAIN."""

    table: str
    kind: str
    key: str
    extra: str

    @property
    def scans(self):
        return self.kind in {"ALL", "index"} and not self.table.startswith("<")

    @property
    def sorts(self):
        return "filesort" in self.extra or "temporary" in self.extra


def plan(cursor, text, values=None):
    cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {text}", values)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [
        Step(row["table"] or "", row["type"] or "", row["key"] or "", row["Extra"] or "")
        for row in rows
    ]
