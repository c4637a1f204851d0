"""Inviting somebody by e-mail: the token that comes of it is handed to them, and is kept nowhere."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator

from commands.bodies import Body
from commands.command import Command, Intent, Wanted
from commands.seals import Numbered, Seals
from commands.streams import Ask
from commands.texts import EMAIL, matching, shown, text
from domain.access import Role
from domain.ids import user_id
from domain.user import InviteUser, User, user

INVITED_FOR: Final = timedelta(days=7)

Address = Annotated[
    str,
    text(254, shown(EMAIL), least=6),
    AfterValidator(matching("email_invalid", EMAIL, "must be like name@host.example")),
    AfterValidator(str.casefold),
]


class NewUser(Body):
    email: Address
    role: Role


def inviting(seals: Seals) -> Command:
    """POST /v1/users. Its answer has the invitation's token, which is kept nowhere."""

    def token(wanted: Wanted) -> dict[str, Any]:
        id_ = user_id(wanted.workspace_id, wanted.body.email)
        found: User = wanted.streams.look(user, id_, wanted.workspace_id)
        if found.status != "invited" or found.invited_until is None:
            return {"invitation_token": None, "expires_at": None}
        sealed = invitation_token(seals, wanted.workspace_id, id_, found)
        return {"invitation_token": sealed, "expires_at": found.invited_until}

    return Command(
        "POST",
        "/v1/users",
        "Invite somebody by e-mail; hand them the token, with which they choose a password",
        _invite_user,
        "people.manage",
        body=NewUser,
        status=201,
        adds=token,
        adds_schema={
            "invitation_token": {"type": ["string", "null"]},
            "expires_at": {"type": ["string", "null"], "format": "date-time"},
        },
    )


def invitation_token(seals: Seals, workspace_id: UUID, id_: UUID, invited: User) -> str:
    """The token of a user's latest invitation."""
    return seals.numbered("invitation", Numbered(workspace_id, id_, invited.invitation))


def invitation(
    workspace_id: UUID, email: str, role: Role, now: datetime, *, by_owner: bool
) -> tuple[UUID, list[Ask]]:
    """The user that e-mail would have, and what makes them one."""
    id_ = user_id(workspace_id, email)
    command = InviteUser(
        workspace_id=workspace_id,
        user_id=id_,
        email=email,
        role=role,
        expires_at=now + INVITED_FOR,
        by_owner=by_owner,
    )
    return id_, [Ask(user, id_, command)]


def _invite_user(wanted: Wanted) -> Intent:
    body: NewUser = wanted.body
    id_, asks = invitation(
        wanted.workspace_id,
        body.email,
        body.role,
        datetime.now(UTC),
        by_owner=wanted.principal.role == "owner",
    )
    return Intent("user", id_, asks)
