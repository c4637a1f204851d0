"""Tokens that are not stored anywhere: what they say, sealed with the installation's secret.

A new secret voids all of them. An access token says who signed in and when; a numbered one is the
n-th of a thing, and whether that is the one that counts is asked of the thing's stream.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, Literal, NamedTuple
from uuid import UUID

from commands.texts import text
from domain.access import ROLES, Role

ACCESS: Final = "blz_at_"
PREFIXES: Final = {"invitation": "blz_inv_", "refresh": "blz_rt_"}
_ROLES: Final[tuple[Role, ...]] = tuple(ROLES)
_ACCESS: Final = struct.Struct(">16s16s16sBQQ")
_NUMBERED: Final = struct.Struct(">16s16sI")
_LONGEST: Final = 256

Token = Annotated[str, text(_LONGEST, "^[!-~]+$", least=1)]
Kind = Literal["invitation", "refresh"]


class Access(NamedTuple):
    """Who has signed in; the instants are whole seconds."""

    workspace_id: UUID
    user_id: UUID
    session_id: UUID
    role: Role
    issued_at: datetime
    expires_at: datetime


class Numbered(NamedTuple):
    """The n-th token of a thing of a workspace."""

    workspace_id: UUID
    id: UUID
    number: int


class Seals:
    """Makes tokens and tells its own from others."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"blazz tokens", sha256)

    def access(self, access: Access) -> str:
        """An access token."""
        body = _ACCESS.pack(
            access.workspace_id.bytes,
            access.user_id.bytes,
            access.session_id.bytes,
            _ROLES.index(access.role),
            int(access.issued_at.timestamp()),
            int(access.expires_at.timestamp()),
        )
        return self._sealed(ACCESS, body)

    def access_in(self, token: str) -> Access | None:
        """What an access token of ours says, expired or not."""
        body = self._opened(ACCESS, token, _ACCESS.size)
        if body is None:
            return None
        workspace_id, user_id, session_id, role, issued_at, expires_at = _ACCESS.unpack(body)
        return Access(
            UUID(bytes=workspace_id),
            UUID(bytes=user_id),
            UUID(bytes=session_id),
            _ROLES[role],
            datetime.fromtimestamp(issued_at, UTC),
            datetime.fromtimestamp(expires_at, UTC),
        )

    def numbered(self, kind: Kind, token: Numbered) -> str:
        """An invitation or a refresh token."""
        body = _NUMBERED.pack(token.workspace_id.bytes, token.id.bytes, token.number)
        return self._sealed(PREFIXES[kind], body)

    def numbered_in(self, kind: Kind, token: str) -> Numbered | None:
        """What such a token of ours says."""
        body = self._opened(PREFIXES[kind], token, _NUMBERED.size)
        if body is None:
            return None
        workspace_id, id_, number = _NUMBERED.unpack(body)
        return Numbered(UUID(bytes=workspace_id), UUID(bytes=id_), number)

    def _sealed(self, prefix: str, body: bytes) -> str:
        return prefix + urlsafe_b64encode(body + self._seal(prefix, body)).decode().rstrip("=")

    def _seal(self, prefix: str, body: bytes) -> bytes:
        return hmac.digest(self._key, prefix.encode() + body, sha256)

    def _opened(self, prefix: str, token: str, size: int) -> bytes | None:
        if not token.startswith(prefix) or len(token) > _LONGEST or not token.isascii():
            return None
        text = token.removeprefix(prefix)
        try:
            content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (Error, ValueError):
            return None
        body, seal = content[:size], content[size:]
        right = hmac.compare_digest(seal, self._seal(prefix, body)) and len(body) == size
        # One token has one text: what decodes to the same bytes is not the token we gave.
        return body if right and self._sealed(prefix, body) == token else None
