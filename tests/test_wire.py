"""How facts are written down: what a release stored, every later one must read.

After a wanted change of the wire, `BLAZZ_GOLDEN=write pytest tests/test_wire.py` rewrites the
pinned schema and the list of personal fields; the recorded streams are never rewritten.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from msgspec import inspect

from domain import wire
from domain.account import account
from domain.assistance import assistance
from domain.call import call
from domain.campaign import campaign
from domain.canned_reply import canned_reply
from domain.consideration import consideration
from domain.contact import contact
from domain.contact_import import contact_import
from domain.conversation import conversation
from domain.file import file
from domain.group import group
from domain.identifier import identifier
from domain.inbound import inbound
from domain.kernel import Metadata, Recorded
from domain.message import message
from domain.notification import reading
from domain.owners import owners
from domain.readers import readers
from domain.rule import rule
from domain.session import session
from domain.sign_in_attempts import sign_in_attempts
from domain.team import team
from domain.template import template
from domain.user import user
from domain.workspace import WorkspaceRenamed, workspace
from tests.examples import WORKSPACE, added
from tests.spec import NOW

GOLDEN = Path(__file__).parent / "golden"
STREAMS = sorted((GOLDEN / "streams").glob("*.json"))
DECIDERS = {
    decider.category: decider
    for decider in (
        workspace,
        account,
        identifier,
        contact,
        group,
        template,
        campaign,
        message,
        contact_import,
        conversation,
        inbound,
        call,
        file,
        team,
        canned_reply,
        rule,
        consideration,
        assistance,
        user,
        owners,
        readers,
        session,
        sign_in_attempts,
        reading,
    )
}


def pinned(name, actual):
    """Compare with the golden file of that name, or write it when told so."""
    path = GOLDEN / name
    if os.environ.get("BLAZZ_GOLDEN") == "write":
        path.write_text(json.dumps(actual, indent=1, sort_keys=True) + "\n")
    assert json.loads(path.read_text()) == actual, f"{name} differs from the code"


def without_words(schema):
    """Docstrings may be improved without the wire changing."""
    if isinstance(schema, dict):
        said = isinstance(schema.get("description"), str)
        return {k: without_words(v) for k, v in schema.items() if not said or k != "description"}
    if isinstance(schema, list | tuple):
        return [without_words(part) for part in schema]
    return schema


def record_of(fact, **changed):
    record = wire.LogRecord(
        position=7,
        workspace_id=fact.workspace_id,
        stream_id=UUID(int=99),
        version=2,
        type=wire.type_of(fact),
        recorded_at=NOW,
        metadata=wire.encode_metadata(Metadata(actor="key:1", time_zone="Asia/Jakarta")),
        data=wire.encode(fact),
    )
    return record._replace(**changed)


def test_the_wire_is_as_pinned():
    pinned("wire.json", without_words(msgspec.json.schema(wire.AnyEvent)))


def test_every_event_is_known_by_its_class_name():
    assert {name: t.__name__ for name, t in wire.EVENT_TYPES.items()} == {
        name: name for name in wire.EVENT_TYPES
    }


def personal_fields(info, path):
    """Where the mark stands, inside containers and nested structs too."""
    if isinstance(info, inspect.Metadata):
        if (info.extra or {}).get("personal"):
            yield path
            return
        yield from personal_fields(info.type, path)
    elif isinstance(info, inspect.StructType):
        for field in info.fields:
            yield from personal_fields(field.type, f"{path}.{field.name}")
    elif isinstance(info, inspect.UnionType):
        for part in info.types:
            yield from personal_fields(part, path)
    elif isinstance(info, inspect.VarTupleType):
        yield from personal_fields(info.item_type, f"{path}[]")


def test_every_personal_field_is_marked():
    marked = [
        path
        for name, event_type in sorted(wire.EVENT_TYPES.items())
        for path in personal_fields(inspect.type_info(event_type), name)
    ]
    pinned("personal.json", marked)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_recorded_streams_still_fold(path):
    recorded = json.loads(path.read_text())
    facts = [
        wire.decode_event(fact["type"], json.dumps(fact).encode()) for fact in recorded["facts"]
    ]
    state = DECIDERS[recorded["category"]].fold(facts)
    found = msgspec.to_builtins(state, str_keys=True, order="deterministic")
    found = json.loads(json.dumps(found))
    assert {name: found[name] for name in recorded["ends"]} == recorded["ends"]


def test_there_is_a_recorded_stream_with_every_type_of_event():
    seen = {fact["type"] for path in STREAMS for fact in json.loads(path.read_text())["facts"]}
    missing = set(wire.EVENT_TYPES) - seen
    assert not missing, f"no stream in {GOLDEN / 'streams'} has {', '.join(sorted(missing))}"


def test_a_record_is_read_with_its_envelope():
    metadata = Metadata(actor="key:1", time_zone="Asia/Jakarta")
    expected = Recorded(7, UUID(int=99), 2, NOW, metadata, added)
    assert wire.decode(record_of(added)) == expected
    assert wire.decode(record_of(added, metadata=b"")) == expected._replace(metadata=Metadata())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"type": "ContactAded"}, "unknown event type 'ContactAded'"),
        ({"data": b"{"}, "ContactAdded cannot be read"),
        ({"data": b'{"type":"ContactAdded"}'}, "ContactAdded cannot be read"),
        ({"data": b'{"type":"Nothing"}'}, "ContactAdded cannot be read"),
        ({"data": b"\xff"}, "ContactAdded cannot be read"),
        ({"metadata": b"[]"}, "metadata of ContactAdded cannot be read"),
    ],
)
def test_what_cannot_be_read_says_so(changed, words):
    with pytest.raises(wire.UnknownEvent, match=words):
        wire.decode(record_of(added, **changed))


def test_a_field_a_later_release_adds_is_passed_over():
    longer = json.dumps({**json.loads(wire.encode(added)), "later": 1}).encode()
    assert wire.decode_event("ContactAdded", longer) == added


def test_an_event_of_old_is_turned_into_one_of_today(monkeypatch):
    def upcast(old):
        return {"type": "WorkspaceRenamed", "workspace_id": old["ws"], "name": old["title"]}

    monkeypatch.setitem(wire.UPCASTS, "WorkspaceTitled", upcast)
    old = json.dumps({"type": "WorkspaceTitled", "ws": WORKSPACE.hex, "title": "Toko"}).encode()
    expected = WorkspaceRenamed(workspace_id=WORKSPACE, name="Toko")
    assert wire.decode_event("WorkspaceTitled", old) == expected
    with pytest.raises(wire.UnknownEvent, match="WorkspaceTitled cannot be read"):
        wire.decode_event("WorkspaceTitled", b"{")


def test_an_instant_keeps_its_microseconds():
    at = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
    assert msgspec.json.decode(msgspec.json.encode(at), type=datetime) == at


def test_many_records_are_read_as_each_is_alone(monkeypatch):
    def upcast(old):
        return {"type": "WorkspaceRenamed", "workspace_id": old["ws"], "name": old["title"]}

    found = [record_of(added), record_of(added, position=8, metadata=b"", version=3)]
    assert wire.decode_all([]) == []
    assert wire.decode_all(found) == [wire.decode(one) for one in found]
    monkeypatch.setitem(wire.UPCASTS, "WorkspaceTitled", upcast)
    data = json.dumps({"type": "WorkspaceTitled", "ws": WORKSPACE.hex, "title": "Toko"}).encode()
    found.append(record_of(added, type="WorkspaceTitled", data=data))
    assert wire.decode_all(found) == [wire.decode(one) for one in found]


@pytest.mark.parametrize("changed", [{"type": "NoSuchThing"}, {"data": b"{"}, {"metadata": b"{"}])
def test_one_record_among_many_that_cannot_be_read_is_an_error(changed):
    with pytest.raises((wire.UnknownEvent, msgspec.MsgspecError)):
        wire.decode_all([record_of(added), record_of(added, **changed)])
