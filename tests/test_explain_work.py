"""Every statement by which policies and senders find their work goes by an index."""

from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import event, insert
from uuid_utils.compat import uuid7

from commands.policies.audience import AudiencePolicy
from commands.policies.auto_reply import AutoReplyPolicy
from commands.policies.cancellations import CancellationsPolicy
from commands.policies.claims import Claims
from commands.policies.completion import CompletionPolicy
from commands.policies.read_receipts import ReadReceiptsPolicy
from commands.policies.recipients import chunk
from commands.policies.round_robin import RoundRobinPolicy
from commands.policies.schedule import SchedulePolicy
from commands.policies.snoozed import SnoozedPolicy
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.waiting_turns import Waiting, WaitingTurns
from commands.policies.zones import Zones
from domain.campaign import Audience
from infra.database import connect
from infra.event_store import open_store
from infra.migrate import migrate_store
from projections.checkpoints import PARTITIONS
from projections.considerations import considerations
from projections.queue import lanes, send_queue
from projections.read_receipts import read_receipts
from projections.turns import turn_loads, turn_teams, turns
from projections.wakeups import wakeups
from projections.work import audience_work, schedule
from tests.bench.scale_load import connection
from tests.bench.scale_world import World
from tests.plans import plan
from tests.scale_site import SIZE, loaded

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
LANES, MESSAGES, CHATS = 300, 3000, 200
HOURLY = ("FROM campaigns", "FROM workspaces")
"""Read whole, once an hour: the sweep goes through every campaign that is a month old."""
FEW = {"lanes", "turn_teams", "accounts"}
"""A row for each campaign under way or ended early, for each team that works in turns, for each number:
may be read whole where most are looked for.
"""
STATES = ("queued", "sending", "unknown")


@pytest.fixture(scope="module")
def read(mysql_url):
    with loaded(mysql_url) as url:
        engine = connect(url)
        with engine.begin() as transaction:
            _work(transaction)
        with connection(url) as opened:
            cursor = opened.cursor()
            cursor.execute(
                "ANALYZE TABLE lanes, send_queue, audience_work, schedule, wakeups, turns, turn_teams,"
                " turn_loads, considerations, read_receipts"
            )
        yield engine
        engine.dispose()


def _work(transaction):
    """Lanes of all states, most of them at their end, and messages in them."""
    companies = World(SIZE).companies
    places = []
    for n in range(LANES):
        company = companies[n % len(companies)]
        state = ("completed", "cancelled", "running", "paused", "failed")[n % 5]
        place = {"account_id": company.of(2, 0), "campaign_id": company.of(4, 900 + n)}
        ids = place | {"workspace_id": company.id}
        places.append(ids)
        ended = {"pending_count": int(n % 7 == 0), "audience_done": 1}
        transaction.execute(insert(lanes), {**ids, "state": state, **ended})
        where = {"workspace_id": company.id, "campaign_id": ids["campaign_id"]}
        due = NOW + timedelta(hours=n - 3)
        transaction.execute(insert(schedule), {**where, "due_at": due})
        work = {"plan": "{}", "launched_position": 1, "active": int(n == 0), "done": int(n > 0)}
        transaction.execute(
            insert(audience_work), {**where, "account_id": ids["account_id"], **work}
        )
    rows = [
        {**places[n % LANES], "message_id": uuid7(), "contact_id": UUID(int=n), "content": "{}",
         "state": STATES[n % 97 % 3 if n % 97 < 3 else 0], "due_at": NOW + timedelta(seconds=n),
         "attempted_at": NOW - timedelta(seconds=n)}
        for n in range(MESSAGES)
    ]  # fmt: skip
    transaction.execute(insert(send_queue), rows)
    _chats(transaction, companies)


