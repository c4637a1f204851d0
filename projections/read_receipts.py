"""What customers are to be told: for each conversation the last message that a user has read.

A row stays when it was told, and is looked at for some minutes only.
"""

from sqlalchemy import Index

from domain.conversation import ConversationReadBy
from domain.kernel import Recorded
from projections.columns import instant, key, link, read_model
from projections.projection import Projection
from projections.rows import Row, put

read_receipts = read_model(
    "read_receipts",
    key("workspace_id"),
    key("conversation_id"),
    link("account_id"),
    link("message_id"),
    instant("asked_at"),
    Index("ix_read_receipts_asked", "asked_at"),
)

projection = Projection("read_receipts", read_receipts)


@projection.on
def read_by(event: ConversationReadBy, recorded: Recorded) -> list[Row]:
    """Telling of a message tells of all before it, so the last one is enough."""
    if event.message_id is None:
        return []
    told = put(
        read_receipts,
        workspace_id=event.workspace_id,
        conversation_id=event.conversation_id,
        account_id=event.account_id,
        message_id=event.message_id,
        asked_at=recorded.recorded_at,
    )
    return [told]
