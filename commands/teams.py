"""Commands on teams: who answers together."""

from typing import Any, Final
from uuid import UUID

import msgspec

from commands.command import Command, Intent, Wanted, about
from commands.conversation_bodies import NewTeam, TeamPatch
from commands.references import known
from commands.streams import Ask
from domain.ids import name_id
from domain.refusals import not_found
from domain.team import ChangeTeam, CreateTeam, Crew, DeleteTeam, Team, team
from domain.user import user


def _create_team(wanted: Wanted) -> Intent:
    body: NewTeam = wanted.body
    _check_members(wanted, body.members)
    id_ = name_id(wanted.workspace_id, "team", body.name.casefold())
    crew = Crew(**body.model_dump())
    command = CreateTeam(workspace_id=wanted.workspace_id, team_id=id_, crew=crew)
    return Intent("team", id_, [Ask(team, id_, command)])


def _change_team(wanted: Wanted) -> Intent:
    patch: TeamPatch = wanted.body
    id_ = wanted.ids["team_id"]
    found: Team = wanted.streams.look(team, id_, wanted.workspace_id)
    if found.status != "live":
        raise not_found("team", id_)
    given: dict[str, Any] = {name: getattr(patch, name) for name in patch.model_fields_set}
    _check_members(wanted, given.get("members", ()))
    crew = msgspec.structs.replace(found.crew, **given)
    return about(wanted, team, ChangeTeam(**wanted.named, crew=crew))


def _delete_team(wanted: Wanted) -> Intent:
    return about(wanted, team, DeleteTeam(**wanted.named))


def _check_members(wanted: Wanted, members: tuple[UUID, ...]) -> None:
    known(wanted, [(user, "user", id_, f"/members/{n}") for n, id_ in enumerate(members)])


_ONE: Final = "/v1/teams/{team_id}"
_ID: Final = {"team_id": "team"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/teams",
        "Create a team",
        _create_team,
        "replies.manage",
        body=NewTeam,
        status=201,
    ),
    Command(
        "PATCH",
        _ONE,
        "Change a team (JSON merge patch)",
        _change_team,
        "replies.manage",
        body=TeamPatch,
        ids=_ID,
        match_required=True,
    ),
    Command("DELETE", _ONE, "Delete a team", _delete_team, "replies.manage", ids=_ID),
)
