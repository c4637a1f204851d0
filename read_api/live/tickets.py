"""Tickets for those who cannot send a header: shown once, good for half a minute, used once.

They are rows, so that whichever process is asked next knows them, and knows that they were used.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.access import Principal
from projections.streams import stream_tickets

PREFIX: Final = "tkt_"
GOOD_FOR: Final = timedelta(seconds=30)

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Principal)


class Tickets:
    """Writes beside the read models: nothing of it is a fact."""

    def __init__(
        self, engine: AsyncEngine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._clock = engine, clock

    async def issue(self, principal: Principal) -> tuple[str, datetime]:
        """A ticket that stands for them, and until when."""
        shown, until = PREFIX + secrets.token_urlsafe(32), self._clock() + GOOD_FOR
        row = {
            "ticket_id": _hash(shown),
            "principal": _encoder.encode(principal).decode(),
            "expires_at": until,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(stream_tickets), row)
        return shown, until

    async def redeem(self, shown: str) -> Principal | None:
        """Whom it stood for; None if it is none, was used already or is too old."""
        mine = stream_tickets.c.ticket_id == _hash(shown)
        async with self._engine.begin() as connection:
            asked = select(stream_tickets.c.principal, stream_tickets.c.expires_at).where(mine)
            found = (await connection.execute(asked)).one_or_none()
            if found is None:
                return None
            gone = await connection.execute(delete(stream_tickets).where(mine))
        if gone.rowcount != 1 or found.expires_at <= self._clock():
            return None
        return _decoder.decode(found.principal)


def _hash(shown: str) -> UUID:
    """Half a SHA-256 is plenty for something random that lives for seconds."""
    return UUID(bytes=hashlib.sha256(shown.encode()).digest()[:16])
