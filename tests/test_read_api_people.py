"""The people messaged on a day: counted again when the day moved, and only then."""

import asyncio
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, insert

from infra.database import connect, connect_async
from infra.migrate import migrate_read
from projections.daily import daily_analytics, daily_contacts
from read_api.analytics import _DAYS, People
from read_api.source import source

WS, FIRST, SECOND = UUID(int=1), date(2026, 5, 1), date(2026, 5, 2)
BETWEEN = {"workspace_id": WS, "first": FIRST, "last": SECOND}


@pytest.fixture
def read(tmp_path):
    url = f"sqlite:///{tmp_path}/read.sqlite"
    migrate_read(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def messaged(read, day, people):
    """So many people have been messaged on the day by now."""
    with read.begin() as connection:
        for table in (daily_analytics, daily_contacts):
            connection.execute(delete(table).where(table.c.day == day))
        about = {"workspace_id": WS, "day": day}
        connection.execute(insert(daily_analytics), about | {"messages_sent": people})
        rows = [about | {"contact_id": UUID(int=n), "messages": 1} for n in range(people)]
        connection.execute(insert(daily_contacts), rows)


class Noted:
    """A source that notes what it is asked."""

    def __init__(self, inner):
        self.inner, self.prepare, self.asked = inner, inner.prepare, []

    async def ask(self, *asked):
        self.asked += asked
        return await self.inner.ask(*asked)


def test_a_day_is_counted_again_when_more_was_sent_on_it_and_only_then(read):
    async def work():
        engine = connect_async(read.url.render_as_string())
        noted = Noted(source(engine))
        people, days = People(noted), noted.prepare(_DAYS)

        async def shown():
            noted.asked.clear()
            (rows,) = await noted.inner.ask((days, BETWEEN))
            found = await people.added(WS, rows)
            counted = [values["first"] for _, values in noted.asked]
            return {day: shown.contacts_messaged for day, shown in found.items()}, counted

        assert await shown() == ({FIRST: 3, SECOND: 2}, [FIRST])
        assert await shown() == ({FIRST: 3, SECOND: 2}, [])
        messaged(read, SECOND, 4)
        assert await shown() == ({FIRST: 3, SECOND: 4}, [SECOND])
        await engine.dispose()

    messaged(read, FIRST, 3)
    messaged(read, SECOND, 2)
    asyncio.run(work())
