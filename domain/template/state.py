"""What is known of one template."""

from datetime import datetime
from typing import Final, Literal, assert_never

import msgspec
from msgspec.structs import replace

from domain.template.events import (
    TemplateApproved,
    TemplateCategoryChanged,
    TemplateDisabled,
    TemplateEvent,
    TemplatePaused,
    TemplateQualityChanged,
    TemplateRegistered,
    TemplateRejected,
    TemplateReported,
    TemplateSubmitted,
)

STATUS_FIELD: Final = "message_template_status_update"
REMEMBERED: Final = 100
"""So many reports are known again; a provider repeats them for some days at most."""


class Template(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["absent", "submitted", "approved", "rejected", "paused", "disabled"] = "absent"
    submitted: TemplateSubmitted | None = None
    provider_template_id: str = ""
    quality: str = ""
    category: str = ""
    """What it is billed as."""
    reports: tuple[str, ...] = ()
    """The last ones, by id."""
    reported_at: datetime | None = None
    """Of the newest report on its status."""


def evolve(template: Template, event: TemplateEvent) -> Template:
    """The template after that fact."""
    match event:
        case TemplateSubmitted():
            return Template(
                status="submitted",
                submitted=event,
                category=event.category,
                reports=template.reports,
                reported_at=template.reported_at,
            )
        case TemplateRegistered():
            return replace(template, provider_template_id=event.provider_template_id)
        case TemplateApproved():
            return replace(template, status="approved")
        case TemplateRejected():
            return replace(template, status="rejected")
        case TemplatePaused():
            return replace(template, status="paused")
        case TemplateDisabled():
            return replace(template, status="disabled")
        case TemplateReported():
            return _reported(template, event)
        case TemplateQualityChanged():
            return replace(template, quality=event.quality)
        case TemplateCategoryChanged():
            return replace(template, category=event.category)
        case _:
            assert_never(event)


def _reported(template: Template, event: TemplateReported) -> Template:
    reports = (*template.reports, event.report_id)[-REMEMBERED:]
    newest = template.reported_at
    if event.field == STATUS_FIELD and event.at is not None:
        newest = event.at if newest is None else max(newest, event.at)
    return replace(template, reports=reports, reported_at=newest)
