"""A command on a long stream starts from a snapshot, and decides as it would from all the facts."""

from datetime import timedelta
from uuid import UUID

import pytest
import uuid_utils.compat as uuids
from sqlalchemy import func, select

from commands import snapshots
from commands.execute import Ask, execute, execute_many
from commands.streams import Streams
from domain.contact_import import (
    FinishImport,
    RecordImportChunk,
    RowOutcome,
    StartImport,
    contact_import,
)
from domain.conversation import (
    AddNote,
    AssignConversation,
    LabelConversation,
    ReadConversation,
    SnoozeConversation,
    conversation,
)
from domain.kernel import Metadata
from infra.event_store import open_store
from infra.event_store.tables import snapshots as table
from tests.chat_examples import AGENT, CONVERSATION, DAY, NOTE, TEAM, business, customer, here
from tests.store_facts import NOW

WORKSPACE, ME = uuids.uuid7(), Metadata(actor="key:1")


@pytest.fixture
def store(store_database):
    opened = open_store(store_database)
    yield Counted(opened)
    opened.close()


class Counted:
    """The real store; notes how many facts were read."""

    def __init__(self, store):
        self._store, self.read_facts = store, []

    def __getattr__(self, name):
        return getattr(self._store, name)

    def load(self, *asked):
        found = self._store.load(*asked)
        self.read_facts.append(sum(map(len, found.values())))
        return found


def running(store, chunks, *, together=50):
    """An import with so many recorded chunks of two rows; its id."""
    id_ = uuids.uuid7()
    about = {"workspace_id": WORKSPACE, "import_id": id_}
    execute(store, [Ask(contact_import, id_, StartImport(**about))], ME, NOW)
    for start in range(1, chunks + 1, together):
        some = range(start, min(start + together, chunks + 1))
        execute_many(store, [[recording(about, chunk)] for chunk in some], ME, NOW)
    return id_


def recording(about, chunk):
    rows = tuple(RowOutcome(line=chunk * 2 + i, outcome="created") for i in (0, 1))
    return Ask(
        contact_import, about["import_id"], RecordImportChunk(**about, chunk=chunk, rows=rows)
    )


def finish(store, id_):
    """How many rows the finished import says it had."""
    ask = Ask(contact_import, id_, FinishImport(workspace_id=WORKSPACE, import_id=id_))
    return execute(store, [ask], ME, NOW).events[0].rows


def kept(store):
    with store.engine.connect() as connection:
        return connection.execute(select(func.count(), func.max(table.c.version))).one()


def test_a_long_stream_is_read_from_its_snapshot_on(store):
    id_ = running(store, 230)
    assert kept(store) == (1, 201)
    store.read_facts.clear()
    assert finish(store, id_) == 460
    assert store.read_facts == [31]


def test_a_short_stream_has_none(store):
    running(store, 90)
    assert kept(store) == (0, None)


def test_other_aggregates_are_not_asked_for_snapshots(store):
    assert not {"contact", "message", "identifier"} & set(snapshots.CHOSEN)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 500},
        {"version": 150},
        {"position": 7},
        {"shape": "import:0:0000000000000000"},
        {"state": b'{"status":'},
        {"state": b'{"status":"unheard of"}'},
    ],
    ids=["ahead", "older", "elsewhere", "other shape", "torn", "nonsense"],
)
def test_a_snapshot_that_does_not_fit_the_stream_counts_for_nothing(store, changed):
    id_ = running(store, 230)
    snapshot = store.snapshots([id_])[id_]
    store.keep_snapshot(snapshot._replace(**changed))
    assert finish(store, id_) == 460


def test_a_snapshot_of_another_stream_counts_for_nothing(store):
    one, other = running(store, 120), running(store, 230)
    foreign = store.snapshots([other])[other]
    store.keep_snapshot(foreign._replace(stream_id=one))
    assert finish(store, one) == 240


def test_state_from_a_snapshot_is_the_state_from_all_facts(store):
    id_ = running(store, 230)
    asks = [Ask(contact_import, id_, FinishImport(workspace_id=WORKSPACE, import_id=id_))]
    hinted, whole = Streams(store), Streams(store)
    hinted.load_asked(asks)
    whole.load([id_])
    stands = [
        (s.stands(id_), s.look(contact_import, id_, WORKSPACE), s.held(id_).workspace_id)
        for s in (hinted, whole)
    ]
    assert stands[0] == stands[1]
    assert hinted.look(contact_import, id_, uuids.uuid7()) == contact_import.initial


def test_a_store_that_cannot_keep_a_snapshot_has_done_the_command_all_the_same(store):
    id_ = running(store, 120)
    snapshot = store.snapshots([id_])[id_]
    with store.engine.begin() as connection:
        table.drop(connection)
    store.keep_snapshot(snapshot)
    with store.engine.begin() as connection:
        table.create(connection)
    assert finish(store, id_) == 240


def test_a_long_conversation_is_the_same_from_its_snapshot(store):
    id_ = CONVERSATION
    commands = [
        customer(UUID(int=1)),
        business(UUID(int=2), user_id=AGENT),
        LabelConversation(**here, add=("VIP",)),
        AddNote(**here, note_id=NOTE, text="Rings twice"),
        ReadConversation(**here, user_id=AGENT),
        AssignConversation(**here, user_id=AGENT, team_id=TEAM),
        SnoozeConversation(**here, until=NOW + DAY),
        *(customer(UUID(int=n), NOW + n * timedelta(seconds=1)) for n in range(3, 250)),
    ]
    execute_many(store, [[Ask(conversation, id_, c)] for c in commands[:90]], ME, NOW)
    for command in commands[90:]:
        execute(store, [Ask(conversation, id_, command)], ME, NOW)
    assert kept(store)[0] == 1
    store.read_facts.clear()
    state = Streams(store).look(conversation, id_, here["workspace_id"])
    assert max(store.read_facts) < 100
    whole = [recorded.event for recorded in store.load([id_])[id_]]
    assert state == conversation.fold(whole)
    assert (state.notes, state.labels, state.seen) == ({NOTE: True}, ("VIP",), {AGENT: 1})
