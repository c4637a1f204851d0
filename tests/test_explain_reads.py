"""Every statement of the read API goes by an index, and lists come out of it in their order."""

from pathlib import Path

import pytest

import read_api.found
from commands import patterns
from infra.database import connect_async
from infra.files.folder import FolderStorage
from projections.checkpoints import PARTITIONS
from read_api.app import routes
from tests.bench.reading import statements
from tests.bench.scale_company import shown_key
from tests.bench.scale_load import connection
from tests.bench.scale_world import World
from tests.bench.screens import SCREENS, Get, gets
from tests.plans import plan
from tests.scale_site import SIZE, loaded

SORTED = {
    "/v1/contacts?search=name": "what two words have in common comes in the order of neither",
    "/v1/contacts?search=letter": "what a prefix finds comes in the order of its words",
    "/v1/contacts?search=phone": "as with every search; a long number finds few",
    "/v1/contacts/{contact_id}": "the few groups of one contact, by name",
    "/v1/conversations?label": "those with a label that few have, by their last activity",
    "/v1/messages/search": "what few words find, by when it was said",
    "/v1/messages/search?apart": "as with every search",
    **dict.fromkeys(
        (f"/v1/conversations?{asked}&any" for asked in ("team", "account", "priority")),
        "a page of each of the four states put together",
    ),
    **dict.fromkeys(
        (f"/v1/conversations?agent{asked}" for asked in ("", "&status", "&assignee=me")),
        "a page of each number, or what is theirs of the rows looked at, put together",
    ),
    "/v1/inbox/counts": "a few sums of a few counters",
    "/v1/calls/{call_id}": "the few steps of one call",
}
"""Where rows are sorted after they are found, and why that is no harm."""
LARGEST = World(SIZE).companies[:1]


@pytest.fixture(scope="module")
def read_url(mysql_url):
    with loaded(mysql_url) as url:
        yield url


def test_every_route_of_the_read_api_is_among_the_screens():
    engine = connect_async("mysql://nobody@127.0.0.1/nothing")  # nothing is asked of it
    storage = FolderStorage(Path("nowhere"))
    paths = {route.path for route in routes(engine, b"", PARTITIONS, patterns.search, storage)}
    # tests/test_explain_live.py and tests/test_explain_files.py
    others = {path for path in paths if path.startswith(("/v1/stream", "/v1/files"))}
    assert {screen.name.partition("?")[0] for screen in SCREENS} == paths - others


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_an_endpoint_reads_by_an_index(read_url, screen):
    (asked,) = statements(read_url, gets(screen, LARGEST, 1))
    with connection(read_url) as opened:
        for text in ";".join(text for text, _ in asked).split(";"):
            for step in plan(opened.cursor(), text):
                assert not step.scans, (step, text)
                assert step.sorts <= (screen.name in SORTED), (step, text)


PLANS = {"in_order": (4, 3000), "few": (0, 10**6), "walk": (0, -1)}
"""How few words a term must begin, and how few rows it must have, for each plan."""


@pytest.mark.parametrize("words", ["s", "sit", "sit 1", "mail0", "6281200", "zzz"])
def test_each_plan_of_a_search_goes_by_an_index_and_finds_the_same(read_url, monkeypatch, words):
    get = Get(f"/v1/contacts?limit=30&search={words.replace(' ', '+')}", shown_key(LARGEST[0]))
    found = {}
    with connection(read_url) as opened:
        cursor = opened.cursor()
        for plan_, (different, few) in PLANS.items():
            monkeypatch.setattr(read_api.found, "DIFFERENT", different)
            monkeypatch.setattr(read_api.found, "FEW", few)
            texts = [text for text, _ in statements(read_url, [get])[0]]
            pages = [one for text in texts for one in text.split(";") if "contacts.phone" in one]
            found[plan_] = [row for page in pages for row in rows_of(cursor, page)]
            for step in plan(cursor, pages[0]):
                assert not step.scans, (plan_, step)
                assert not step.sorts or plan_ != "walk" or step.table == "<derived2>", step
    assert found["in_order"] == found["few"] == found["walk"]
    assert bool(found["few"]) == (words != "zzz")


def rows_of(cursor, text):
    cursor.execute(text)
    return cursor.fetchall()
