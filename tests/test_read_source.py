"""The read API's own way to MySQL: values stay values, and a lost connection is not noticed."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import bindparam, insert, literal_column, select
from sqlalchemy.exc import OperationalError

from infra.database import connect, connect_async
from infra.migrate import migrate_read
from projections.contacts import contacts
from read_api.source import source
from tests.scale_site import empty

WS = UUID(int=7)
NAMED = select(contacts.c.first_name, contacts.c.contact_id).where(
    contacts.c.workspace_id == bindparam("workspace_id"),
    contacts.c.first_name == bindparam("name"),
    contacts.c.last_name.not_like("100%"),
)
NAMES = ["O'Hara", 'a"b', "back\\slash", "50%", "%s", "%(name)s", "; DROP TABLE contacts", "محمد"]
CONNECTION = select(literal_column("CONNECTION_ID()"))


@pytest.fixture(scope="module")
def url(mysql_url):
    with empty(mysql_url) as made:
        migrate_read(made)
        engine = connect(made)
        with engine.begin() as connection:
            for n, name in enumerate(NAMES):
                row = {"workspace_id": WS, "contact_id": UUID(int=n), "first_name": name}
                connection.execute(insert(contacts), row)
        engine.dispose()
        yield made


def reading(url, work):
    async def run():
        engine = connect_async(url)
        try:
            return await work(source(engine))
        finally:
            await engine.dispose()

    return asyncio.run(run())


def test_a_value_is_found_as_it_is_whatever_characters_it_has(url):
    async def work(reader):
        asked = reader.prepare(NAMED)
        for n, name in enumerate(NAMES):
            ((found,),) = await reader.ask((asked, {"workspace_id": WS, "name": name}))
            assert found == (name, UUID(int=n).bytes)

    reading(url, work)


def test_several_statements_answer_in_their_order(url):
    async def work(reader):
        asked = reader.prepare(NAMED)
        given = [(asked, {"workspace_id": WS, "name": name}) for name in (*NAMES, "nobody")]
        return await reader.ask(*given)

    found = reading(url, work)
    assert [row[0][0] for row in found[:-1]] == NAMES
    assert len(found[-1]) == 0


def _kill(url, connection_id):
    engine = connect(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"KILL {connection_id}")
    engine.dispose()


def test_a_connection_that_died_in_the_meantime_is_replaced_unnoticed(url):
    async def work(reader):
        asked = reader.prepare(CONNECTION)
        ((first,),) = (await reader.ask((asked, {})))[0:1]
        await asyncio.to_thread(_kill, url, first[0])
        ((second,),) = (await reader.ask((asked, {})))[0:1]
        return first[0], second[0]

    first, second = reading(url, work)
    assert first != second


def test_a_connection_is_not_used_again_when_its_answer_was_not_awaited(url):
    async def work(reader):
        slow = reader.prepare(select(literal_column("SLEEP(30)")))
        asked = reader.prepare(CONNECTION)
        ((before,),) = (await reader.ask((asked, {})))[0:1]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.ask((slow, {})), 0.5)
        ((after,),) = (await reader.ask((asked, {})))[0:1]
        return before[0], after[0]

    before, after = reading(url, work)
    assert before != after


def test_a_database_that_is_away_is_said_to_be(url):
    async def work(reader):
        await reader.ask((reader.prepare(CONNECTION), {}))

    nowhere = url.replace(url.rsplit("/", 1)[1], "nothing_of_that_name")
    with pytest.raises(OperationalError):
        reading(nowhere, work)
