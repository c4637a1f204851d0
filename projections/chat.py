"""What the read models of conversations have in common: places, media, whose a message is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from domain.ids import conversation_id
from domain.kernel import Event
from domain.message import AboutMessage
from projections.columns import canonical

PLACE_LENGTH: Final = 28
NOBODY: Final = UUID(int=0)
"""In keys, where no user or no team is meant."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = 16**14 - 1


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return max(0, (at - _EPOCH) // _MICROSECOND)


def place(at: datetime, position: int) -> str:
    """Sorts as what happened does: by its instant, and within it by when it was heard of."""
    return f"{min(microseconds(at), _LATEST):014x}{position:014x}"


def conversation_of(event: AboutMessage) -> UUID:
    """Whose a message outside campaigns is."""
    return conversation_id(event.account_id, event.contact_id)


def whose(event: Event) -> dict[str, UUID]:
    """The columns by which everything of a conversation is found and shared."""
    told: Any = event
    return {
        "conversation_id": told.conversation_id,
        "contact_id": told.contact_id,
        "account_id": told.account_id,
    }


def json_or_none(value: msgspec.Struct | Mapping[str, Any] | None) -> str | None:
    """The JSON text of an object; nothing of nothing."""
    return canonical(value) if value else None
