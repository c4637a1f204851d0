"""What the read models tell of teams that work in turns: what waits, and how much each has."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, exists, select

from projections.turns import turn_loads, turn_teams, turns

_t, _of = turns.c, turn_teams.c
WAITING: Final = exists().where(_t.workspace_id == _of.workspace_id, _t.team_id == _of.team_id)


class Waiting(NamedTuple):
    """A team that is to have something given to somebody of it."""

    workspace_id: UUID
    team_id: UUID


class Turn(NamedTuple):
    """A conversation that somebody of a team is to get."""

    since_position: int
    workspace_id: UUID
    team_id: UUID
    conversation_id: UUID
    account_id: UUID


class Load(NamedTuple):
    """What somebody has open, and the position of the last that they were given; 0: never any."""

    open: int = 0
    given_position: int = 0


class WaitingTurns:
    def __init__(self, read: Engine) -> None:
        self._read = read

    def teams(self) -> list[Waiting]:
        """Those of which something waits."""
        statement = select(_of.workspace_id, _of.team_id).where(WAITING.select_from(turns))
        with self._read.connect() as connection:
            return [Waiting(*row) for row in connection.execute(statement)]

    def accounts(self, team: Waiting) -> list[UUID]:
        """The numbers of what waits: of each the first is looked at, however many follow it."""
        found, after = list[UUID](), UUID(int=0)
        with self._read.connect() as connection:
            while True:
                behind = select(_t.account_id).where(*_belongs(team), _t.account_id > after)
                first = connection.scalar(behind.order_by(_t.account_id).limit(1))
                if first is None:
                    return found
                found.append(after := first)

    def oldest(self, team: Waiting, accounts: Iterable[UUID], most: int) -> list[Turn]:
        """What has waited longest of what waits at these numbers."""
        found = list[Turn]()
        columns = [_t[name] for name in Turn._fields]
        with self._read.connect() as connection:
            for account_id in accounts:
                at_number = select(*columns).where(*_belongs(team), _t.account_id == account_id)
                first = at_number.order_by(_t.since_position).limit(most)
                found += [Turn(*row) for row in connection.execute(first)]
        return sorted(found)[:most]

    def loads(self, workspace_id: UUID, members: Iterable[UUID]) -> Mapping[UUID, Load]:
        """Of those who have been given anything."""
        c = turn_loads.c
        statement = select(c.user_id, c.open_count, c.given_position).where(
            c.workspace_id == workspace_id, c.user_id.in_(members)
        )
        with self._read.connect() as connection:
            return {row[0]: Load(*row[1:]) for row in connection.execute(statement)}


def _belongs(team: Waiting) -> tuple[ColumnElement[bool], ...]:
    return _t.workspace_id == team.workspace_id, _t.team_id == team.team_id
