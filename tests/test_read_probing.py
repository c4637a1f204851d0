"""How a search is carried out is found out once in a while, for each workspace and word."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert

from infra.database import connect, connect_async
from infra.migrate import migrate_read
from projections.contacts import contact_words
from read_api import probing
from read_api.probing import Probes
from read_api.query import DENSE
from read_api.search import MANY, SEARCH
from read_api.source import source

ONE, OTHER = UUID(int=1), UUID(int=2)
NAMES = (("word0", "word0_end"),)
MARKED = (("word0", "word0_end", DENSE),)


@pytest.fixture
def url(tmp_path):
    url = f"sqlite:///{tmp_path}/read.sqlite"
    migrate_read(url)
    engine = connect(url)
    called(engine, range(MANY + 1), "siti", ONE)
    called(engine, range(5), "budi", ONE)
    engine.dispose()
    return url


def called(engine, people, word, workspace):
    rows = [{"workspace_id": workspace, "contact_id": UUID(int=n), "word": word} for n in people]
    with engine.begin() as connection:
        connection.execute(insert(contact_words), rows)


class Noted:
    """A source that counts what it is asked."""

    def __init__(self, inner):
        self.inner, self.prepare, self.asked = inner, inner.prepare, 0

    async def ask(self, *asked):
        self.asked += len(asked)
        return await self.inner.ask(*asked)


def probed(url, *questions):
    """The marks for each workspace and word, and how often the database was asked."""

    async def work():
        engine = connect_async(url)
        noted = Noted(source(engine))
        probes = Probes(noted, (SEARCH,))
        found = []
        for workspace, word in questions:
            binds = {"workspace_id": workspace, **SEARCH.values(word)}
            found.append(await probes.marked(NAMES, binds))
        await engine.dispose()
        return found, noted.asked

    return asyncio.run(work())


def test_a_word_of_very_many_contacts_is_marked_and_a_rare_one_is_not(url):
    found, _ = probed(url, (ONE, "siti"), (ONE, "si"), (ONE, "budi"), (OTHER, "siti"))
    assert found == [MARKED, MARKED, NAMES, NAMES]


def test_the_same_search_is_probed_once(url):
    found, asked = probed(url, *[(ONE, "siti"), (ONE, "budi"), (OTHER, "siti")] * 3)
    assert found == [MARKED, NAMES, NAMES] * 3
    assert asked == 3


def test_what_was_found_out_is_good_for_a_while_only(url, monkeypatch):
    monkeypatch.setattr(probing, "GOOD_S", 0.0)
    _, asked = probed(url, *[(ONE, "siti")] * 3)
    assert asked == 3


def test_a_list_without_a_search_asks_nothing(url):
    async def work():
        engine = connect_async(url)
        noted = Noted(source(engine))
        found = await Probes(noted, (SEARCH,)).marked(((),), {"workspace_id": ONE})
        await engine.dispose()
        return found, noted.asked

    assert asyncio.run(work()) == (((),), 0)
