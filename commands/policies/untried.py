"""The stream of a message that waits for its first attempt, made of its place in the queue.

It holds one fact, and the queue has all that this says. Should there be more by now, the attempt
meets a conflict and the stream is read.
"""

from typing import Final
from uuid import UUID

import msgspec

from commands.policies.claim import Claim
from commands.stream import Stream
from domain.message import Content, Message
from projections.queue import NO_CAMPAIGN

QUEUED: Final = frozenset({"queued"})

_contents = msgspec.json.Decoder(Content)


def is_first(claim: Claim) -> bool:
    """Whether the queue knows its stream: nothing but the first fact, with the month it says."""
    return claim.attempt == 1 and claim.month is not None


def untried(claim: Claim, account_id: UUID, content: Content) -> Stream:
    """As it stands after that fact; the content is the claim's own."""
    state = Message(
        phase="queued",
        marks=QUEUED,
        campaign_id=None if claim.campaign_id == NO_CAMPAIGN else claim.campaign_id,
        contact_id=claim.contact_id,
        account_id=account_id,
        to=claim.to,
        content=content,
        month=claim.month or 0,
    )
    stream = Stream(())
    stream.advance(state, 1, claim.workspace_id)
    stream.position = claim.queued_position
    return stream


def content_of(claim: Claim) -> Content:
    return _contents.decode(claim.content)
