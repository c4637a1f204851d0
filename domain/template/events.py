"""What can become of a template."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from domain.kernel import Event, personal

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


class TemplateReported(Event):
    """The provider told something of it; `details` is all of the report.

    `field` and `event` are its own words for what it is about, `at` is when it sent that.
    """

    template_id: UUID
    report_id: str
    field: str
    event: str
    details: Annotated[dict[str, Any], personal]
    at: datetime | None = None


class TemplateQualityChanged(Event):
    template_id: UUID
    quality: str
    was: str


class TemplateCategoryChanged(Event):
    """The provider bills it as this from now on, whatever it was submitted as."""

    template_id: UUID
    category: str
    was: str


TemplateEvent = (
    TemplateSubmitted
    | TemplateRegistered
    | TemplateApproved
    | TemplateRejected
    | TemplatePaused
    | TemplateDisabled
    | TemplateReported
    | TemplateQualityChanged
    | TemplateCategoryChanged
)
