"""What may be asked of a message that came in: each report of the provider is one of these."""

from datetime import datetime
from uuid import UUID

from domain.inbound.events import Object, Received
from domain.kernel import Command


class InboundReport(Command):
    """Whose message it is. `provider_id` is the provider's name of the message (wamid).

    `sender` is what the provider said of the person who did this.
    """

    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    provider_id: str
    at: datetime
    sender: Object


class ReceiveMessage(InboundReport):
    """`echo`: the company wrote it from its phone."""

    content: Received
    echo: bool = False


class EditMessage(InboundReport):
    """`edit_id` is the provider's id of the edit itself: the same one counts once."""

    content: Received
    edit_id: str
    echo: bool = False


class RevokeMessage(InboundReport):
    revoke_id: str
    echo: bool = False


class ReactToMessage(InboundReport):
    """For the reaction's own stream; `provider_id` names this reaction. No emoji: taken back."""

    target_id: UUID
    target_provider_id: str
    emoji: str = ""
    echo: bool = False


InboundCommand = ReceiveMessage | EditMessage | RevokeMessage | ReactToMessage
