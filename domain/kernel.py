"""The vocabulary every aggregate is written in.

An aggregate is a decider: `decide(state, command, now) -> events` and `evolve(state, event) ->
state`, both pure. A fact carries no time of its own recording: that is the envelope's (`Recorded`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, dataclass_transform
from uuid import UUID

import msgspec

personal = msgspec.Meta(extra={"personal": True})
"""Marks a field that says something about a person; sealing and erasure follow this mark."""

PersonalText = Annotated[str, personal]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True, omit_defaults=True
):
    """A fact. Its class name is its name on the wire; pin `tag=` before renaming."""

    workspace_id: UUID


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that may be refused."""

    workspace_id: UUID


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What surrounds a fact: who asked, through which request, and the workspace's zone then."""

    actor: str = "system"
    request_id: str = ""
    traceparent: str = ""
    correlation_id: str = ""
    causation_position: int = 0
    idempotency_key: str = ""
    time_zone: str = "UTC"
    """IANA name of the workspace's time zone at the moment of the fact; cuts its days."""


class Recorded(NamedTuple):
    """A fact in its envelope: where it stands in the whole log and in its stream, and since when.

    Positions and versions count from 1. `recorded_at` is an aware UTC instant.
    """

    position: int
    stream_id: UUID
    version: int
    recorded_at: datetime
    metadata: Metadata
    event: Event


class Rejected(Exception):
    """A rule said no. `code` is part of the API; the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


S = TypeVar("S")
C_contra = TypeVar("C_contra", contravariant=True)
E = TypeVar("E", bound=Event)


class Decider(NamedTuple, Generic[S, C_contra, E]):
    """An aggregate's rules. `category` names it in messages; `initial` is the state of none yet."""

    category: str
    initial: S
    decide: Callable[[S, C_contra, datetime], Sequence[E]]
    evolve: Callable[[S, E], S]

    def fold(self, events: Sequence[Any], state: S | None = None) -> S:
        """The state after `events`, starting from `state` or from none."""
        folded = self.initial if state is None else state
        for event in events:
            folded = self.evolve(folded, event)
        return folded
