"""Gives conversations that only a team has to its members in turn, as far as they have room."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, exists, select

from commands.execute import Ask, execute_many
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.streams import Streams
from domain.conversation import AssignConversation, conversation
from domain.kernel import Command, Rejected
from domain.team import Candidate, Team, choose, team
from domain.user import User, user
from projections.turns import turn_loads, turn_teams, turns

MOST: Final = 50
"""Of one team at a time."""
SETTLE_S: Final = 2.0
"""What was given away so long ago the read models count by themselves."""


class Turn(NamedTuple):
    """A conversation that somebody of the team is to get."""

    workspace_id: UUID
    team_id: UUID
    conversation_id: UUID
    account_id: UUID


class Member(NamedTuple):
    """One of the team; `open` and `given_at` are as the read models have them."""

    user_id: UUID
    person: User
    open: int
    given_at: datetime | None
    capacity: int


class Gift(NamedTuple):
    """What was given away a moment ago."""

    clock: float
    user_id: UUID
    at: datetime


class RoundRobinPolicy:
    name: Final = "round_robin"
    pending = exists().where(
        turns.c.workspace_id == turn_teams.c.workspace_id, turns.c.team_id == turn_teams.c.team_id
    )

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._given: list[Gift] = []

    def step(self, now: datetime) -> int:
        """How many were given to somebody. The others wait until somebody has room."""
        waiting = self._waiting()
        if not waiting:
            return 0
        streams, since = Streams(self._store), time.monotonic() - SETTLE_S
        self._given = [gift for gift in self._given if gift.clock > since]
        return sum(self._share_out(of_team, streams, now) for of_team in waiting)

    def _share_out(self, of_team: Sequence[Turn], streams: Streams, now: datetime) -> int:
        """How many of one team's, in one commit."""
        crew = self._crew(of_team[0], streams)
        room = sum(max(0, one.capacity - one.open) for one in self._candidates(crew))
        streams.load_asked([_about(turn) for turn in of_team[:room]])
        gifts, full = list[tuple[Turn, Gift]](), set[UUID]()
        for turn in of_team:
            if turn.account_id in full:
                continue
            able = [one for one in crew if _sees(one.person, turn.account_id)]
            chosen = choose(self._candidates(able))
            if chosen is None:  # nobody who sees that number has room
                full.add(turn.account_id)
            elif _still_waits(turn, streams):
                gift = Gift(time.monotonic(), chosen, now)
                self._given.append(gift)
                gifts.append((turn, gift))
        return self._give(gifts, streams, now)

    def _waiting(self) -> list[list[Turn]]:
        """Of each team that works in turns, what has waited longest."""
        t, of = turns.c, turn_teams.c
        has = (t.workspace_id == of.workspace_id, t.team_id == of.team_id)
        with_turns = select(of.workspace_id, of.team_id).where(
            exists().where(*has).select_from(turns)
        )
        found = []
        with self._read.connect() as connection:
            for workspace_id, team_id in connection.execute(with_turns).all():
                statement = (
                    select(t.workspace_id, t.team_id, t.conversation_id, t.account_id)
                    .where(t.workspace_id == workspace_id, t.team_id == team_id)
                    .order_by(t.since_position)
                    .limit(MOST)
                )
                found.append([Turn(*row) for row in connection.execute(statement)])
        return found

    def _give(self, gifts: Sequence[tuple[Turn, Gift]], streams: Streams, now: datetime) -> int:
        asks = [[_assignment(turn, gift.user_id, streams)] for turn, gift in gifts]
        metadata = [self._zones.metadata(turn.workspace_id, self.name) for turn, _ in gifts]
        answers = execute_many(self._store, asks, metadata, now, streams)
        for (_, gift), answer in zip(gifts, answers, strict=True):
            if isinstance(answer, Rejected):  # somebody took it at the same moment
                self._given.remove(gift)
        return sum(not isinstance(answer, Rejected) for answer in answers)

    def _crew(self, turn: Turn, streams: Streams) -> list[Member]:
        """The active members of the team that has it."""
        found: Team = streams.look(team, turn.team_id, turn.workspace_id)
        members = found.crew.members
        streams.load(members)
        loads = self._loads(turn.workspace_id, members)
        people: list[tuple[UUID, User]] = [
            (id_, streams.look(user, id_, turn.workspace_id)) for id_ in members
        ]
        return [
            Member(id_, person, *loads.get(id_, (0, None)), found.crew.capacity)
            for id_, person in people
            if person.status == "active"
        ]

    def _loads(
        self, workspace_id: UUID, members: Iterable[UUID]
    ) -> dict[UUID, tuple[int, datetime | None]]:
        """How many each has, and when they were given something last."""
        c = turn_loads.c
        statement = select(c.user_id, c.open_count, c.given_at).where(
            c.workspace_id == workspace_id, c.user_id.in_(members)
        )
        with self._read.connect() as connection:
            rows = connection.execute(statement).all()
        return {row.user_id: (row.open_count, row.given_at) for row in rows}

    def _candidates(self, crew: Iterable[Member]) -> list[Candidate]:
        """What was given away a moment ago may not be counted yet, and is counted here."""
        given = defaultdict[UUID, list[datetime]](list)
        for gift in self._given:
            given[gift.user_id].append(gift.at)
        return [
            Candidate(
                one.user_id,
                one.open + len(given[one.user_id]),
                one.capacity,
                _latest([one.given_at, *given[one.user_id]]),
            )
            for one in crew
        ]


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


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)
