"""What the provider tells of a template; a report is always a fact, and changes what it may."""

from collections.abc import Sequence
from typing import Final

from domain.template.commands import ReportTemplate
from domain.template.events import (
    TemplateApproved,
    TemplateCategoryChanged,
    TemplateDisabled,
    TemplateEvent,
    TemplatePaused,
    TemplateQualityChanged,
    TemplateRejected,
    TemplateReported,
)
from domain.template.state import Template

APPROVES: Final = frozenset({"APPROVED", "REINSTATED", "UNARCHIVED", "UNLOCKED"})
PAUSES: Final = frozenset({"PAUSED", "ARCHIVED", "LOCKED"})
REJECTS: Final = frozenset({"REJECTED", "DELETED"})
"""One that was deleted at the provider may be submitted again, like a rejected one."""


def report(template: Template, command: ReportTemplate) -> Sequence[TemplateEvent]:
    """The same report counts once."""
    if command.report_id in template.reports:
        return []
    told = TemplateReported(
        workspace_id=command.workspace_id,
        template_id=command.template_id,
        report_id=command.report_id,
        field=command.field,
        event=command.event,
        details=command.details,
        at=command.at,
    )
    match command.field:
        case "message_template_status_update":
            return [told, *_reviewed(template, command)]
        case "message_template_quality_update":
            return [told, *_rated(template, command)]
        case "template_category_update":
            return [told, *_filed(template, command)]
    return [told]


def _reviewed(template: Template, command: ReportTemplate) -> Sequence[TemplateEvent]:
    about = {"workspace_id": command.workspace_id, "template_id": command.template_id}
    newest = template.reported_at
    if newest is not None and command.at is not None and command.at < newest:
        return []
    status, event, was = template.status, command.event, template.status
    reason = command.reason or ("" if event in {"PAUSED", "REJECTED", "DISABLED"} else event)
    if event in APPROVES and status not in {"approved", "disabled"}:
        return [TemplateApproved(**about, was=was)]
    if event in REJECTS and status in {"submitted", "approved", "paused"}:
        return [TemplateRejected(**about, reason=reason, was=was)]
    if event in PAUSES and status == "approved":
        return [TemplatePaused(**about, reason=reason, was=was)]
    if event == "DISABLED" and status != "disabled":
        return [TemplateDisabled(**about, reason=reason, was=was)]
    return []


def _rated(template: Template, command: ReportTemplate) -> Sequence[TemplateEvent]:
    if template.quality == command.event:
        return []
    return [
        TemplateQualityChanged(
            workspace_id=command.workspace_id,
            template_id=command.template_id,
            quality=command.event,
            was=template.quality,
        )
    ]


def _filed(template: Template, command: ReportTemplate) -> Sequence[TemplateEvent]:
    if template.category == command.event:
        return []
    return [
        TemplateCategoryChanged(
            workspace_id=command.workspace_id,
            template_id=command.template_id,
            category=command.event,
            was=template.category,
        )
    ]
