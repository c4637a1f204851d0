"""What a message's fact changes in counts, and when it happened: said once for all read models."""

from collections.abc import Mapping
from datetime import datetime

from domain.kernel import Recorded
from domain.message import (
    AboutMessage,
    MessageDelivered,
    MessageFailed,
    MessagePlayed,
    MessageRead,
    MessageSent,
)

Report = MessageSent | MessageDelivered | MessageRead | MessagePlayed | MessageFailed
"""What the provider reports later; its instant is the provider's."""
_REPORTS = (MessageSent, MessageDelivered, MessageRead, MessagePlayed, MessageFailed)


def changes(event: AboutMessage, columns: Mapping[str, str]) -> dict[str, int]:
    """Column -> +1 or -1, for the stages that have a column."""
    counts = {columns[stage]: 1 for stage in event.newly if stage in columns}
    counts |= {columns[stage]: -1 for stage in event.no_longer if stage in columns}
    return counts


def happened_at(event: AboutMessage, recorded: Recorded) -> datetime:
    """The instant of the fact itself."""
    return event.at if isinstance(event, _REPORTS) else recorded.recorded_at
