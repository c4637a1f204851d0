"""A log of messages on their way: what the relay is fed with."""

from typing import Any, Final
from uuid import UUID, uuid5

from msgspec.structs import replace

from commands.store import Append
from domain.kernel import Metadata
from infra.event_store.store import SqlEventStore
from tests import examples
from tests.spec import NOW

WORKSPACES: Final = 40
BATCH: Final = 200
PAST: Final[tuple[Any, ...]] = (examples.queued, examples.attempted, examples.accepted)
_ROOT: Final = UUID("0d0f3c52-6f1e-4a8e-9d57-0d6a1c1b0002")
_AROUND: Final = Metadata(
    actor="key_01h45ytscbebyvny4gc8cr8ma2",
    request_id="req_01h45ytscbebyvny4gc8cr8ma2",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    time_zone="Asia/Jakarta",
)


def fill(store: SqlEventStore, messages: int) -> int:
    """Three facts each of so many messages, of many workspaces; how many facts that were."""
    for start in range(0, messages, BATCH):
        numbers = range(start, min(start + BATCH, messages))
        store.append([append_of(number) for number in numbers], NOW)
    return messages * len(PAST)


def append_of(number: int) -> Append:
    """The facts of one message, all of them new."""
    of = {
        "workspace_id": uuid5(_ROOT, f"workspace {number % WORKSPACES}"),
        "message_id": uuid5(_ROOT, f"message {number}"),
        "contact_id": uuid5(_ROOT, f"contact {number}"),
    }
    return Append(of["message_id"], 0, [replace(fact, **of) for fact in PAST], _AROUND)
