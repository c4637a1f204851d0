"""The rules of a message that came in: every report counts once, and their order does not matter.

The provider reports what it likes, when it likes. Nothing of it is refused but a time that is none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

from domain.inbound.commands import (
    EditMessage,
    InboundCommand,
    ReactToMessage,
    ReceiveMessage,
    RevokeMessage,
)
from domain.inbound.events import (
    InboundEdited,
    InboundEvent,
    InboundReacted,
    InboundReceived,
    InboundRevoked,
    Object,
)
from domain.inbound.state import Inbound, evolve
from domain.kernel import Decider
from domain.refusals import provider_instant


class About(TypedDict):
    workspace_id: UUID
    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    provider_id: str
    at: datetime
    sender: Object
    echo: bool


def decide(inbound: Inbound, command: InboundCommand, now: datetime) -> Sequence[InboundEvent]:
    """What follows from the report; nothing from a repetition."""
    del now  # the provider says when
    about = _about(command)
    match command:
        case ReceiveMessage():
            if inbound.received is not None:
                return []
            return [InboundReceived(**about, content=command.content)]
        case EditMessage():
            return _edit(inbound, command, about)
        case RevokeMessage():
            return [] if inbound.revoked else [InboundRevoked(**about, revoke_id=command.revoke_id)]
        case ReactToMessage():
            return _react(inbound, command, about)
        case _:
            assert_never(command)


def _about(command: InboundCommand) -> About:
    return About(
        workspace_id=command.workspace_id,
        message_id=command.message_id,
        conversation_id=command.conversation_id,
        contact_id=command.contact_id,
        account_id=command.account_id,
        provider_id=command.provider_id,
        at=provider_instant(command.at),
        sender=command.sender,
        echo=command.echo,
    )


def _edit(inbound: Inbound, command: EditMessage, about: About) -> Sequence[InboundEvent]:
    """One that comes late is kept for the record."""
    if command.edit_id in inbound.edits:
        return []
    place = (about["at"], command.edit_id)
    superseded = inbound.edited_at is not None and place < inbound.edited_at
    return [
        InboundEdited(
            **about, content=command.content, edit_id=command.edit_id, superseded=superseded
        )
    ]


def _react(inbound: Inbound, command: ReactToMessage, about: About) -> Sequence[InboundEvent]:
    """People change their reaction, so the last one said is all there is."""
    place = (about["at"], command.provider_id, command.emoji)
    if inbound.reacted_at is not None and place <= inbound.reacted_at:
        return []
    return [
        InboundReacted(
            **about,
            target_id=command.target_id,
            target_provider_id=command.target_provider_id,
            emoji=command.emoji,
        )
    ]


inbound: Decider[Inbound, InboundCommand, InboundEvent] = Decider(
    "inbound", Inbound(), decide, evolve
)
