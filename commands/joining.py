"""Becoming a user with an invitation's token, and changing one's own password later."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from commands.bodies import Body
from commands.execute import execute
from commands.handling import Desk, accepted
from commands.limits import Limit, address_of
from commands.passwords import GivenPassword, NewPassword, Passwords
from commands.people import beginning, owning
from commands.requests import body_of, metadata_by, metadata_of, principal_of, query
from commands.seals import Numbered, Seals, Token
from commands.streams import Ask, Streams
from commands.texts import Name
from domain.access import FieldError, Principal, Problem
from domain.ids import show
from domain.kernel import Metadata, Rejected
from domain.user import AcceptInvitation, ChangePassword, Standing, User, user
from domain.workspace import workspace

ACCEPTANCES: Final = (60, 60.0)
CHANGES: Final = (10, 900.0)
"""So many of one user in so many seconds: a stolen access token is no way to guess passwords."""


class Acceptance(Body):
    token: Token
    name: Name
    password: NewPassword


class PasswordChange(Body):
    current_password: GivenPassword
    new_password: NewPassword


class Reception:
    """Where people choose their passwords."""

    def __init__(self, desk: Desk, seals: Seals, passwords: Passwords) -> None:
        self._desk, self._seals, self._passwords = desk, seals, passwords
        self._acceptances, self._changes = Limit(*ACCEPTANCES), Limit(*CHANGES)

    async def accept(self, request: Request) -> Response:
        """POST /v1/invitations/accept."""
        query(request)
        self._acceptances.take(address_of(request))
        body, _ = await body_of(request, Acceptance)
        token = self._seals.numbered_in("invitation", body.token)
        if token is None:
            raise Rejected("not_found", "there is no such invitation")
        hashed = await self._passwords.hashed(body.password)
        return await self._desk.run(self._joined, token, body.name, hashed, request)

    async def change_password(self, request: Request) -> Response:
        """POST /v1/me/password. Signs out everywhere."""
        query(request)
        principal = principal_of(request)
        self._changes.take(str(principal.user_id))
        body, _ = await body_of(request, PasswordChange)
        kept = await self._desk.run(self._kept, principal)
        if not await self._passwords.right(kept, body.current_password):
            wrong = FieldError(
                pointer="/current_password", code="password_wrong", detail="is not the password"
            )
            raise Problem(422, "invalid", "not acceptable: /current_password", errors=[wrong])
        hashed = await self._passwords.hashed(body.new_password)
        return await self._desk.run(self._changed, principal, hashed, metadata_of(request))

    def _joined(self, token: Numbered, name: str, hashed: str, request: Request) -> Response:
        streams, at, id_ = Streams(self._desk.store), token.workspace_id, token.id
        found: User = streams.look(user, id_, at)
        command = AcceptInvitation(
            workspace_id=at,
            user_id=id_,
            invitation=token.number,
            name=name,
            password_hash=hashed,
            taken_for=Standing(found.status, found.role),
        )
        joining = Ask(user, id_, command, leads=True)
        asks = [joining, owning(at, id_, owns=found.role == "owner"), beginning(at, id_, found)]
        zone = streams.look(workspace, at, at).time_zone
        metadata = metadata_by(request, f"user:{id_.hex}", zone)
        done = execute(self._desk.store, asks, metadata, self._desk.clock(), streams=streams)
        about = {"workspace_id": show("workspace", at), "email": found.email}
        return accepted(200, show("user", id_), done.version, done.position, "", **about)

    def _kept(self, principal: Principal) -> str:
        assert principal.user_id is not None, "only people may change a password"
        streams = Streams(self._desk.store)
        found: User = streams.look(user, principal.user_id, principal.workspace_id)
        return found.password_hash

    def _changed(self, principal: Principal, hashed: str, metadata: Metadata) -> Response:
        assert principal.user_id is not None, "only people may change a password"
        at, id_ = principal.workspace_id, principal.user_id
        command = ChangePassword(workspace_id=at, user_id=id_, password_hash=hashed)
        done = execute(self._desk.store, [Ask(user, id_, command)], metadata, self._desk.clock())
        return accepted(200, show("user", id_), done.version, done.position, "")
