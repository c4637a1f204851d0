"""Whatever is asked for reaches MySQL as a value only, and nothing that reads can write."""

import asyncio
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, bindparam, insert, literal_column, select, text

from commands import patterns
from domain.access import Principal, permissions_of
from infra.database import SESSION, connect, connect_async
from infra.event_store.literals import bytes_literal, key_literal
from infra.files.folder import FolderStorage
from infra.http.app import build
from infra.migrate import migrate_read
from projections.contacts import contacts
from projections.literals import MYSQL
from read_api.app import routes
from read_api.source import source
from tests.scale_site import empty

WS, OTHER = UUID(int=7), UUID(int=8)
ECHO = select(bindparam("given", type_=String()).label("given"), literal_column("7"))
HOSTILE = [
    "' OR '1'='1",
    "\\' OR 1=1 -- ",
    "\\",
    "'",
    '"',
    "\0",
    "a\0' b",
    "%s %(given)s %",
    "?",
    "; DROP TABLE contacts; -- ",
    "/*! */ # `",
    "\x1a\r\n\t",
    "\u00bf'",
    "\U0001f600\\'",
    "縗' OR 1=1 -- ",
    "\u2019\uff07\u0301",
    "",
]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
TEXTS = st.lists(
    ANY | st.sampled_from(HOSTILE) | st.text("\\'\"%?;\0-\n縗", max_size=9), max_size=9
)
MODES = ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"]
UNDER_ANY_LOAD = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def url(mysql_url):
    with empty(mysql_url) as made:
        migrate_read(made)
        engine = connect(made)
        with engine.begin() as connection:
            for n, workspace_id in enumerate((WS, OTHER)):
                row = {"workspace_id": workspace_id, "contact_id": UUID(int=n), "version": 1}
                connection.execute(insert(contacts), row)
        engine.dispose()
        yield made


@pytest.fixture(scope="module")
def reading(url):
    """A source, and a way to await what it does."""
    with asyncio.Runner() as runner:
        engine = connect_async(url)
        yield source(engine), runner.run
        runner.run(engine.dispose())


@pytest.fixture
def cursor(url):
    """Of a connection as those that write have it."""
    engine = connect(url)
    connection = engine.raw_connection()
    yield connection.cursor()
    connection.close()
    engine.dispose()


@pytest.mark.parametrize("mode", MODES)
def test_any_text_comes_back_as_the_value_it_was_in_every_mode_of_the_server(reading, mode):
    reader, run = reading
    echo = reader.prepare(ECHO)

    @UNDER_ANY_LOAD
    @given(TEXTS)
    def comes_back(texts):
        asked = [(echo, {"given": one}) for one in (*texts, "last")]
        found = run(reader.ask(*asked))
        assert [rows[0] for rows in found] == [(one, 7) for one in (*texts, "last")]

    run(reader._connections.rows(f"SET SESSION sql_mode = '{mode}'", 1))
    comes_back()


def test_numbers_days_and_ids_come_back_as_they_were(reading):
    reader, run = reading
    echo = reader.prepare(select(bindparam("given").label("given")))
    for value, shown in [
        (-(2**63), -(2**63)),
        (0, 0),
        (date(2026, 2, 28), "2026-02-28"),
        (
            UUID("27272727-5c5c-0000-2525-3b3b3b3b3b3b"),
            bytes.fromhex("272727275c5c000025253b3b3b3b3b3b"),
        ),
    ]:
        ((row,),) = run(reader.ask((echo, {"given": value})))
        assert row[0] in (shown, shown.decode("latin-1") if isinstance(shown, bytes) else shown)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM contacts", "UPDATE contacts SET version = 9", "DROP TABLE contacts",
     "CREATE TABLE t (a INT)", "INSERT INTO contacts SELECT * FROM contacts"],
)  # fmt: skip
def test_a_connection_that_reads_cannot_write_whatever_reaches_it(reading, cursor, statement):
    reader, run = reading
    with pytest.raises(Exception, match="READ ONLY"):
        run(reader._connections.rows(f"SELECT 1;{statement}", 2))
    cursor.execute("SELECT COUNT(*), SUM(version) FROM contacts")
    assert cursor.fetchone() == (2, 2)


@UNDER_ANY_LOAD
@given(texts=TEXTS, data=st.binary(max_size=60))
def _literals_come_back(cursor, texts, data):
    for one in texts:
        cursor.execute(f"SELECT {MYSQL[str](one)}, 7")
        assert cursor.fetchone() == (one, 7)
        cursor.execute(b"VALUES ROW" + key_literal((WS.bytes, "POST /v1", one)))
        assert cursor.fetchone() == (WS.bytes, "POST /v1", one)
    for raw in (data, *(one.encode() for one in texts)):
        cursor.execute(f"SELECT {MYSQL[bytes](raw)}, 7")
        assert cursor.fetchone()[1] == 7
        cursor.execute(b"SELECT " + bytes_literal(raw) + b", 7")
        assert cursor.fetchone() == (raw, 7)


def test_what_is_written_comes_back_as_the_value_it_was(cursor):
    _literals_come_back(cursor)


def test_our_session_sets_the_mode_that_its_literals_need(url):
    engine = connect(url)
    with engine.connect() as connection:
        connection.execute(text("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'"))
        connection.exec_driver_sql(SESSION)
        mode = connection.execute(text("SELECT @@sql_mode")).scalar_one()
    engine.dispose()
    assert "STRICT_TRANS_TABLES" in mode
    assert "NO_BACKSLASH_ESCAPES" not in mode


async def _known(_token):
    return Principal(workspace_id=WS, key_id=UUID(int=1), permissions=permissions_of(("read",)))


async def _ready():
    return {}


@pytest.mark.parametrize(
    "path",
    ["/v1/contacts?search={}", "/v1/contacts?group={}", "/v1/contacts?after={}",
     "/v1/contacts?opted_out={}", "/v1/contacts?limit={}", "/v1/contacts/{}",
     "/v1/contacts/{}/timeline", "/v1/campaigns?status={}", "/v1/campaigns/{}/messages",
     "/v1/analytics/daily?from={}&to={}", "/v1/templates/{}", "/v1/imports/{}/rows.csv"],
)  # fmt: skip
def test_hostile_texts_in_filters_cursors_and_paths_show_nobody_elses(url, path):
    async def ask():
        engine = connect_async(url)
        parts = routes(engine, b"x", 12, patterns.search, FolderStorage(Path("nowhere")))
        transport = httpx2.ASGITransport(app=build(parts, _known, "", _ready))
        key = {"Authorization": "Bearer key"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://read", headers=key
        ) as client:
            answers = [
                await client.get(path.replace("{}", "".join(f"%{b:02X}" for b in one.encode())))
                for one in HOSTILE
                if one
            ]
        await engine.dispose()
        return answers

    for answer in asyncio.run(ask()):
        assert answer.status_code in (200, 400, 404, 422), answer.text
        if answer.status_code == 200:
            assert answer.json()["items"] == []
