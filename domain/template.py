"""A template is a message text that the provider must approve before it may be sent.

Submitted -> approved | rejected; approved <-> paused; disabled is the end. Its id is derived from
number, name and language, which together exist once. A rejected one may be submitted again.
"""

from typing import Literal
from uuid import UUID

from domain.kernel import Command, Event

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
    template_id: UUID


class TemplateRejected(Event):
    template_id: UUID
    reason: str


class TemplatePaused(Event):
    template_id: UUID
    reason: str


class TemplateDisabled(Event):
    template_id: UUID
    reason: str


TemplateEvent = (
    TemplateSubmitted
    | TemplateRegistered
    | TemplateApproved
    | TemplateRejected
    | TemplatePaused
    | TemplateDisabled
)


class SubmitTemplate(Command):
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


class RegisterTemplate(Command):
    template_id: UUID
    provider_template_id: str


class ApproveTemplate(Command):
    template_id: UUID


class RejectTemplate(Command):
    template_id: UUID
    reason: str


class PauseTemplate(Command):
    template_id: UUID
    reason: str


class DisableTemplate(Command):
    template_id: UUID
    reason: str


TemplateCommand = (
    SubmitTemplate
    | RegisterTemplate
    | ApproveTemplate
    | RejectTemplate
    | PauseTemplate
    | DisableTemplate
)
