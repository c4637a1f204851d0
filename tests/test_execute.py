from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import uuid_utils.compat as uuids

from commands.execute import Ask, execute, execute_many
from commands.store import Append, Receipt, ReceiptExists, VersionConflict
from commands.streams import Stale, Streams
from domain.account import ConnectNumber, account
from domain.contact import (
    AddContact,
    BlockContact,
    ContactAdded,
    ContactBlocked,
    ContactOptedOut,
    JoinGroup,
    OptOutContact,
    Profile,
    contact,
)
from domain.identifier import ClaimIdentifier, IdentifierClaimed, identifier
from domain.ids import identifier_id
from domain.kernel import Metadata, Rejected
from infra.event_store.store import open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ME = Metadata(actor="key:1", request_id="r1")
ONE, TWO = uuids.uuid7(), uuids.uuid7()


@pytest.fixture
def store(store_database):
    opened = open_store(store_database)
    yield opened
    opened.close()


def adding(id_, phone="+6281234567890", workspace=ONE):
    profile = Profile(phone=phone)
    add = AddContact(workspace_id=workspace, contact_id=id_, profile=profile)
    claim = ClaimIdentifier(workspace_id=workspace, contact_id=id_, kind="phone", value=phone)
    stream = identifier_id(workspace, "phone", phone)
    return [Ask(contact, id_, add), Ask(identifier, stream, claim)]


def blocking(id_, workspace=ONE, expected=None):
    return Ask(contact, id_, BlockContact(workspace_id=workspace, contact_id=id_), expected)


def opting_out(id_, workspace=ONE):
    return Ask(contact, id_, OptOutContact(workspace_id=workspace, contact_id=id_))


def add(store, **more):
    id_ = uuids.uuid7()
    execute(store, adding(id_, **more), ME, NOW)
    return id_


def events(store, id_):
    return [type(recorded.event) for recorded in store.load([id_])[id_]]


def rival(store, id_):
    """Somebody else's fact on the same stream, written behind everybody's back."""
    version = len(store.load([id_])[id_])
    fact = ContactOptedOut(workspace_id=ONE, contact_id=id_, source="api")
    store.append([Append(id_, version, [fact], ME)], NOW)


class Overtaken:
    """The real store, where somebody else writes first, as often as told, before each append."""

    def __init__(self, store, id_, times):
        self._store, self._id, self.times = store, id_, times

    def __getattr__(self, name):
        return getattr(self._store, name)

    def append(self, *arguments):
        if self.times:
            self.times -= 1
            rival(self._store, self._id)
        return self._store.append(*arguments)


def test_all_asks_are_stored_together_with_their_metadata(store):
    id_ = uuids.uuid7()
    done = execute(store, adding(id_), ME, NOW)
    assert [type(event) for event in done.events] == [ContactAdded, IdentifierClaimed]
    assert (done.version, done.position) == (1, 1)
    (recorded,) = store.load([id_])[id_]
    assert (recorded.metadata, recorded.recorded_at) == (ME, NOW)


def test_one_refusal_stores_none_of_the_asks(store):
    add(store)
    id_ = uuids.uuid7()
    with pytest.raises(Rejected) as refused:
        execute(store, adding(id_), ME, NOW)
    assert refused.value.code == "identifier_taken"
    assert store.head() == 2
    assert events(store, id_) == []


def test_what_is_so_already_stores_nothing_and_says_where_the_stream_stands(store):
    id_ = add(store)
    first = execute(store, [blocking(id_)], ME, NOW)
    again = execute(store, [blocking(id_)], ME, NOW)
    assert again.events == []
    assert (again.version, again.position) == (first.version, first.position) == (2, 3)


def test_two_asks_for_one_stream_follow_each_other(store):
    id_ = add(store)
    done = execute(store, [blocking(id_), opting_out(id_)], ME, NOW)
    assert done.version == 3
    assert events(store, id_) == [ContactAdded, ContactBlocked, ContactOptedOut]


def test_a_lost_race_is_decided_again_on_fresh_facts(store):
    id_ = add(store)
    done = execute(Overtaken(store, id_, 3), [blocking(id_)], ME, NOW)
    assert done.version == 5
    assert events(store, id_)[-1] is ContactBlocked


def test_whoever_always_loses_the_race_is_told(store):
    id_ = add(store)
    with pytest.raises(VersionConflict):
        execute(Overtaken(store, id_, 4), [blocking(id_)], ME, NOW)
    assert ContactBlocked not in events(store, id_)


def test_a_stale_expected_version_is_refused_and_not_retried(store):
    id_ = add(store)
    rival(store, id_)
    with pytest.raises(Stale):
        execute(store, [blocking(id_, expected=1)], ME, NOW)
    assert execute(store, [blocking(id_, expected=2)], ME, NOW).version == 3


def test_an_expected_version_lost_in_a_race_is_refused(store):
    id_ = add(store)
    with pytest.raises(Stale):
        execute(Overtaken(store, id_, 1), [blocking(id_, expected=1)], ME, NOW)
    assert ContactBlocked not in events(store, id_)


