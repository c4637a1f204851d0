"""What a command has read of the streams it decides on, and what it is about to add to them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from commands.snapshots import CHOSEN, due, state_of, taken
from commands.store import EventStore, VersionConflict
from commands.stream import Draft, New, Stream
from domain.account import ConnectNumber
from domain.kernel import Command, Decider, Event, Rejected


class Ask(NamedTuple):
    """A command for one stream. With `expected_version`, the stream must stand exactly there.

    One that `leads` and comes to nothing is a repetition: the asks after it are left out.
    """

    decider: Decider[Any, Any, Any]
    stream_id: UUID
    command: Command
    expected_version: int | None = None
    leads: bool = False


class Stale(VersionConflict):
    """A stream does not stand at the version the caller had seen; asking again cannot help."""


class Streams:
    """Streams loaded once and kept until `forget`; every stream asked for is loaded together."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self._known: dict[UUID, Stream] = {}

    def load(self, stream_ids: Iterable[UUID]) -> None:
        """Reads those not known yet, in one query."""
        missing = list(dict.fromkeys(i for i in stream_ids if i not in self._known))
        if missing:
            found = self.store.load(missing)
            self._known.update((i, Stream(found.get(i, ()))) for i in missing)

    def load_asked(self, asks: Sequence[Ask]) -> None:
        """Reads what these decide on; of long streams only what follows their snapshot."""
        missing = [ask for ask in asks if ask.stream_id not in self._known]
        if not missing:
            return
        kinds = {
            ask.stream_id: ask.decider.category for ask in missing if ask.decider.category in CHOSEN
        }
        found = self.store.snapshots(list(kinds)) if kinds else {}
        if found:
            facts = self.store.load(list(found), {i: s.version for i, s in found.items()})
            for stream_id, snapshot in found.items():
                state = state_of(kinds[stream_id], snapshot, facts[stream_id])
                if state is not None:
                    self._known[stream_id] = Stream(facts[stream_id], state)
        self.load(ask.stream_id for ask in missing)

    def forget(self, but: Iterable[UUID] = ()) -> None:
        """Lets go of all streams but those."""
        self._known = {i: self._known[i] for i in but if i in self._known}

    def held(self, stream_id: UUID) -> Stream | None:
        """The stream as it is known here, for `adopt` elsewhere."""
        return self._known.get(stream_id)

    def adopt(self, streams: Mapping[UUID, Stream]) -> None:
        """Takes these to stand as they did when somebody else let go of them.

        Should one have moved on since, the append meets a conflict and everything is read anew.
        They are copied, because what is staged here may never be stored.
        """
        self._known.update((i, copy(stream)) for i, stream in streams.items())

    def stands(self, stream_id: UUID) -> tuple[int, int]:
        """Version and position of a stream."""
        stream = self._loaded(stream_id)
        return stream.version, stream.position

    def look(self, decider: Decider[Any, Any, Any], stream_id: UUID, workspace_id: UUID) -> Any:
        """The state of a workspace's own stream; another's looks as if it had not begun."""
        self.load_asked([Ask(decider, stream_id, Command(workspace_id=workspace_id))])
        stream = self._known[stream_id]
        return stream.state(decider) if stream.workspace_id == workspace_id else decider.initial

    def first(self, stream_id: UUID, workspace_id: UUID) -> Event | None:
        """What a workspace's own stream begins with, as far as it was read: it tells its kind."""
        stream = self._loaded(stream_id)
        return stream.first if stream.workspace_id == workspace_id else None

    def _loaded(self, stream_id: UUID) -> Stream:
        stream = self._known.get(stream_id)
        if stream is None:
            self.load([stream_id])
            stream = self._known[stream_id]
        return stream

    def decide(self, asks: Sequence[Ask], now: datetime) -> Draft:
        """What the asks come to, one after the other. Changes nothing here."""
        self.load_asked(asks)
        return self.decide_loaded(asks, now)

    def decide_loaded(self, asks: Sequence[Ask], now: datetime) -> Draft:
        """The same where `load_asked` has been called with these asks."""
        draft = Draft([], {})
        for ask in asks:
            before = len(draft.events)
            self._decide(ask, draft, now)
            if ask.leads and len(draft.events) == before:
                break
        return draft

    def stage(self, draft: Draft) -> None:
        """Lets later decisions see what was decided, which is not stored yet: see `forget`."""
        for stream_id, after in draft.after.items():
            self._known[stream_id].advance(*after)

    def keep(self, draft: Draft, positions: Sequence[int]) -> None:
        """What was staged is stored, at those positions."""
        for new, position in zip(draft.events, positions, strict=True):
            self._known[new.stream_id].position = position

    def snap(self, asks: Sequence[Ask], draft: Draft) -> None:
        """Keeps the states of long streams, where stored facts have made it time again."""
        long = {a.stream_id: a.decider for a in asks if a.decider.category in CHOSEN}
        added = Counter(new.stream_id for new in draft.events) if long else Counter[UUID]()
        for stream_id, decider in long.items():
            version, position = self.stands(stream_id)
            if added[stream_id] and due(decider, version - added[stream_id], version):
                state = self._known[stream_id].state(decider)
                snapshot = taken(decider.category, stream_id, version, position, state)
                self.store.keep_snapshot(snapshot)

    def _decide(self, ask: Ask, draft: Draft, now: datetime) -> None:
        stream, workspace_id = self._known[ask.stream_id], ask.command.workspace_id
        if stream.workspace_id not in (None, workspace_id):
            raise _foreign(ask, now)
        if draft.after and ask.stream_id in draft.after:
            state, version, _ = draft.after[ask.stream_id]
        else:
            state, version = stream.state(ask.decider), stream.version
        stale = ask.expected_version not in (None, version)
        if stale and version:
            raise Stale(ask.stream_id)
        events = ask.decider.decide(state, ask.command, now)
        if stale:
            raise Stale(ask.stream_id)
        for event in events:
            state, version = ask.decider.evolve(state, event), version + 1
            draft.events.append(New(ask.stream_id, version, event))
        draft.after[ask.stream_id] = (state, version, workspace_id)


def _foreign(ask: Ask, now: datetime) -> Rejected:
    """Another workspace's stream is refused in the words used for one that does not exist."""
    if isinstance(ask.command, ConnectNumber):
        return Rejected("number_taken", "this number is connected already")
    try:
        ask.decider.decide(ask.decider.initial, ask.command, now)
    except Rejected as rejected:
        return rejected
    return Rejected("not_found", f"there is no such {ask.decider.category}")
