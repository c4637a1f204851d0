"""What may be asked of a template."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel import Command
from domain.template.events import Category, HeaderKind


class SubmitTemplate(Command):
    """`takes_links`: whether files may be named by a link on its number."""

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
    takes_links: bool = True


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


class ReportTemplate(Command):
    """`report_id` is the same each time the report comes."""

    template_id: UUID
    report_id: str
    field: str
    event: str
    details: dict[str, Any]
    reason: str = ""
    at: datetime | None = None


TemplateCommand = (
    SubmitTemplate
    | RegisterTemplate
    | ApproveTemplate
    | RejectTemplate
    | PauseTemplate
    | DisableTemplate
    | ReportTemplate
)
