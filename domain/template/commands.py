"""What may be asked of a template."""

from uuid import UUID

from domain.kernel import Command
from domain.template.events import Category, HeaderKind


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
