"""Rows of many months are migrated, read, corrected and rebuilt as if they lay in one place."""

from datetime import timedelta
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import bindparam, inspect, select, text
from sqlalchemy.dialects import mysql

from domain.months import later
from infra.database import connect
from infra.migrate import _config, migrate_read
from projections import messages as message_model
from projections import timeline as timeline_model
from projections import upserts
from projections.messages import messages
from projections.rows import Row
from projections.tables import metadata
from projections.timeline import contact_timeline
from read_api import campaigns, contacts
from tests.examples import accepted, added, attempted, queued
from tests.projection_facts import delivered, sent
from tests.read_models import recorded

WS, CONTACT = UUID(int=1), UUID(int=2)
FIRST, MONTHS, EACH = 203001, 14, 40
OLD = {
    "messages": ("message_id", {"status": "read", "body": "Halo", "version": 4, "wamid": "w"}),
    "contact_timeline": ("contact_id", {"position": 9, "kind": "message_read", "detail": "{}"}),
}


def go(url, revision, move):
    engine = connect(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        move(_config("read", connection), revision)
    return engine


def everything(engine, table):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


def test_rows_that_were_there_stay_in_month_zero_and_come_back_as_they_were(database):
    migrate_read(database)
    engine = go(database, "0004", command.downgrade)
    for table, (id_, columns) in OLD.items():
        values = {"workspace_id": WS.bytes, id_: CONTACT.bytes, **columns}
        names = ", ".join(f":{name}" for name in values)
        with engine.begin() as connection:
            line = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({names})"
            connection.execute(text(line), values)
    before = {table: everything(engine, table) for table in OLD}
    migrate_read(database)
    after = {table: everything(engine, table) for table in OLD}
    new = {"messages": {"month": 0}, "contact_timeline": {"month": 0, "account_id": None}}
    assert after == {table: [row | new[table] for row in before[table]] for table in OLD}
    go(database, "0004", command.downgrade).dispose()
    assert {table: everything(engine, table) for table in OLD} == before
    engine.dispose()


def test_the_tables_have_the_keys_the_code_describes(database):
    migrate_read(database)
    engine = connect(database)
    found = inspect(engine)
    for name, table in metadata.tables.items():
        keys = found.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key], name
    engine.dispose()


@pytest.fixture
def filled(mysql_database):
    """Fourteen months of one contact and of many, in partitions of their own."""
    migrate_read(mysql_database)
    engine = connect(mysql_database)
    months = [later(FIRST, n) for n in range(MONTHS)]
    parts = [f"PARTITION m{m} VALUES LESS THAN ({later(m, 1)})" for m in months]
    parts.append("PARTITION later VALUES LESS THAN MAXVALUE")
    rows = []
    for n in range(MONTHS * EACH):
        month, contact = months[n // EACH], UUID(int=2 + n % 2)
        rows.append(Row(contact_timeline, (WS, contact, n, month), {"kind": "added"}))
        puts = {"wamid": f"w{n}", "status": "sent", "version": 1}
        rows.append(Row(messages, (WS, UUID(int=n), month), puts))
    with engine.begin() as connection:
        for table in (messages.name, contact_timeline.name):
            connection.execute(
                text(f"ALTER TABLE {table} REORGANIZE PARTITION later INTO ({', '.join(parts)})")
            )
        upserts.write(connection, rows)
        connection.execute(text("ANALYZE TABLE messages, contact_timeline")).all()
    yield engine
    engine.dispose()


def explained(engine, statement, **values):
    """How MySQL goes about the statement, as a tree."""
    compiled = str(statement.compile(dialect=mysql.dialect(paramstyle="named")))
    with engine.connect() as connection:
        found = connection.execute(text(f"EXPLAIN FORMAT=TREE {compiled}"), values)
        return str(found.scalar_one())


def endpoint(module, path):
    return next(e for e in module.ENDPOINTS if e.path == path)


def test_a_timeline_is_paged_across_months_in_order_and_without_sorting(filled):
    many = endpoint(contacts, "/v1/contacts/{contact_id}/timeline")
    position = contact_timeline.c.position
    page = many.statement.where(position < bindparam("after")).order_by(position.desc()).limit(50)
    viewing = {"viewer": WS.bytes, "sees_all": 1}
    values = {"workspace_id": WS.bytes, "contact_id": CONTACT.bytes, **viewing}
    with filled.connect() as connection:
        after, seen = 10**6, []
        while rows := connection.execute(page, {**values, "after": after}).all():
            seen += [row.position for row in rows]
            after = seen[-1]
    assert seen == list(range(MONTHS * EACH - 2, -1, -2))
    plan = explained(filled, page, **values, after=10**6, param_1=1, param_2=1, param_3=50)
    assert "PRIMARY" in plan
    assert "sort" not in plan.lower()


@pytest.mark.parametrize(
    ("statement", "index", "values"),
    [
        (
            endpoint(campaigns, "/v1/messages/{message_id}").statement,
            "PRIMARY",
            {"workspace_id": WS.bytes, "message_id": UUID(int=77).bytes},
        ),
        (select(messages.c.message_id).where(messages.c.wamid == bindparam("w")),
         "ix_messages_wamid", {"w": "w77"}),
    ],
    ids=["by id", "by the provider's id"],
)  # fmt: skip
def test_one_message_is_found_in_whatever_month_by_an_index(filled, statement, index, values):
    with filled.connect() as connection:
        (row,) = connection.execute(statement, values).all()
    assert row.message_id == UUID(int=77)
    plan = explained(filled, statement, **values)
    assert f"ndex lookup on messages using {index} (" in plan


def test_what_is_heard_in_a_later_month_changes_the_row_that_is_there(filled):
    facts = recorded(added, queued, attempted, accepted, sent, delivered)
    late = [
        fact._replace(recorded_at=fact.recorded_at + n * timedelta(days=31))
        for n, fact in enumerate(facts)
    ]
    for fact in late:  # one by one, as they come
        with filled.begin() as connection:
            rows = message_model.projection.rows([fact]) + timeline_model.projection.rows([fact])
            upserts.write(connection, rows)
    with filled.connect() as connection:
        mine = messages.c.message_id == queued.message_id
        chosen = select(messages).where(mine, messages.c.workspace_id == queued.workspace_id)
        (row,) = connection.execute(chosen.where(messages.c.version > 1)).all()
        told = connection.execute(
            select(contact_timeline.c.month)
            .where(contact_timeline.c.contact_id == added.contact_id)
            .where(contact_timeline.c.at.is_not(None))
            .order_by(contact_timeline.c.position)
        ).scalars()
        assert list(told) == [202603, 202604, 202607, 202608]
    assert (row.month, row.status, row.version) == (202603, "delivered", 6)


def test_the_month_is_our_own_affair_and_not_in_any_answer():
    for path in ("/v1/messages/{message_id}", "/v1/campaigns/{campaign_id}/messages"):
        assert "month" not in endpoint(campaigns, path).statement.selected_columns
