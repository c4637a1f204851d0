"""Facts to put into a store, where it does not matter which."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from commands.store import Append, Receipt
from domain.group import GroupCreated
from domain.kernel import Metadata

WORKSPACE = UUID(int=7)
NOW = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)


def fact(name="friends"):
    return GroupCreated(workspace_id=WORKSPACE, group_id=uuid4(), name=name)


def append(stream_id=None, expected_version=0, *, events=1, name="friends"):
    facts = [fact(name) for _ in range(events)]
    return Append(stream_id or uuid4(), expected_version, facts, Metadata(actor="test"))


def receipt(stream_id, key="key-1", fingerprint="f"):
    return Receipt(WORKSPACE, "POST /groups", key, fingerprint, 201, "grp_1", stream_id)
