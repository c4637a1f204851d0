"""Every statement of the read API goes by an index, and lists come out of it in their order."""

import pytest

from commands import patterns
from infra.database import connect_async
from projections.checkpoints import PARTITIONS
from read_api import search
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
    paths = {route.path for route in routes(engine, b"", PARTITIONS, patterns.search)}
    streams = {
        path for path in paths if path.startswith("/v1/stream")
    }  # tests/test_explain_live.py
    assert {screen.name.partition("?")[0] for screen in SCREENS} == paths - streams


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_an_endpoint_reads_by_an_index(read_url, screen):
    (asked,) = statements(read_url, gets(screen, LARGEST, 1))
    with connection(read_url) as opened:
        for text in ";".join(text for text, _ in asked).split(";"):
            for step in plan(opened.cursor(), text):
                assert not step.scans, (step, text)
                assert step.sorts <= (screen.name in SORTED), (step, text)


@pytest.mark.parametrize("words", ["s", "sit", "sit 1", "mail0", "6281200", "zzz"])
def test_a_search_that_finds_many_goes_from_contact_to_word_and_finds_the_same(
    read_url, monkeypatch, words
):
    get = Get(f"/v1/contacts?limit=30&search={words.replace(' ', '+')}", shown_key(LARGEST[0]))
    monkeypatch.setattr(search, "MANY", 10**6)
    sorted_ = statements(read_url, [get])[0]
    monkeypatch.setattr(search, "MANY", 5)
    walked = statements(read_url, [get])[0]
    with connection(read_url) as opened:
        cursor = opened.cursor()
        found = [[rows_of(cursor, text) for text, _ in asked][-1] for asked in (sorted_, walked)]
        assert found[0] == found[1]
        if words == "zzz":
            assert not found[0]
            return
        assert found[0]
        for step in plan(cursor, walked[-1][0].split(";")[-1]):
            assert not step.scans, step
            assert not step.sorts, step


def rows_of(cursor, text):
    cursor.execute(text.split(";")[-1])
    return cursor.fetchall()
