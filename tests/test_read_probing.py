"""How a search is carried out is found out once in a while, for each workspace and word."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert

from infra.database import connect, connect_async
from infra.migrate import migrate_read
from projections.contacts import contact_words
from read_api import probing
from read_api.found import DIFFERENT, FEW
from read_api.probing import Probes
from read_api.search import SEARCH
from read_api.source import source

ONE, OTHER = UUID(int=1), UUID(int=2)
RARE, MANY = 5, FEW + 1


@pytest.fixture
def url(tmp_path):
    url = f"sqlite:///{tmp_path}/read.sqlite"
    migrate_read(url)
    engine = connect(url)
    called(engine, range(MANY), "siti", ONE)
    called(engine, range(FEW + 3), "budi", ONE)
    called(engine, range(RARE), "dewi", ONE)
    for n in range(DIFFERENT + 1):
        called(engine, range(MANY), f"a{n}", ONE)
        called(engine, range(RARE), f"z{n}", ONE)
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


def planned(url, *questions):
    """The plan for each workspace and text, and how often the database was asked."""

    async def work():
        engine = connect_async(url)
        noted = Noted(source(engine))
        probes = Probes(noted, (SEARCH,))
        found = []
        for workspace, text in questions:
            binds = {"workspace_id": workspace, **SEARCH.values(text)}
            names, more = await probes.planned((tuple(SEARCH.values(text)),), binds)
            leads = [more[name] for name in sorted(more) if name.startswith("lead")]
            found.append((names[0][-1], leads))
        await engine.dispose()
        return found, noted.asked

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("text", "plan", "words"),
    [
        ("siti", "(in_order 0 1)", ["siti"]),
        ("budi si", "(in_order 1 1)", ["siti"]),
        ("siti dewi", "(in_order 1 1)", ["dewi"]),
        ("siti z", "(few 1 0)", []),
        ("siti nobody", "(few 1 0)", []),
        ("a siti", "(in_order 1 1)", ["siti"]),
        ("a", "(walk 0 0)", []),
    ],
)
def test_the_term_that_leads_is_the_rarest_one_that_begins_few_words(url, text, plan, words):
    found, _ = planned(url, (ONE, text))
    assert found == [(plan, words)]


def test_another_workspace_has_other_words(url):
    found, _ = planned(url, (ONE, "siti"), (OTHER, "siti"))
    assert found == [("(in_order 0 1)", ["siti"]), ("(few 0 0)", [])]


def test_the_same_search_is_planned_once(url):
    _, once = planned(url, (ONE, "siti"), (ONE, "budi"))
    _, asked = planned(url, *[(ONE, "siti"), (ONE, "budi")] * 3)
    assert asked == once


def test_what_was_found_out_is_good_for_a_while_only(url, monkeypatch):
    monkeypatch.setattr(probing, "GOOD_S", 0.0)
    _, once = planned(url, (ONE, "siti"))
    _, asked = planned(url, *[(ONE, "siti")] * 3)
    assert asked == 3 * once


def test_a_list_without_a_search_asks_nothing(url):
    async def work():
        engine = connect_async(url)
        noted = Noted(source(engine))
        found = await Probes(noted, (SEARCH,)).planned(((),), {"workspace_id": ONE})
        await engine.dispose()
        return found, noted.asked

    assert asyncio.run(work()) == ((((),), {"workspace_id": ONE}), 0)