def _chats(transaction, companies):
    """Snoozed conversations, and those of teams that are full."""
    for n, company in enumerate(companies):
        ids = [{"workspace_id": company.id, "conversation_id": uuid7()} for _ in range(CHATS)]
        due = [{**id_, "due_at": NOW + timedelta(seconds=m)} for m, id_ in enumerate(ids)]
        transaction.execute(insert(wakeups), due)
        of = {"team_id": UUID(int=n), "account_id": company.of(2, 0)}
        transaction.execute(
            insert(turns), [{**id_, **of, "since_position": m} for m, id_ in enumerate(ids)]
        )
        where = {"workspace_id": company.id}
        transaction.execute(insert(turn_teams), {**where, "team_id": UUID(int=n)})
        heard = [{**where, "message_id": uuid7(), "conversation_id": uuid7(), "contact_id": uuid7(),
                  "account_id": company.of(2, 0), "at": NOW, "position": m} for m in range(CHATS)]  # fmt: skip
        transaction.execute(insert(considerations), heard)
        told = [{**id_, "account_id": company.of(2, 0), "message_id": uuid7(),
                 "asked_at": LONG_AGO - timedelta(hours=m)} for m, id_ in enumerate(ids)]  # fmt: skip
        transaction.execute(insert(read_receipts), told)
        loads = [{**where, "user_id": UUID(int=m), "open_count": 9} for m in range(CHATS)]
        transaction.execute(insert(turn_loads), loads)


@pytest.fixture
def asked(read):
    """The reading statements that went over the engine, each text once."""
    seen = {}

    def note(_connection, _cursor, statement, values, _context, _many):
        if statement.lstrip().startswith("SELECT"):
            seen.setdefault(statement, values)

    event.listen(read, "before_cursor_execute", note)
    yield seen
    event.remove(read, "before_cursor_execute", note)


@pytest.fixture
def store(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    migrate_store(url)
    opened = open_store(url)
    yield opened
    opened.close()


def steps(read, asked):
    assert asked
    with connection(read.url.render_as_string(hide_password=False)) as opened:
        for text, values in asked.items():
            if not any(text.partition("\n")[2].lstrip().startswith(whole) for whole in HOURLY):
                yield from ((step, text) for step in plan(opened.cursor(), text, values))


def policies(store, read):
    zones = Zones(read)
    yield SchedulePolicy(store, read, zones)
    yield CompletionPolicy(store, read, zones)
    yield CancellationsPolicy(store, read, zones)
    yield TemplateCampaignsPolicy(store, read, zones)
    yield UnresolvedPolicy(store, read, zones)
    yield SnoozedPolicy(store, read, zones)
    yield ReadReceiptsPolicy(read, nullcontext)
    yield RoundRobinPolicy(store, read, zones)
    yield AutoReplyPolicy(store, read, zones)


def test_policies_find_what_is_to_be_done_by_an_index(store, read, asked):
    for policy in policies(store, read):
        policy.step(LONG_AGO)
    for step, text in steps(read, asked):
        assert not step.scans or step.table in FEW, (step, text)


def test_of_a_teams_turns_the_oldest_of_each_number_are_read(read, asked):
    waiting, company = WaitingTurns(read), World(SIZE).companies[0]
    with_turns = Waiting(company.id, UUID(int=0))
    numbers = waiting.accounts(with_turns)
    assert len(waiting.oldest(with_turns, numbers, 50)) == 50
    assert waiting.loads(company.id, [UUID(int=1)])
    for step, text in steps(read, asked):
        assert not step.scans, (step, text)
        assert not step.sorts, (step, text)


def test_an_audience_is_read_in_the_order_of_contacts(read, asked):
    company = World(SIZE).companies[0]
    groups = Audience(kind="groups", groups=(company.of(6, 0), company.of(6, 1)))
    with read.connect() as opened:
        for audience in (Audience(kind="all"), groups):
            for through in (None, company.of(3, 10)):
                chunk(opened, company.id, audience, 10**12, through, 2)
    for step, text in steps(read, asked):
        assert not step.scans, (step, text)
        assert not step.sorts, (step, text)


def test_claims_come_in_the_order_in_which_they_are_due(read, asked):
    claims = Claims(World(SIZE).companies[0].of(2, 0))
    with read.connect() as opened:
        running = claims.running(opened)
        claims.take(opened, running, 100, NOW + timedelta(days=1))
    for step, text in steps(read, asked):
        assert not step.scans, (step, text)
        assert not step.sorts, (step, text)


def test_the_audiences_in_work_are_found_by_an_index(store, read, asked):
    with suppress(msgspec.ValidationError):  # the plans of these are empty
        AudiencePolicy(store, read, Zones(read), PARTITIONS).step(NOW)
    for step, text in steps(read, asked):
        assert not step.scans, (step, text)
