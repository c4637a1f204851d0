"""States of long streams, kept so that a command does not fold their whole past again.

A snapshot is a hint. It counts only if the fact it was taken at stands in the stream, at the same
position, and the state has today's shape; else everything is folded as if there were none.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from commands.store import Snapshot
from domain.campaign.state import Campaign
from domain.contact_import import ContactImport
from domain.conversation.state import Conversation
from domain.kernel import Decider, Recorded

EVERY: Final = 100
"""Facts from one snapshot of a stream to the next."""


class Kept(NamedTuple):
    """`rules` goes up when `evolve` makes another state of the same facts."""

    state: type
    rules: int


CHOSEN: Final[Mapping[str, Kept]] = {
    "campaign": Kept(Campaign, 1),
    "import": Kept(ContactImport, 1),
    "conversation": Kept(Conversation, 1),
}
"""Only aggregates whose streams may grow: for the others one more look costs more than it saves."""


@cache
def shape(category: str) -> str:
    """Stands for how a state is written down and how it is made."""
    kept = CHOSEN[category]
    schema = msgspec.json.encode(msgspec.json.schema(kept.state), order="sorted")
    return f"{category}:{kept.rules}:{sha256(schema).hexdigest()[:16]}"


def due(decider: Decider[Any, Any, Any], before: int, after: int) -> bool:
    """Whether these new facts carry the stream over the next step."""
    return decider.category in CHOSEN and before // EVERY < after // EVERY


def taken(category: str, stream_id: UUID, version: int, position: int, state: Any) -> Snapshot:
    """The state after that fact."""
    return Snapshot(stream_id, version, position, shape(category), msgspec.json.encode(state))


def state_of(category: str, snapshot: Snapshot, facts: Sequence[Recorded]) -> Any | None:
    """The state at the first of `facts`, if it is the one the snapshot was taken at; else None."""
    if snapshot.shape != shape(category) or not facts:
        return None
    if (facts[0].version, facts[0].position) != (snapshot.version, snapshot.position):
        return None
    try:
        return msgspec.json.decode(snapshot.state, type=CHOSEN[category].state)
    except msgspec.MsgspecError:
        return None
