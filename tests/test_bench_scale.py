"""The loader of the measurement of scale: its rows answer through the API, and its sums agree."""

import httpx2
import pytest

from projections.all import ALL
from tests.bench import scale
from tests.bench.reading import serving
from tests.bench.scale_load import OtherSize, connection, load
from tests.bench.scale_world import World
from tests.bench.screens import SCREENS, gets
from tests.scale_site import SIZE, loaded

SUMS = {
    "sent": "SELECT SUM(sent_at IS NOT NULL) FROM messages",
    "read": "SELECT SUM(read_at IS NOT NULL) FROM messages",
    "failed": "SELECT SUM(status = 'failed') FROM messages",
    "suppressed": "SELECT SUM(status = 'suppressed') FROM messages",
}


@pytest.fixture(scope="module")
def read_url(mysql_url):
    with loaded(mysql_url) as url:
        yield url


@pytest.fixture
def cursor(read_url):
    with connection(read_url) as opened:
        yield opened.cursor()


def one(cursor, text):
    cursor.execute(text)
    return int(cursor.fetchone()[0])


@pytest.mark.parametrize("stage", SUMS)
def test_counts_of_campaigns_days_and_dashboards_are_those_of_the_messages(cursor, stage):
    messages = one(cursor, SUMS[stage])
    assert messages > 0
    assert one(cursor, f"SELECT SUM({stage}_count) FROM campaigns") == messages
    assert one(cursor, f"SELECT SUM(messages_{stage}) FROM daily_analytics") == messages
    assert one(cursor, f"SELECT SUM(messages_{stage}) FROM workspace_dashboard") == messages


def test_counts_of_people_are_those_of_the_contacts(cursor):
    people = one(cursor, "SELECT COUNT(*) FROM contacts WHERE deleted = 0")
    assert one(cursor, "SELECT SUM(contacts) FROM contact_groups") == people
    assert one(cursor, "SELECT SUM(contacts) FROM workspace_dashboard") == people
    sent = one(cursor, SUMS["sent"])
    assert one(cursor, "SELECT SUM(messages) FROM daily_contacts") == sent


EMPTY = {
    "/v1/notifications": "is for people; a key that only reads is told nothing",
    "/v1/messages/search?apart": "words that no message has together",
}


def test_every_screen_answers(read_url):
    company = World(SIZE).companies[1]
    with serving(read_url) as port:
        http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        for screen in SCREENS:
            (get,) = gets(screen, [company], 1)
            answer = http.get(get.url, headers={"Authorization": f"Bearer {get.key}"})
            assert answer.status_code == 200, (get.url, answer.text)
            if answer.headers["content-type"] == "application/json" and screen.name not in EMPTY:
                assert answer.json().get("items") != [], get.url
        http.close()


def test_loading_again_adds_nothing_and_another_size_is_refused(read_url, cursor):
    before = one(cursor, "SELECT COUNT(*) FROM messages")
    load(read_url, World(SIZE))
    assert one(cursor, "SELECT COUNT(*) FROM messages") == before
    with pytest.raises(OtherSize, match="holds the world of size"):
        load(read_url, World(0.001))


def test_a_chunk_that_was_not_committed_is_loaded_by_the_next_run(read_url, cursor):
    rows = one(cursor, "SELECT COUNT(*) FROM messages")
    names = {table.name for projection in ALL for table in projection.tables}
    for name in names:
        cursor.execute(f"DELETE FROM {name}")
    cursor.execute("DELETE FROM scale WHERE chunk >= 0")
    cursor.connection.commit()
    load(read_url, World(SIZE))
    cursor.connection.commit()
    assert one(cursor, "SELECT COUNT(*) FROM messages") == rows


def test_a_disk_that_is_too_small_is_refused_before_anything_is_begun(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(scale, "NEEDED_GB", 10.0**9)
    assert scale.main(["--keep-in", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "GB are free and 1000000000.0 GB are needed for size 1;" in said
    assert list(tmp_path.iterdir()) == []
