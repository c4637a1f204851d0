"""What can become of a template."""

from typing import Literal
from uuid import UUID

from domain.kernel import Event

Category = Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
HeaderKind = Literal["", "text", "image", "video", "document"]


class TemplateSubmitted(Event):
    """`variables` are the placeholders of header and body in order: names, or "1", "2", …"""

    template_id: UUID
    account_id: UUID
    name: str
    language: str
    category: Category
    body: str
    header_kind: HeaderKind = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


class TemplateRegistered(Event):
    """The provider took it for review under its own id. Does not mean approved."""

    template_id: UUID
    provider_template_id: str


class TemplateApproved(Event):
    """`was`, here and in the next three, is the state it left."""

    template_id: UUID
    was: str = ""


class TemplateRejected(Event):
    template_id: UUID
    reason: str
    was: str = ""


class TemplatePaused(Event):
    template_id: UUID
    reason: str
    was: str = ""


class TemplateDisabled(Event):
    template_id: UUID
    reason: str
    was: str = ""


TemplateEvent = (
    TemplateSubmitted
    | TemplateRegistered
    | TemplateApproved
    | TemplateRejected
    | TemplatePaused
    | TemplateDisabled
)
