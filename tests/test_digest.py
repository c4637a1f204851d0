"""Equal rows have equal fingerprints, in whichever database and order they were written."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Column, Date, MetaData, String, Table, delete, insert

from infra.database import connect
from projections.digest import digest, read_models
from projections.tables import Instant, id_column

metadata = MetaData()
things = Table(
    "things",
    metadata,
    id_column("id", primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("at", Instant),
    Column("day", Date),
    Column("note", String(100)),
    mysql_collate="utf8mb4_0900_ai_ci",
)
AT = datetime(2025, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
ROWS = [
    {"id": UUID(int=n % 3), "name": name, "at": AT if n % 2 else None, "day": AT.date(), "note": ""}
    for n, name in enumerate(["b", "a", "B", "Zürich", "zebra", "ä", "", "💬", "A "])
]


@pytest.fixture
def engine(database):
    engine = connect(database)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def fill(engine, rows):
    with engine.begin() as connection:
        connection.execute(delete(things))
        if rows:
            connection.execute(insert(things), rows)
    return digest(engine, [things])["things"]


def test_the_order_of_writing_does_not_show(engine):
    assert fill(engine, ROWS) == fill(engine, ROWS[::-1])


def test_any_difference_shows(engine):
    seen = {fill(engine, ROWS), fill(engine, []), fill(engine, ROWS[1:])}
    for column, value in (("at", AT), ("day", None), ("note", "x"), ("note", None)):
        seen.add(fill(engine, [*ROWS[:-1], {**ROWS[-1], column: value}]))
    seen.add(fill(engine, [*ROWS[:1], {**ROWS[1], "at": AT.replace(microsecond=2)}, *ROWS[2:]]))
    assert len(seen) == 8


def test_both_databases_have_the_same(tmp_path, mysql_database):
    found = set()
    for url in (f"sqlite:///{tmp_path / 'a.sqlite'}", mysql_database):
        engine = connect(url)
        metadata.create_all(engine)
        found.add(fill(engine, ROWS))
        engine.dispose()
    assert len(found) == 1


def test_all_read_models_are_covered_unless_told_which():
    assert {"campaigns", "messages", "contacts"} <= {table.name for table in read_models()}
    assert {"checkpoints", "parked"}.isdisjoint(table.name for table in read_models())
