"""What streams ask goes by an index, however much is kept; so does what takes it away again."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import mysql

from domain.access import ROLES, Principal
from infra.database import connect
from infra.migrate import migrate_read
from projections.campaigns import campaigns
from projections.live import live_campaigns, live_items
from projections.notifications import notifications
from projections.people import number_shares, sessions, users
from projections.streams import notification_deliveries, stream_tickets, stream_trims
from projections.workspaces import api_keys
from read_api.live import backlog, deliveries, follower, items, notices, standing
from read_api.sharing import viewing
from read_api.source import _Text
from tests.plans import plan
from tests.scale_site import empty
from tests.spec import NOW

WORKSPACES = [UUID(int=n) for n in range(1, 21)]
EACH = 400
SORTED = {
    "items of several": "a page's worth of what has just come, out of several companies",
    "campaigns of several": "as many as have just moved",
}
WHO = Principal(
    workspace_id=WORKSPACES[0],
    permissions=ROLES["agent"],
    key_id=UUID(int=1),
    user_id=UUID(int=1),
    session_id=UUID(int=1),
    role="agent",
)
PLACE = {"behind": EACH * 10, "upto": EACH * 10 + 40}
SIZE, MINE = items.several(WORKSPACES[:3])
STATEMENTS = {
    "checkpoints": (follower._stands, follower._OF),
    "items of several": (items.items_of(SIZE), {**MINE, **PLACE}),
    "campaigns of several": (items.campaigns_of(SIZE), {**MINE, **PLACE}),
    "items of one": (items.own_items, {**PLACE, "behind": 0}),
    "campaigns of one": (items.own_campaigns, {**PLACE, "behind": 0}),
    "what is kept": (backlog._trimmed, {}),
    "words": (notices._words, {"notification_id": UUID(int=7)}),
    "what waits": (deliveries._waiting, {**viewing(WHO), "now": NOW}),
    "a key": (standing._key, {"key_id": UUID(int=7)}),
    "a session": (standing._session, {"session_id": UUID(int=7)}),
    "shared numbers": (standing._shares, {"user_id": UUID(int=7)}),
}
UPKEEP = {
    "oldest items": "SELECT workspace_id, position FROM live_items WHERE at < '2020-01-01'"
    " ORDER BY at LIMIT 5000",
    "items that go": "DELETE FROM live_items WHERE workspace_id = 0x{0} AND position <= 7",
    "expired": "SELECT workspace_id, notification_id FROM notifications"
    " WHERE expires_at <= '2020-01-01' LIMIT 5000",
    "one that goes": "DELETE FROM notifications WHERE workspace_id = 0x{0}"
    " AND notification_id = 0x{0}",
    "its deliveries": "DELETE FROM notification_deliveries WHERE workspace_id = 0x{0}"
    " AND notification_id = 0x{0}",
}


@pytest.fixture(scope="module")
def cursor(mysql_url):
    with empty(mysql_url) as url:
        migrate_read(url)
        engine = connect(url, durable=False)
        with engine.begin() as connection:
            for table, rows in filled():
                connection.execute(insert(table), list(rows))
                connection.exec_driver_sql(f"ANALYZE TABLE {table.name}").all()
        raw = engine.raw_connection()
        yield raw.cursor()
        raw.close()
        engine.dispose()


def filled():
    """A few thousand rows, of twenty companies in turns."""
    every = [(ws, n * len(WORKSPACES) + w) for n in range(EACH) for w, ws in enumerate(WORKSPACES)]
    at = {"at": NOW, "topic": "messages", "kind": "message_read", "notice": "", "audience": ""}
    yield live_items, ({"workspace_id": ws, "position": p, **at} for ws, p in every)
    moved = [{"workspace_id": ws, "campaign_id": UUID(int=p), "position": p} for ws, p in every]
    yield live_campaigns, moved
    yield (
        campaigns,
        ({"workspace_id": m["workspace_id"], "campaign_id": m["campaign_id"]} for m in moved),
    )
    told = {"audience": "campaigns.send", "expires_at": NOW + timedelta(days=7)}
    yield (
        notifications,
        ({"workspace_id": ws, "notification_id": UUID(int=p), **told} for ws, p in every),
    )
    for table, ids in (
        (notification_deliveries, ("reader_id", "notification_id")),
        (api_keys, ("key_id",)),
        (sessions, ("session_id", "user_id")),
        (users, ("user_id",)),
        (number_shares, ("user_id", "account_id")),
    ):
        yield table, ({"workspace_id": ws, **dict.fromkeys(ids, UUID(int=p))} for ws, p in every)
    yield stream_trims, ({"workspace_id": ws, "position": 1} for ws in WORKSPACES)
    yield stream_tickets, ({"ticket_id": UUID(int=n), "expires_at": NOW} for n in range(EACH))


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_a_stream_asks_goes_by_an_index(cursor, name):
    statement, binds = STATEMENTS[name]
    text = _Text(statement).filled({"workspace_id": WORKSPACES[2], **binds})
    for step in plan(cursor, text):
        assert not step.scans, (step, text)
        assert step.sorts <= (name in SORTED), (step, text)


def test_how_often_readers_were_sent_what_is_found_by_its_keys(cursor):
    wanted = [(ws, UUID(int=n), UUID(int=n)) for ws in WORKSPACES[:3] for n in range(1, 20)]
    found = deliveries._attempts(wanted).compile(
        dialect=mysql.dialect(), compile_kwargs={"literal_binds": True}
    )
    for step in plan(cursor, str(found)):
        assert not step.scans, step
        assert not step.sorts, step


@pytest.mark.parametrize("name", UPKEEP)
def test_what_is_taken_away_is_found_by_an_index(cursor, name):
    for step in plan(cursor, UPKEEP[name].format(WORKSPACES[2].hex)):
        assert not step.scans, step
        assert not step.sorts, step
