"""Gives conversations that only a team has to its members in turn, as far as they have room."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, exists, select

from commands.execute import Ask, execute_many
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.streams import Streams
from domain.conversation import AssignConversation, conversation
from domain.kernel import Rejected
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


class RoundRobinPolicy:
    name: Final = "round_robin"

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._given: list[tuple[float, UUID, datetime]] = []

    def step(self, now: datetime) -> int:
        """How many were given to somebody. The others wait until somebody has room."""
        waiting = self._waiting()
        if not waiting:
            return 0
        streams, since, given = Streams(self._store), time.monotonic() - SETTLE_S, 0
        self._given = [gift for gift in self._given if gift[0] > since]
        for of_team in waiting:
            full = set[UUID]()
            for turn in of_team:
                if turn.account_id in full:
                    continue
                chosen = choose(self._candidates(turn, streams))
                if chosen is None:  # nobody who sees that number has room
                    full.add(turn.account_id)
                else:
                    given += self._give(turn, chosen, streams, now)
        return given

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

    def _give(self, turn: Turn, chosen: UUID, streams: Streams, now: datetime) -> int:
        workspace_id, id_ = turn.workspace_id, turn.conversation_id
        state = streams.look(conversation, id_, workspace_id)
        if (state.status, state.user_id, state.team_id) != ("open", None, turn.team_id):
            return 0  # the read model shows what was
        command = AssignConversation(
            workspace_id=workspace_id,
            conversation_id=id_,
            user_id=chosen,
            team_id=turn.team_id,
            how="round_robin",
        )
        version, _ = streams.stands(id_)
        asks = [[Ask(conversation, id_, command, version)]]
        metadata = self._zones.metadata(workspace_id, self.name)
        [done] = execute_many(self._store, asks, metadata, now, streams)
        if isinstance(done, Rejected):
            return 0  # somebody took it at the same moment
        self._given.append((time.monotonic(), chosen, now))
        return 1

    def _candidates(self, turn: Turn, streams: Streams) -> list[Candidate]:
        """The active members who may see that number's conversations."""
        found: Team = streams.look(team, turn.team_id, turn.workspace_id)
        streams.load(found.crew.members)
        people: list[tuple[UUID, User]] = [
            (id_, streams.look(user, id_, turn.workspace_id)) for id_ in found.crew.members
        ]
        able = [
            id_
            for id_, person in people
            if person.status == "active"
            and (person.role != "agent" or turn.account_id in person.numbers)
        ]
        return self._loaded(turn.workspace_id, able, found.crew.capacity)

    def _loaded(
        self, workspace_id: UUID, members: Sequence[UUID], capacity: int
    ) -> list[Candidate]:
        c = turn_loads.c
        statement = select(c.user_id, c.open_count, c.given_at).where(
            c.workspace_id == workspace_id, c.user_id.in_(members)
        )
        with self._read.connect() as connection:
            rows = {row.user_id: row for row in connection.execute(statement)}
        return [self._candidate(id_, rows.get(id_), capacity) for id_ in members]

    def _candidate(self, user_id: UUID, row: Any, capacity: int) -> Candidate:
        """What was given away a moment ago may not be counted yet, and is counted here."""
        given = [at for _, to, at in self._given if to == user_id]
        count, last = (row.open_count, row.given_at) if row is not None else (0, None)
        return Candidate(user_id, count + len(given), capacity, _latest([last, *given]))


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)
