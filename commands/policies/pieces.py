"""A piece of a campaign's audience, and the messages it becomes."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from commands.execute import Ask
from commands.policies.addressed import Work, addressed
from commands.policies.recipients import Recipient, chunk
from commands.policies.rendering import Shape
from domain.campaign import QueueAudience, campaign
from domain.message import QueueMessage

CHUNK: Final = 500


class Piece(NamedTuple):
    """The next chunk of a campaign's audience."""

    work: Work
    shape: Shape
    found: Sequence[Recipient]
    through: UUID | None
    last: bool


def behind(
    connection: Connection, work: Work, size: int
) -> tuple[list[Recipient], UUID | None, bool]:
    """The next chunk with anybody in it; chunks of people who had gone before are passed over."""
    through, last, found = work.through, False, list[Recipient]()
    while not found and not last:
        found, through, last = chunk(
            connection, work.workspace_id, work.plan.audience, work.position, through, size
        )
        size = CHUNK
    return found, through, last


def asks_of(piece: Piece) -> list[Ask]:
    work = piece.work
    asks = [addressed(work, piece.shape, recipient) for recipient in piece.found]
    queued = sum(isinstance(ask.command, QueueMessage) for ask in asks)
    command = QueueAudience(
        workspace_id=work.workspace_id,
        campaign_id=work.campaign_id,
        chunk=work.next_chunk,
        queued=queued,
        suppressed=len(asks) - queued,
        through=piece.through,
        last=piece.last,
    )
    # The chunk comes last: nobody shall see it done before its messages are there.
    return [*asks, Ask(campaign, work.campaign_id, command)]
