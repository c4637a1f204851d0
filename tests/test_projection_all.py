"""What holds for all read models together, over histories that could have happened."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.campaign import CampaignAudienceQueued
from domain.file import FileShown
from domain.message import MessageOutcomeUnknown
from domain.message.status import STAGES
from domain.owners import OwnerAdded, OwnerLeft
from domain.wire import EVENT_TYPES
from infra.database import connect
from infra.migrate import migrate_read
from projections import live
from projections.all import ALL
from projections.campaigns import campaign_failures, campaign_suppressions, campaigns
from projections.contacts import contact_words, contacts
from projections.daily import daily_analytics
from projections.dashboard import workspace_dashboard
from projections.digest import digest
from projections.entries import chained
from projections.groups import group_members, groups
from projections.messages import messages
from projections.queue import lanes, send_queue
from projections.sink import Sink
from projections.templates import templates
from projections.work import audience_work
from tests.examples import WORKSPACE
from tests.histories import as_records, history
from tests.read_models import Tables, merged

SHOWN_NOWHERE = {
    OwnerAdded,  # what role a user has is shown by the user's own facts
    OwnerLeft,
    FileShown,  # where a file stands is shown by the message's own facts
}
HISTORIES = given(st.integers(0, 2**32), st.integers(1, 200))
THOROUGH = settings(max_examples=20, deadline=None)


def rows_of(log):
    return [row for projection in ALL for row in projection.rows(log)]


def tables_of(log):
    tables = Tables()
    tables.apply(rows_of(log))
    return tables


def test_every_fact_is_shown_somewhere():
    # Streams tell that something has happened; what it was must be shown by something else.
    shown = {
        fact for projection in ALL if projection != live.projection for fact in projection.types
    }
    assert set(EVENT_TYPES.values()) - shown == SHOWN_NOWHERE
    assert not shown & SHOWN_NOWHERE


def test_names_of_projections_and_tables_are_given_once():
    names = Counter(projection.name for projection in ALL)
    names.update(table.name for projection in ALL for table in projection.tables)
    twice = {name for name, count in names.items() if count > 1}
    # A projection may be named after its only or its first table.
    assert all(any(p.name == name == p.tables[0].name for p in ALL) for name in twice)


def test_tables_bind_their_workspace():
    for projection in ALL:
        for table in projection.tables:
            assert "workspace_id" in table.c, table.name


def test_random_histories_have_most_kinds_of_facts():
    seen = Counter(type(r.event) for seed in range(20) for r in history(seed, 400))
    assert len(seen) > len(EVENT_TYPES) - 15
    assert seen[CampaignAudienceQueued] > 20
    assert seen[MessageOutcomeUnknown] > 10


@THOROUGH
@HISTORIES
def test_a_batch_leaves_what_its_facts_leave_one_by_one(seed, steps):
    log, cut = history(seed, steps), Random(seed)
    by_one, batched = Tables(), Tables()
    for row in rows_of(log):
        by_one.apply(merged([row]))
    start = 0
    while start < len(log):
        end = start + cut.choice([1, 2, 7, 50])
        batched.apply(merged(rows_of(log[start:end])))
        start = end
    filled = [{name: t for name, t in x.content.items() if t} for x in (by_one, batched)]
    assert filled[0] == filled[1]


@THOROUGH
@HISTORIES
def test_counters_agree_with_what_they_count(seed, steps):
    tables = tables_of(history(seed, steps))
    figures = tables[workspace_dashboard].get((WORKSPACE,), Counter())
    _groups_agree(tables)
    live = [row for row in tables[contacts].values() if not row["deleted"]]
    assert figures["contacts"] == len(live)
    for flag in ("opted_out", "blocked"):
        assert figures[flag] == sum(row[flag] for row in tables[contacts].values())
    states = Counter(row["status"] for row in tables[campaigns].values())
    for column in [c.name for c in workspace_dashboard.columns]:
        if column.startswith("campaigns_"):
            assert figures[column] == states[column.removeprefix("campaigns_")]
    approved = [t for t in tables[templates].values() if t["status"] == "approved"]
    assert figures["templates_approved"] == len(approved)
    assert all(n >= 0 for n in figures.values())


def _groups_agree(tables):
    counted = Counter()
    for (_, group_id, _, _), member in tables[group_members].items():
        counted[group_id] += member["live"]
    for (_, group_id), row in tables[groups].items():
        assert row["contacts"] == counted[group_id]


@THOROUGH
@HISTORIES
def test_message_counts_agree_with_the_message_log(seed, steps):
    tables = tables_of(history(seed, steps))
    figures = tables[workspace_dashboard].get((WORKSPACE,), Counter())
    log = tables[messages]
    status = Counter(row["status"] for row in log.values())
    assert figures["messages_pending"] == status["queued"] + status["sending"]
    for stage in ("unknown", "suppressed", "cancelled", "failed"):
        assert figures[f"messages_{stage}"] == status[stage]
    for stage in STAGES:
        if stage != "pending":
            per_day = (row[f"messages_{stage}"] for row in tables[daily_analytics].values())
            assert figures[f"messages_{stage}"] == sum(per_day)
    for (_, campaign_id), row in tables[campaigns].items():
        own = Counter(m["status"] for m in log.values() if m["campaign_id"] == campaign_id)
        assert row["pending_count"] == own["queued"] + own["sending"]
        assert row["failed_count"] == own["failed"]
        assert row["queued_count"] <= own.total()
    failures = sum(row["messages"] for row in tables[campaign_failures].values())
    assert failures >= sum(row["failed_count"] for row in tables[campaigns].values())
    held_back = sum(row["messages"] for row in tables[campaign_suppressions].values())
    assert held_back >= sum(row["suppressed_count"] for row in tables[campaigns].values())


@THOROUGH
@HISTORIES
def test_the_queue_holds_exactly_what_is_on_its_way_or_in_doubt(seed, steps):
    tables = tables_of(history(seed, steps))
    waiting = {message_id: row for (_, _, message_id), row in tables[send_queue].items()}
    for (_, message_id, _), row in tables[messages].items():
        if row["status"] in {"queued", "sending", "unknown"}:
            assert waiting.pop(message_id)["state"] == row["status"]
    assert not waiting
    pending = Counter()
    for (account_id, campaign_id, _), row in tables[send_queue].items():
        assert row["content"]
        pending[account_id, campaign_id] += row["state"] != "unknown"
    for lane, row in tables[lanes].items():
        assert row["pending_count"] == pending.pop(lane, 0)
        assert row["state"] in {"running", "paused", "cancelled", "failed"}
    assert not +pending


@THOROUGH
@HISTORIES
def test_audiences_are_open_exactly_while_their_campaign_is_under_way(seed, steps):
    tables = tables_of(history(seed, steps))
    for key, row in tables[campaigns].items():
        work = tables[audience_work].get(key)
        assert (work is not None) == (row["status"] in {"running", "paused"})
        if work:
            assert (work["status"], work["done"]) == (row["status"], row["audience_done"])
            assert work["active"] == (row["status"] == "running")
            assert work["plan"] == row["plan"]


@THOROUGH
@HISTORIES
def test_contacts_are_found_by_what_they_are_called_now(seed, steps):
    tables = tables_of(history(seed, steps))
    found = {(contact_id, word) for _, word, contact_id in tables[contact_words]}
    for (_, contact_id), row in tables[contacts].items():
        words = {word for owner, word in found if owner == contact_id}
        assert row["phone"][1:] in words or not row["phone"]
        assert ("jorg" in words) == ("Jörg" in row["first_name"] + row["last_name"])


def in_a_database(url, records, cuts):
    """The digests of the tables that the records leave when they come in pieces of these sizes."""
    migrate_read(url)
    engine = connect(url, durable=False)
    sink = Sink(engine, ALL, 1)
    start, previous = 0, 0
    while start < len(records):
        piece = records[start : start + next(cuts)]
        done = sink.apply(0, chained(piece, previous))
        assert (done.applied, done.parked) == (len(piece), 0)
        start, previous = start + len(piece), piece[-1].position
    found = digest(engine)
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def log():
    return as_records(history(7, 600))


@pytest.fixture(scope="module")
def expected(log, tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('read')}/at_once.sqlite"
    return in_a_database(url, log, iter([len(log)]))


def test_both_databases_hold_the_same_rows_however_the_log_was_cut(database, log, expected):
    random = Random(3)
    cuts = iter(lambda: random.choice([1, 3, 20, 90]), 0)
    assert in_a_database(database, log, cuts) == expected