def test_another_workspaces_stream_looks_as_if_it_were_not_there(store):
    id_, nobody = add(store), uuids.uuid7()
    with pytest.raises(Rejected) as foreign:
        execute(store, [blocking(id_, TWO)], ME, NOW)
    with pytest.raises(Rejected) as absent:
        execute(store, [blocking(nobody, TWO)], ME, NOW)
    assert foreign.value.code == absent.value.code == "not_found"
    assert str(foreign.value).replace(id_.hex, "") == str(absent.value).replace(nobody.hex, "")


def test_creating_on_another_workspaces_stream_is_refused(store):
    id_ = add(store)
    with pytest.raises(Rejected) as refused:
        execute(store, adding(id_, "+6281234567000", TWO), ME, NOW)
    assert refused.value.code == "not_found"


def test_a_number_is_connected_to_one_workspace(store):
    id_ = uuids.uuid7()
    number = {"phone_number_id": "1", "waba_id": "2", "display_phone_number": "+62 811"}
    for workspace in (ONE, ONE):
        command = ConnectNumber(workspace_id=workspace, account_id=id_, **number)
        execute(store, [Ask(account, id_, command)], ME, NOW)
    command = ConnectNumber(workspace_id=TWO, account_id=id_, **number)
    with pytest.raises(Rejected) as refused:
        execute(store, [Ask(account, id_, command)], ME, NOW)
    assert refused.value.code == "number_taken"


def test_a_receipt_is_stored_even_when_nothing_is_new(store):
    id_ = add(store)
    execute(store, [blocking(id_)], ME, NOW)
    receipt = Receipt(ONE, "POST /x", "k", "f", 200, "con_x", id_)
    execute(store, [blocking(id_)], ME, NOW, receipt)
    stored = store.receipt(ONE, "POST /x", "k")
    assert (stored.status, stored.target, stored.version, stored.position) == (200, "con_x", 2, 3)
    with pytest.raises(ReceiptExists):
        execute(store, [opting_out(id_)], ME, NOW, receipt)
    assert ContactOptedOut not in events(store, id_)


def test_groups_see_the_facts_of_the_groups_before_them(store):
    first, second = uuids.uuid7(), uuids.uuid7()
    group_id = uuids.uuid7()
    join = Ask(contact, first, JoinGroup(workspace_id=ONE, contact_id=first, group_id=group_id))
    done, taken, joined, again = execute_many(
        store, [adding(first), adding(second), [join], [join]], ME, NOW
    )
    assert (done.version, done.position) == (2, 3)
    assert taken.code == "identifier_taken"
    assert (joined.version, joined.position) == (2, 3)
    assert again.events == []
    assert store.head() == 3


def test_each_group_has_its_own_metadata(store):
    one, two = uuids.uuid7(), uuids.uuid7()
    given = [Metadata(request_id="a"), Metadata(request_id="b")]
    execute_many(store, [adding(one), adding(two, "+6281234567000")], given, NOW)
    found = store.load([one, two])
    assert [found[i][0].metadata.request_id for i in (one, two)] == ["a", "b"]


def test_metadata_must_fit_the_groups(store):
    with pytest.raises(ValueError, match="1 groups with 2 metadata"):
        execute_many(store, [adding(uuids.uuid7())], [ME, ME], NOW)
    assert execute_many(store, [], ME, NOW) == []


def test_a_group_that_never_gets_through_does_not_hold_up_the_others(store):
    unlucky, lucky = add(store), add(store, phone="+6281234567001")
    overtaken = Overtaken(store, unlucky, 100)
    groups = [[blocking(lucky)], [blocking(unlucky)], [opting_out(lucky)]]
    outcomes = execute_many(overtaken, groups, ME, NOW)
    assert outcomes[1].code == "conflict"
    assert events(store, lucky) == [ContactAdded, ContactBlocked, ContactOptedOut]
    assert ContactBlocked not in events(store, unlucky)


def test_a_stale_group_is_refused_alone(store):
    one, two = add(store), add(store, phone="+6281234567001")
    stale, done = execute_many(store, [[blocking(one, expected=9)], [blocking(two)]], ME, NOW)
    assert stale.code == "version_stale"
    assert done.version == 2


def test_fifty_threads_claim_a_number_once(store):
    ids = [uuids.uuid7() for _ in range(50)]

    def claim(id_):
        try:
            return execute(store, adding(id_), ME, NOW)
        except (Rejected, VersionConflict) as refused:
            return refused

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(claim, ids))
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert store.head() == 2


def test_streams_that_are_known_are_not_loaded_again(store):
    id_ = add(store)
    streams = Streams(store)
    execute(store, [blocking(id_)], ME, NOW, streams=streams)
    rival(store, id_)
    assert streams.stands(id_)[0] == 2
    done = execute(store, [opting_out(id_)], ME, NOW, streams=streams)
    assert done.version == 3
    streams.forget(but=[uuids.uuid7()])
    assert streams.stands(id_)[0] == 3
