"""The first owner of a workspace, and whoever an operator invites after that."""

import re
from datetime import UTC, datetime
from typing import Final, cast
from uuid import UUID

from commands.execute import execute
from commands.inviting import invitation, invitation_token
from commands.seals import Seals
from commands.store import EventStore
from commands.streams import Streams
from commands.texts import EMAIL
from domain.access import ROLES, Role
from domain.kernel import Rejected
from domain.user import user
from infra.cli.workspace import OPERATOR

_EMAIL: Final = re.compile(EMAIL)


def invite(store: EventStore, seals: Seals, at: UUID, email: str, role: str) -> str:
    """The token of their invitation. Rejected if e-mail or role is none, or they are there."""
    if role not in ROLES:
        raise Rejected("invalid_role", f"no role {role!r}; give one of {', '.join(ROLES)}")
    if not _EMAIL.fullmatch(email):
        raise Rejected("invalid_email", f"{email!r} is no e-mail address like name@host.example")
    now = datetime.now(UTC)
    id_, asks = invitation(at, email.casefold(), cast("Role", role), now, by_owner=True)
    streams = Streams(store)
    execute(store, asks, OPERATOR, now, streams=streams)
    return invitation_token(seals, at, id_, streams.look(user, id_, at))
