"""API keys: made here, shown once, stored as a hash; and who stands behind one that is shown.

`blz_live_`, 30 random characters (178 bits) and their CRC-32: a mistyped key is told from a real
one without a database, and scanners for leaked secrets can do the same.
"""

import hashlib
import re
import secrets
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from commands.store import StoreUnavailable
from domain.access import Principal, permissions_of
from infra.lookups import Lookups
from projections.workspaces import api_keys, workspaces
from read_api.source import source

PREFIX: Final = "blz_live_"
RANDOM: Final = 30
CHECK: Final = 6

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM + CHECK}}}", re.ASCII)
_scopes: Final = msgspec.json.Decoder(tuple[str, ...])


def new_key() -> tuple[str, str]:
    """A key to show once, and the hash to keep."""
    body = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM))
    shown = body + _check(body)
    return shown, hash_of(shown)


def hash_of(shown: str) -> str:
    """SHA-256 in hex. The key is random through and through, so no slow hash is needed."""
    return hashlib.sha256(shown.encode()).hexdigest()


def well_formed(shown: str) -> bool:
    """Whether it could be one of our keys: shape and checksum."""
    return bool(_SHAPE.fullmatch(shown)) and shown[-CHECK:] == _check(shown[:-CHECK])


def _check(body: str) -> str:
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECK):
        rest, digit = divmod(rest, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


class _Found(NamedTuple):
    principal: Principal | None
    expires_at: datetime | None


class KeyRing:
    """Keys as the read database has them."""

    def __init__(
        self, engine: AsyncEngine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._source, self._clock = source(engine), clock
        self._asked = self._source.prepare(_LOOK_UP)
        self._lookups = Lookups(self._looked_up)

    async def authenticate(self, shown: str) -> Principal | None:
        """The key's holder; None if it is unknown, expired or revoked.

        Raises StoreUnavailable.
        """
        hashed = hash_of(shown)
        found = self._lookups.known(hashed)
        if found is None:
            if not well_formed(shown):
                return None
            found = await self._lookups.find(hashed)
        if found.expires_at is not None and found.expires_at <= self._clock():
            return None
        return found.principal

    async def _looked_up(self, hashed: str) -> _Found:
        try:
            (rows,) = await self._source.ask((self._asked, {"hashed": hashed}))
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable("keys cannot be looked up") from error
        if not rows:
            return _Found(None, None)
        workspace_id, key_id, scopes, expires_at, time_zone, country = rows[0]
        granted = _scopes.decode(scopes or "[]")
        principal = Principal(
            workspace_id=UUID(bytes=workspace_id),
            key_id=UUID(bytes=key_id),
            scopes=granted,
            permissions=permissions_of(granted),
            time_zone=time_zone or "UTC",
            country=country or "ID",
        )
        return _Found(principal, expires_at and expires_at.replace(tzinfo=UTC))


_LOOK_UP: Final = (
    select(
        api_keys.c.workspace_id,
        api_keys.c.key_id,
        api_keys.c.scopes,
        api_keys.c.expires_at,
        workspaces.c.time_zone,
        workspaces.c.country,
    )
    .join(workspaces, workspaces.c.workspace_id == api_keys.c.workspace_id)
    .where(api_keys.c.secret_hash == bindparam("hashed"), api_keys.c.revoked_at.is_(None))
)
