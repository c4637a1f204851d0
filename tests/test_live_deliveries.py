"""Several read APIs and one row for each reader and notification: five times in all, and no more."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from domain.access import Principal
from domain.notices import notification_id
from infra.database import connect, connect_async
from projections.streams import notification_deliveries
from read_api.live.deliveries import ATTEMPTS, Deliveries
from read_api.live.room import Uncounted
from read_api.source import source

APIS, ROUNDS = 3, 4
TOLD = [notification_id(n) for n in range(1, 5)]


def reader():
    return Principal(workspace_id=uuid7(), permissions=frozenset(), user_id=uuid7())


@asynccontextmanager
async def read_apis(url):
    """What each of some processes counts with, over connections of its own."""
    engines = [connect_async(url) for _ in range(APIS)]
    yield [Deliveries(engine, source(engine)) for engine in engines]
    for engine in engines:
        await engine.dispose()


def counted(url):
    """The attempts of each (reader, notification)."""
    engine, d = connect(url, durable=False), notification_deliveries.c
    with engine.connect() as connection:
        rows = connection.execute(select(d.reader_id, d.notification_id, d.attempts)).all()
    engine.dispose()
    return {(reader_id, id_): attempts for reader_id, id_, attempts in rows}


def test_what_several_read_apis_send_at_once_is_five_times_in_all(read_database):
    ana, budi = reader(), reader()

    async def claims():
        async with read_apis(read_database) as apis:
            asked = [(api, who) for _ in range(ROUNDS) for api in apis for who in (ana, budi)]
            granted = await asyncio.gather(*[api.claim(who, TOLD) for api, who in asked])
            return [(who, id_) for (_, who), ids in zip(asked, granted, strict=True) for id_ in ids]

    sent = asyncio.run(claims())
    assert {one: sent.count(one) for one in sent} == {
        (who, id_): ATTEMPTS for who in (ana, budi) for id_ in TOLD
    }
    assert counted(read_database) == {
        (who.user_id, id_): ATTEMPTS for who in (ana, budi) for id_ in TOLD
    }


def test_who_was_sent_some_of_them_is_sent_the_others(read_database):
    ana = reader()

    async def claims():
        async with read_apis(read_database) as apis:
            for n in range(ATTEMPTS):
                assert set(await apis[n % APIS].claim(ana, TOLD[:2])) == set(TOLD[:2])
            return await apis[0].claim(ana, TOLD)

    assert asyncio.run(claims()) == set(TOLD[2:])


def test_a_stream_that_goes_while_it_is_counted_holds_nobody_up(read_database):
    ana = reader()

    async def claims():
        async with read_apis(read_database) as (api, *_):
            going = asyncio.create_task(api.claim(ana, TOLD))
            await asyncio.sleep(0)
            going.cancel()
            return await api.claim(ana, TOLD)

    assert asyncio.run(claims()) == set(TOLD)


def test_what_cannot_be_counted_is_not_sent(tmp_path, monkeypatch):
    monkeypatch.setattr("read_api.live.deliveries.AGAIN_S", 0.0)

    async def claims():
        async with read_apis(f"sqlite:///{tmp_path / 'without_tables.sqlite'}") as (api, *_):
            with pytest.raises(Uncounted):
                await api.claim(reader(), TOLD)

    asyncio.run(claims())
