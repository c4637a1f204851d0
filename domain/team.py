"""A team answers conversations together: a name, its members, and how many each takes at once.

Its id is derived from its first name (case-folded), so a name is made once in a workspace.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Command, Decider, Event, Rejected
from domain.refusals import check_name, exists, not_found

MEMBERS: Final = 500
CAPACITY: Final = 1_000


class Crew(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All a team is. `capacity`: open conversations a member takes before others get the next."""

    name: str
    members: tuple[UUID, ...] = ()
    capacity: int = 20
    assignment: Literal["manual", "round_robin"] = "manual"


class TeamCreated(Event):
    team_id: UUID
    crew: Crew


class TeamChanged(Event):
    team_id: UUID
    crew: Crew
    before: Crew


class TeamDeleted(Event):
    """Conversations it was assigned to keep its name; it gets no new ones."""

    team_id: UUID


TeamEvent = TeamCreated | TeamChanged | TeamDeleted


class CreateTeam(Command):
    team_id: UUID
    crew: Crew


class ChangeTeam(Command):
    team_id: UUID
    crew: Crew


class DeleteTeam(Command):
    team_id: UUID


TeamCommand = CreateTeam | ChangeTeam | DeleteTeam


class Team(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["absent", "live", "deleted"] = "absent"
    crew: Crew = Crew(name="")


def evolve(team: Team, event: TeamEvent) -> Team:
    """The team after that fact."""
    match event:
        case TeamCreated() | TeamChanged():
            return Team(status="live", crew=event.crew)
        case TeamDeleted():
            return replace(team, status="deleted")
        case _:
            assert_never(event)


def decide(team: Team, command: TeamCommand, now: datetime) -> Sequence[TeamEvent]:
    """What follows from the request; a deleted team's name is free to be used again."""
    del now  # no rule of a team depends on the time
    ids = {"workspace_id": command.workspace_id, "team_id": command.team_id}
    if isinstance(command, CreateTeam):
        if team.status == "live" and command.crew != team.crew:
            raise exists("team", command.team_id, "change it, or take another name")
        return [] if team.status == "live" else [TeamCreated(**ids, crew=_checked(command.crew))]
    if team.status == "absent":
        raise not_found("team", command.team_id)
    if isinstance(command, DeleteTeam):
        return [] if team.status == "deleted" else [TeamDeleted(**ids)]
    if team.status == "deleted":
        raise not_found("team", command.team_id)
    if command.crew == team.crew:
        return []
    return [TeamChanged(**ids, crew=_checked(command.crew), before=team.crew)]


def _checked(crew: Crew) -> Crew:
    check_name("team", crew.name)
    if len(crew.members) > MEMBERS or len(set(crew.members)) < len(crew.members):
        raise Rejected(
            "invalid_members",
            f"a team names each of its members once, at most {MEMBERS}; these are "
            f"{len(crew.members)}, {len(set(crew.members))} of them different",
        )
    if not 1 <= crew.capacity <= CAPACITY:
        raise Rejected(
            "invalid_capacity",
            f"the capacity of a team's members is 1 to {CAPACITY}; this is {crew.capacity}",
        )
    return crew


team: Decider[Team, TeamCommand, TeamEvent] = Decider("team", Team(), decide, evolve)


class Candidate(NamedTuple):
    """Somebody who could take one more conversation, if below `capacity`.

    `last_given` is the place of the last one they were given in the order of all; 0: none yet.
    """

    user_id: UUID
    open: int
    capacity: int
    last_given: int = 0


def choose(candidates: Iterable[Candidate]) -> UUID | None:
    """Whose turn it is: of those with room, who was given one longest ago; None if all are full."""
    free = [c for c in candidates if c.open < c.capacity]
    chosen = min(free, key=lambda c: (c.last_given, c.user_id), default=None)
    return None if chosen is None else chosen.user_id
