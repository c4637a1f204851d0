"""One stream as it is known here, and facts that are decided and not stored yet."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from domain.kernel import Decider, Event, Recorded


class New(NamedTuple):
    """A fact that is decided and not stored yet, with the version it will have."""

    stream_id: UUID
    version: int
    event: Event


class Stream:
    """One stream's tenant, place and state. Its past is folded when first needed, then let go."""

    __slots__ = ("_past", "_state", "first", "position", "version", "workspace_id")

    def __init__(self, past: Sequence[Recorded], state: Any = None) -> None:
        """With `state`: the one after the first of these facts."""
        self._past: Sequence[Recorded] | None = past if state is None else past[1:]
        self._state: Any = state
        self.first = past[0].event if past else None
        self.workspace_id = past[0].event.workspace_id if past else None
        self.version = past[-1].version if past else 0
        self.position = past[-1].position if past else 0

    def __copy__(self) -> "Stream":
        """Written out: there is one for each message that is tried, answered or reported."""
        twin = object.__new__(Stream)
        twin._past, twin._state, twin.first = self._past, self._state, self.first
        twin.workspace_id, twin.version = self.workspace_id, self.version
        twin.position = self.position
        return twin

    def state(self, decider: Decider[Any, Any, Any]) -> Any:
        """Its state under the rules of `decider`; a stream has one decider all its life."""
        if self._past is not None:
            self._state = decider.fold([recorded.event for recorded in self._past], self._state)
            self._past = None
        return self._state

    @property
    def folded(self) -> Any:
        """Its state if somebody has asked for it already, else None."""
        return self._state if self._past is None else None

    def advance(self, state: Any, version: int, workspace_id: UUID) -> None:
        """It stands at `version` now, in that state."""
        self._past, self._state, self.version = None, state, version
        self.workspace_id = self.workspace_id or workspace_id


class Draft(NamedTuple):
    """The outcome of one group of asks: its new facts, and each stream's state after them."""

    events: list[New]
    after: dict[UUID, tuple[Any, int, UUID]]
