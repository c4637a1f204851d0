"""Gives conversations that only a team has to its members in turn, as far as they have room."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from commands.execute import Ask, execute_many
from commands.policies.waiting_turns import WAITING, Load, Turn, Waiting, WaitingTurns
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.streams import Streams
from domain.conversation import AssignConversation, conversation
from domain.kernel import Command, Rejected
from domain.team import Candidate, Team, choose, team
from domain.user import User, user

MOST: Final = 50
"""Of one team at a time."""
SETTLE_S: Final = 60.0
"""What was given away so long ago the read models have counted."""
PLANNED: Final = 2**62
"""What is given next comes after every fact there is, and gets its position when it is stored."""


class Member(NamedTuple):
    """One of the team; `load` is as the read models have it."""

    user_id: UUID
    person: User
    load: Load
    capacity: int


class Gift(NamedTuple):
    """What is given away, or was a moment ago."""

    user_id: UUID
    position: int
    clock: float = 0.0


class RoundRobinPolicy:
    name: Final = "round_robin"
    pending = WAITING

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._zones, self._waiting = store, zones, WaitingTurns(read)
        self._given: list[Gift] = []

    def step(self, now: datetime) -> int:
        """How many were given to somebody. The others wait until somebody has room."""
        teams = self._waiting.teams()
        if not teams:
            return 0
        streams, since = Streams(self._store), time.monotonic() - SETTLE_S
        self._given = [gift for gift in self._given if gift.clock > since]
        return sum(self._serve(one, streams, now) for one in teams)

    def _serve(self, of: Waiting, streams: Streams, now: datetime) -> int:
        """How many of one team's. What nobody can take holds nothing up that somebody can."""
        crew = self._crew(of, streams)
        able = [one for one in crew if self._room([one])]
        if not able:
            return 0
        accounts = [
            account_id
            for account_id in self._waiting.accounts(of)
            if any(_sees(one.person, account_id) for one in able)
        ]
        return self._share_out(self._waiting.oldest(of, accounts, MOST), able, streams, now)

    def _share_out(
        self, waiting: Sequence[Turn], crew: Sequence[Member], streams: Streams, now: datetime
    ) -> int:
        """How many, in one commit."""
        streams.load_asked([_about(turn) for turn in waiting[: self._room(crew)]])
        gifts, full = list[tuple[Turn, Gift]](), set[UUID]()
        for turn in waiting:
            if turn.account_id in full:
                continue
            able = [one for one in crew if _sees(one.person, turn.account_id)]
            chosen = choose(self._candidates(able, [gift for _, gift in gifts]))
            if chosen is None:  # nobody who sees that number has room
                full.add(turn.account_id)
            elif _still_waits(turn, streams):
                gifts.append((turn, Gift(chosen, PLANNED + len(gifts))))
        return self._give(gifts, streams, now)

    def _give(self, gifts: Sequence[tuple[Turn, Gift]], streams: Streams, now: datetime) -> int:
        asks = [[_assignment(turn, gift.user_id, streams)] for turn, gift in gifts]
        metadata = [self._zones.metadata(turn.workspace_id, self.name) for turn, _ in gifts]
        answers = execute_many(self._store, asks, metadata, now, streams)
        stored = [
            Gift(gift.user_id, answer.position, time.monotonic())
            for (_, gift), answer in zip(gifts, answers, strict=True)
            if not isinstance(answer, Rejected)  # somebody took it at the same moment
        ]
        self._given += stored
        return len(stored)

    def _crew(self, of: Waiting, streams: Streams) -> list[Member]:
        """The active members of the team."""
        found: Team = streams.look(team, of.team_id, of.workspace_id)
        members = found.crew.members
        streams.load(members)
        loads = self._waiting.loads(of.workspace_id, members)
        people: list[tuple[UUID, User]] = [
            (id_, streams.look(user, id_, of.workspace_id)) for id_ in members
        ]
        return [
            Member(id_, person, loads.get(id_, Load()), found.crew.capacity)
            for id_, person in people
            if person.status == "active"
        ]

    def _room(self, crew: Iterable[Member]) -> int:
        return sum(max(0, one.capacity - one.open) for one in self._candidates(crew))

    def _candidates(self, crew: Iterable[Member], planned: Iterable[Gift] = ()) -> list[Candidate]:
        """What was given away may not be counted by the read models yet, and is counted here."""
        given = defaultdict[UUID, list[int]](list)
        for gift in (*self._given, *planned):
            given[gift.user_id].append(gift.position)
        candidates = []
        for id_, _, load, capacity in crew:
            fresh = [at for at in given[id_] if at > load.given_position]
            last = max(fresh, default=load.given_position)
            candidates.append(Candidate(id_, load.open + len(fresh), capacity, last))
        return candidates


def _sees(person: User, account_id: UUID) -> bool:
    return person.role != "agent" or account_id in person.numbers


def _about(turn: Turn) -> Ask:
    """For `load_asked`, which reads of long conversations only the end."""
    return Ask(conversation, turn.conversation_id, Command(workspace_id=turn.workspace_id))


def _still_waits(turn: Turn, streams: Streams) -> bool:
    """The read model shows what was."""
    state = streams.look(conversation, turn.conversation_id, turn.workspace_id)
    return (state.status, state.user_id, state.team_id) == ("open", None, turn.team_id)


def _assignment(turn: Turn, user_id: UUID, streams: Streams) -> Ask:
    command = AssignConversation(
        workspace_id=turn.workspace_id,
        conversation_id=turn.conversation_id,
        user_id=user_id,
        team_id=turn.team_id,
        how="round_robin",
    )
    version, _ = streams.stands(turn.conversation_id)
    return Ask(conversation, turn.conversation_id, command, version)
