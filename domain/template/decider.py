"""The rules of a template. What the provider decides about it is taken as it comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.kernel import Decider, Rejected
from domain.refusals import exists, not_found, wrong_state
from domain.template.commands import (
    ApproveTemplate,
    DisableTemplate,
    PauseTemplate,
    RegisterTemplate,
    RejectTemplate,
    ReportTemplate,
    SubmitTemplate,
    TemplateCommand,
)
from domain.template.contents import submission
from domain.template.events import (
    TemplateApproved,
    TemplateDisabled,
    TemplateEvent,
    TemplatePaused,
    TemplateRegistered,
    TemplateRejected,
)
from domain.template.reports import report
from domain.template.state import Template, evolve


def decide(template: Template, command: TemplateCommand, now: datetime) -> Sequence[TemplateEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of a template depends on the time
    if isinstance(command, SubmitTemplate):
        return _submit(template, command)
    if template.status == "absent":
        raise not_found("template", command.template_id)
    match command:
        case RegisterTemplate():
            return _register(template, command)
        case ApproveTemplate():
            return _approve(template, command)
        case RejectTemplate() | PauseTemplate() | DisableTemplate():
            return _withdraw(template, command)
        case ReportTemplate():
            return report(template, command)
        case _:
            assert_never(command)


def _submit(template: Template, command: SubmitTemplate) -> Sequence[TemplateEvent]:
    submitted = submission(command)
    if template.status in {"absent", "rejected"}:
        return [submitted]
    if template.status == "disabled":
        raise wrong_state("template", template.status, "be submitted", "rejected, or not there yet")
    if submitted != template.submitted:
        advice = "take another name or language for another text"
        raise exists("template", command.template_id, advice)
    return []


def _register(template: Template, command: RegisterTemplate) -> Sequence[TemplateEvent]:
    if template.provider_template_id == command.provider_template_id:
        return []
    if template.provider_template_id:
        raise Rejected(
            "template_registered",
            f"the template is registered as {template.provider_template_id} already, "
            f"so it cannot be {command.provider_template_id}",
        )
    return [
        TemplateRegistered(
            workspace_id=command.workspace_id,
            template_id=command.template_id,
            provider_template_id=command.provider_template_id,
        )
    ]


def _approve(template: Template, command: ApproveTemplate) -> Sequence[TemplateEvent]:
    if template.status == "approved":
        return []
    if template.status == "disabled":
        raise wrong_state("template", template.status, "be approved", "anything but disabled")
    return [
        TemplateApproved(
            workspace_id=command.workspace_id,
            template_id=command.template_id,
            was=template.status,
        )
    ]


def _withdraw(
    template: Template, command: RejectTemplate | PauseTemplate | DisableTemplate
) -> Sequence[TemplateEvent]:
    fact: type[TemplateRejected | TemplatePaused | TemplateDisabled]
    match command:
        case RejectTemplate():
            fact, already, wanted = TemplateRejected, "rejected", "be rejected"
            possible = ["submitted", "approved", "paused"]
        case PauseTemplate():
            fact, already, wanted = TemplatePaused, "paused", "be paused"
            possible = ["approved"]
        case DisableTemplate():
            fact, already, wanted = TemplateDisabled, "disabled", "be disabled"
            possible = ["submitted", "approved", "rejected", "paused"]
        case _:
            assert_never(command)
    if template.status == already:
        return []
    if template.status not in possible:
        raise wrong_state("template", template.status, wanted, " or ".join(possible))
    return [
        fact(
            workspace_id=command.workspace_id,
            template_id=command.template_id,
            reason=command.reason,
            was=template.status,
        )
    ]


template: Decider[Template, TemplateCommand, TemplateEvent] = Decider(
    "template", Template(), decide, evolve
)
