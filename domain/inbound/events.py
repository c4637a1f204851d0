"""What can become of a message that came in, or that was sent from the phone itself."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from domain.kernel import Event, PersonalText, personal

InboundKind = Literal[
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "button",
    "interactive",
    "order",
    "system",
    "unsupported",
]

Object = Annotated[dict[str, Any], personal]
"""A JSON object as the provider gave it; it may say anything about a person."""


class Media(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file at the provider. `media_id` or `url` fetches it; SHA-256 as the provider writes it."""

    media_id: str = ""
    url: PersonalText = ""
    mime_type: str = ""
    sha256: str = ""
    filename: PersonalText = ""
    voice: bool = False
    animated: bool = False


class Received(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a message holds. `text` is what its reader sees: body, caption, title of a button.

    `details` is all of it as the provider gave it, so that nothing it said is lost: the object of
    its type, and beside it context, referral and errors, each under its own name.
    """

    kind: InboundKind
    text: PersonalText = ""
    media: Media | None = None
    details: Object = {}
    answers: str = ""
    """The provider's id of the message it quotes."""
    payload: str = ""
    """What a button or a list row carries for machines."""


class AboutInbound(Event):
    """Said by every fact of one. `provider_id` is the provider's name of the message (wamid).

    An edit or a revocation may be heard of before the message itself, or without it.
    """

    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    provider_id: str


class InboundReceived(AboutInbound, kw_only=True):
    """`echo`: the company wrote it from its phone. `at` is the provider's, in whole seconds."""

    at: datetime
    content: Received
    sender: Object
    """What the provider said of the person: name, username, wa_id, user_id."""
    echo: bool = False


class InboundEdited(AboutInbound, kw_only=True):
    """Its contents are these from now on; of several edits the one said last (`at`) is shown.

    `superseded`: a later edit was heard of before this one, so this one is never shown.
    """

    at: datetime
    content: Received
    edit_id: str
    sender: Object
    echo: bool = False
    superseded: bool = False


class InboundRevoked(AboutInbound, kw_only=True):
    """Whoever wrote it took it back. What it said stays on record and is not shown any more."""

    at: datetime
    revoke_id: str
    sender: Object
    echo: bool = False


class InboundReacted(AboutInbound, kw_only=True):
    """A reaction, whose stream is that of (target, who reacts). No emoji: taken back.

    `message_id` is the reaction's own stream. The last one said (`at`, then `provider_id`) counts;
    one that comes late is no fact.
    """

    at: datetime
    target_id: UUID
    target_provider_id: str
    emoji: PersonalText = ""
    sender: Object
    echo: bool = False


InboundEvent = InboundReceived | InboundEdited | InboundRevoked | InboundReacted
