"""Messages of customers of which it is not decided yet whether something answers them."""

from sqlalchemy import Index

from domain.consideration import InboundConsidered
from domain.conversation import CustomerWrote
from domain.kernel import Recorded
from projections.columns import big, instant, key, link, number, read_model
from projections.projection import Projection
from projections.rows import Row, drop, put

considerations = read_model(
    "considerations",
    key("workspace_id"),
    key("message_id"),
    link("conversation_id"),
    link("contact_id"),
    link("account_id"),
    instant("at"),
    # The how many-eth message of the customer it is.
    number("nth"),
    big("position"),
    Index("ix_considerations_position", "position"),
)

projection = Projection("considerations", considerations)


@projection.on
def written(event: CustomerWrote, recorded: Recorded) -> Row:
    return put(
        considerations,
        workspace_id=event.workspace_id,
        message_id=event.message_id,
        conversation_id=event.conversation_id,
        contact_id=event.contact_id,
        account_id=event.account_id,
        at=event.at,
        nth=event.inbound,
        position=recorded.position,
    )


@projection.on
def considered(event: InboundConsidered, recorded: Recorded) -> Row:
    del recorded
    return drop(considerations, workspace_id=event.workspace_id, message_id=event.message_id)
